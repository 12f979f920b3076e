#pragma once
#include <cstdint>

#include "core/types.hpp"

namespace isobar::sim {

/// Maps a wall clock, passed in, to event time and back: event time is `start` at wall time `anchor` and moves `speed`
/// event seconds per wall second. Processes that share the three pace alike. Pure; it reads no clock.
class pacer {
 public:
  /// `speed` 0: as fast as possible, event_time() is end_of_time. Otherwise kept to a millionth, at least one of them.
  pacer(timestamp start, timestamp anchor, double speed);

  bool unpaced() const { return millionths_ == 0; }
  /// Event time that should have been reached by then; never before `start`.
  timestamp event_time(timestamp wall) const;
  /// Earliest wall time at which event_time() is at or past `event`; `anchor` when unpaced.
  timestamp wall_time(timestamp event) const;

 private:
  timestamp start_, anchor_;
  std::int64_t millionths_;
};

}  // namespace isobar::sim
