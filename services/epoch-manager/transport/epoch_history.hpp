#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/types.hpp"
#include "isobar/epoch/v1/epoch.pb.h"
#include "service/query_result.hpp"

namespace isobar::epoch_manager {

using epoch_message = std::shared_ptr<const epoch::v1::Epoch>;

/// Newest epochs of one symbol, as queries see them. Written by its worker, read by gRPC threads; thread-safe.
/// Holds `epochs_kept`; older ones are in the KV bucket only.
class epoch_history {
 public:
  static constexpr std::size_t epochs_kept = 256;

  struct status {
    bool dormant = false;
    timestamp watermark = start_of_time;
  };

  /// Stores or replaces the epoch; `active` makes it the one in force.
  void put(epoch_message message, bool active);
  void set_status(status now);

  /// 0: the active one. Null when there is none.
  epoch_message find(std::uint64_t id) const;
  status get_status() const;
  /// Newest first, at most `most`, only ids below `before` (0: all).
  std::vector<epoch_message> list(std::size_t most, std::uint64_t before) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, epoch_message> epochs_;
  std::uint64_t active_ = 0;
  status status_;
};
using epoch_histories = service::stores_by_symbol<epoch_history>;

}  // namespace isobar::epoch_manager
