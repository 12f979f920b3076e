#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/symbol.hpp"
#include "core/types.hpp"
#include "isobar/epoch/v1/epoch.pb.h"

namespace isobar::epoch_manager {

using epoch_message = std::shared_ptr<const epoch::v1::Epoch>;

/// Newest epochs of every symbol, as queries see them. Written by the workers, read by gRPC threads; thread-safe.
/// Holds `epochs_kept` of each symbol; older ones are in the KV bucket only.
class epoch_history {
 public:
  static constexpr std::size_t epochs_kept = 256;

  struct status {
    bool dormant = false;
    timestamp watermark = start_of_time;
  };

  explicit epoch_history(const std::vector<symbol>& symbols) {
    for (const auto& s : symbols) rows_[s];
  }
  /// Stores or replaces the epoch; `active` makes it the one in force.
  void put(const symbol& s, epoch_message message, bool active);
  void set_status(const symbol& s, status now);

  bool knows(const symbol& s) const { return rows_.contains(s); }
  /// 0: the active one. Null when there is none.
  epoch_message find(const symbol& s, std::uint64_t id) const;
  status status_of(const symbol& s) const;
  /// Newest first, at most `most`, only ids below `before` (0: all).
  std::vector<epoch_message> list(const symbol& s, std::size_t most, std::uint64_t before) const;

 private:
  struct entry {
    std::map<std::uint64_t, epoch_message> epochs;
    std::uint64_t active = 0;
    epoch_history::status status;
  };
  mutable std::mutex mutex_;
  std::map<symbol, entry> rows_;  ///< keys are fixed at construction
};

}  // namespace isobar::epoch_manager
