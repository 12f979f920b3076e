#pragma once
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/actors.hpp"
#include "bus/bus.hpp"
#include "core/symbol.hpp"
#include "telemetry/log.hpp"
#include "wire/epoch_codec.hpp"

namespace isobar::epoch_manager {

/// Everything KV holds of one symbol that a worker needs to go on. Answer to load_epochs.
struct loaded_epochs {
  std::vector<wire::framed<wire::epoch_record>> epochs;  ///< ascending by id, at most epochs_loaded_max
  std::uint64_t active = 0;                              ///< id of the one in force; 0: none
};
/// Reads the bucket, as often as it takes, and answers `to`.
struct load_epochs {
  isobar::symbol symbol;
  actors::ref to;
};
/// Writes one key; an older value for it that is still waiting is replaced.
struct store_value {
  std::string key;
  std::shared_ptr<const std::string> value;  ///< null: remove
};
struct retry_store {};
struct check_store {};

/// The one actor that touches the KV bucket "epochs": it may block, so it has a thread of its own. What cannot be
/// written now is tried again every second; the newest value of at most `waiting_max` keys waits. When the bucket is
/// found to have lost what it held, the values that are remembered are written again: of each key that says which epoch
/// is active, and of the `remembered_max` keys written last.
class epoch_store {
 public:
  using messages = actors::message_list<load_epochs, store_value, retry_store, check_store>;
  static constexpr std::size_t waiting_max = 4096;
  static constexpr std::size_t remembered_max = 16;
  static constexpr std::chrono::seconds check_every{1};
  static constexpr std::uint64_t epochs_loaded_max = 256;

  epoch_store(std::shared_ptr<bus::bus> on, std::string venue) : bus_(std::move(on)), venue_(std::move(venue)) {}
  void on(actors::context& self, const load_epochs& m);
  void on(actors::context& self, const store_value& m);
  void on(actors::context& self, const retry_store&);
  void on(actors::context& self, const check_store&);

 private:
  using stored = std::shared_ptr<const std::string>;
  void remember(const std::string& key, const stored& v);
  bool open();
  bool write(const std::string& key, const std::shared_ptr<const std::string>& value);
  result<loaded_epochs, bus::errc> load(const symbol& s);
  void retry_later(actors::context& self);

  std::shared_ptr<bus::bus> bus_;
  std::string venue_;
  std::shared_ptr<bus::kv_bucket> bucket_;
  std::map<std::string, std::shared_ptr<const std::string>> waiting_;
  std::vector<load_epochs> loads_;
  std::map<std::string, stored> active_;               ///< remembered: keys of active epochs
  std::deque<std::pair<std::string, stored>> newest_;  ///< remembered: other keys, oldest first
  std::uint64_t losses_ = 0;                           ///< of the bucket, that were made good
  bool retrying_ = false, checking_ = false;
  telemetry::logger log_{"epoch-manager"};
};

}  // namespace isobar::epoch_manager
