#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "heatmap-builder/domain/snapshot.hpp"
#include "market/model_rows.hpp"

namespace isobar::heatmap_builder {

struct history_limits {
  std::size_t bytes_max = 64u << 20;   ///< of what the history alone keeps alive
  duration_ns age_max = seconds(600);  ///< event time before the newest window
  std::uint32_t keyframe_every = 64;   ///< deltas of a plane between two keyframes
};

/// Past windows of one symbol: per plane a keyframe of its quotes every N changes and the changed rows between. Any
/// kept window is rebuilt exactly. Bounded by bytes and by event time; the newest window is always kept.
class history {
 public:
  history(history_limits limits, duration_ns stale_after) : limits_(limits), stale_after_(stale_after) {}

  /// Keeps a window: its snapshot and the rows it was made from.
  void append(const std::shared_ptr<const surface_snapshot>& now, const market::heatmap_rows& rows);
  /// Newest kept window that ends at or before `t`; nothing when that is before the history.
  std::shared_ptr<const surface_snapshot> as_of(timestamp t) const;
  /// The window of that revision; nothing when it is not kept.
  std::shared_ptr<const surface_snapshot> at_revision(std::uint64_t revision) const;

  std::size_t windows() const;
  std::size_t bytes() const { return bytes_; }
  /// End of the oldest window kept.
  timestamp oldest() const;

 private:
  struct window_record {
    timestamp window_end;
    market::quality quality;
    price spot;
  };
  struct change {
    timestamp window_end;
    std::uint64_t sequence;
    std::vector<market::heatmap_row> rows;  ///< contract counts from the plane's first
  };
  struct segment {
    timestamp window_end;  ///< of the keyframe
    std::shared_ptr<const plane_quotes> keyframe;
    std::vector<change> changes;
  };
  struct epoch_record {
    std::shared_ptr<const heatmap_builder::board> board;
    std::deque<window_record> windows;
    std::vector<std::deque<segment>> planes;
  };

  void append_plane(epoch_record& e, std::size_t plane, const std::shared_ptr<const plane_quotes>& now,
                    timestamp window_end, bool base, std::vector<market::heatmap_row> rows);
  void evict(timestamp newest);
  void drop_oldest_window();
  std::shared_ptr<const surface_snapshot> rebuild(const epoch_record& e, const window_record& w) const;
  std::shared_ptr<const plane_quotes> rebuild_plane(const epoch_record& e, std::size_t plane, timestamp t) const;

  history_limits limits_;
  duration_ns stale_after_;
  std::deque<epoch_record> epochs_;
  std::shared_ptr<const surface_snapshot> newest_;
  std::size_t bytes_ = 0;
};

}  // namespace isobar::heatmap_builder
