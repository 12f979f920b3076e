#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/types.hpp"

namespace isobar::service {

/// One encoded frame and the windows it stands for. Immutable.
struct kept_frame {
  timestamp first_end, last_end;  ///< end of its first and last window: they differ in a span
  std::uint64_t ordinal = 0;      ///< header.sequence
  std::shared_ptr<const std::string> bytes;
};

/// The newest encoded frames of one kind, oldest first, bounded by count and by bytes; memory is taken as frames come.
/// Written by the worker, read by any thread: readers get pointers to immutable frames, the lock is held to copy those.
class frame_history {
 public:
  frame_history(std::size_t frames_max, std::size_t bytes_max) : frames_max_(frames_max), bytes_max_(bytes_max) {}

  /// A frame at or before the newest is one that is kept already (a worker that goes on from its checkpoint repeats
  /// frames byte for byte): false.
  bool add(kept_frame frame);
  void clear();

  std::shared_ptr<const std::string> newest() const;
  /// Up to `most` frames, oldest first: the newest whose first window ended at or before `t`, and those before it.
  std::vector<kept_frame> until(timestamp t, std::size_t most) const;
  /// Up to `most` newest frames behind `ordinal`, oldest first.
  std::vector<kept_frame> after(std::uint64_t ordinal, std::size_t most) const;
  /// The frame whose last window ended at `end`.
  std::optional<kept_frame> at(timestamp end) const;
  /// End of the oldest frame's first window; nothing while empty.
  std::optional<timestamp> oldest() const;
  std::uint64_t newest_ordinal() const;
  std::size_t size() const;
  std::size_t bytes() const;

 private:
  mutable std::mutex mutex_;
  const std::size_t frames_max_, bytes_max_;
  std::deque<kept_frame> frames_;
  std::size_t bytes_ = 0;
};

}  // namespace isobar::service
