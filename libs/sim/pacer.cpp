#include "sim/pacer.hpp"

#include <algorithm>
#include <cmath>

namespace isobar::sim {

namespace {

__extension__ using wide = __int128;
constexpr std::int64_t one = 1'000'000;

std::int64_t clamp_to_int64(wide v) {
  return static_cast<std::int64_t>(std::clamp<wide>(v, INT64_MIN + 1, INT64_MAX - 1));
}

}  // namespace

pacer::pacer(timestamp start, timestamp anchor, double speed)
    : start_(start),
      anchor_(anchor),
      millionths_(speed > 0 ? std::max<std::int64_t>(1, std::llround(std::min(speed, 1e9) * one)) : 0) {}

timestamp pacer::event_time(timestamp wall) const {
  if (unpaced()) return end_of_time;
  const wide elapsed = std::max<wide>(0, wide{wall.ns} - anchor_.ns);
  return {clamp_to_int64(wide{start_.ns} + elapsed * millionths_ / one)};
}

timestamp pacer::wall_time(timestamp event) const {
  if (unpaced() || event <= start_) return anchor_;
  const wide ahead = wide{event.ns} - start_.ns;
  return {clamp_to_int64(wide{anchor_.ns} + (ahead * one + millionths_ - 1) / millionths_)};
}

}  // namespace isobar::sim
