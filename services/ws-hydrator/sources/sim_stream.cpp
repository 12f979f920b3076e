#include "ws-hydrator/sources/sim_stream.hpp"

namespace isobar::ws_hydrator {

namespace {

constexpr duration_ns step = milliseconds(20);

}  // namespace

std::optional<timestamp> sim_stream::next() {
  if (market_.finished()) return std::nullopt;
  return market_.now() + step;
}

timestamp sim_stream::read(std::vector<feed_event>& out) {
  scratch_.clear();
  market_.advance(market_.now() + step, scratch_);
  for (const market::option_event& e : scratch_) out.push_back(to_feed_event(e));
  return market_.now();
}

}  // namespace isobar::ws_hydrator
