#pragma once
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "bus/callback_gate.hpp"
#include "bus/worker.hpp"

namespace isobar::bus {

/// The entries waiting for one watcher. Keeps every change up to a bound; beyond it only the newest of each key.
class local_watch : public std::enable_shared_from_this<local_watch> {
 public:
  local_watch(std::string pattern, std::function<void(const kv_entry&)> on_entry, std::shared_ptr<worker> on)
      : pattern_(std::move(pattern)), on_entry_(std::move(on_entry)), worker_(std::move(on)) {}
  bool wants(std::string_view key) const { return matches(pattern_, key); }
  void push(kv_entry entry);
  void close() { gate_.close(); }

 private:
  void deliver();

  const std::string pattern_;
  const std::function<void(const kv_entry&)> on_entry_;
  const std::shared_ptr<worker> worker_;
  callback_gate gate_;
  std::mutex mutex_;
  std::deque<kv_entry> waiting_;
  bool scheduled_ = false;
};

/// A bucket in memory, with the revisions and refusals of a JetStream one.
class local_bucket : public kv_bucket, public std::enable_shared_from_this<local_bucket> {
 public:
  local_bucket(kv_options options, std::size_t max_value, std::shared_ptr<worker> on)
      : options_(options), max_value_(max_value), worker_(std::move(on)) {}

  result<kv_entry> get(std::string_view key) override;
  result<std::uint64_t> put(std::string_view key, std::string_view value) override;
  result<std::uint64_t> create(std::string_view key, std::string_view value) override;
  result<std::uint64_t> update(std::string_view key, std::string_view value, std::uint64_t revision) override;
  result<void> remove(std::string_view key) override;
  result<std::vector<kv_entry>> history(std::string_view key) override;
  result<std::vector<std::string>> keys() override;
  result<std::unique_ptr<kv_watch>> watch(std::string_view pattern,
                                          std::function<void(const kv_entry&)> on_entry) override;
  result<stream_state> state() override;
  /// Refuses everything after and ends every watch.
  void close();

 private:
  result<void> check(std::string_view key) const;
  const kv_entry* latest(std::string_view key) const;
  result<std::uint64_t> write(std::string_view key, std::string_view value, bool deleted);

  const kv_options options_;
  const std::size_t max_value_;
  const std::shared_ptr<worker> worker_;
  std::mutex mutex_;
  std::map<std::string, std::deque<kv_entry>, std::less<>> entries_;
  std::vector<std::weak_ptr<local_watch>> watches_;
  std::uint64_t revision_ = 0;
  std::int64_t bytes_ = 0;
  bool closed_ = false;
};

}  // namespace isobar::bus
