#include "gamma-fuel/domain/trigger.hpp"

namespace isobar::gamma_fuel {
namespace {

/// Runs from the first tick at which the condition holds; false: stopped.
void run(std::optional<timestamp>& since, bool holds, timestamp t) {
  if (!holds) since.reset();
  if (holds && !since) since = t;
}
bool held(const std::optional<timestamp>& since, timestamp t, duration_ns hold) { return since && t - *since >= hold; }

}  // namespace

signal trigger::update(timestamp t, const trigger_input& in, const signal_config& c) {
  const bool breaking = current_ == signal::break_through, bouncing = current_ == signal::bounce;
  run(high_since_, in.score > c.break_above || (breaking && in.score >= c.break_above - c.release), t);
  run(low_since_,
      (in.score < c.bounce_below && (in.touching || bouncing)) || (bouncing && in.score <= c.bounce_below + c.release),
      t);
  if (held(high_since_, t, c.hold)) return current_ = signal::break_through;
  if (held(low_since_, t, c.hold)) return current_ = signal::bounce;
  const double margin = current_ == signal::contested ? c.release : 0;
  const bool contested = in.state == barrier::consumed && in.lots > c.contested_lots &&
                         in.score >= c.contested_low - margin && in.score <= c.contested_high + margin;
  return current_ = contested ? signal::contested : signal::neutral;
}

}  // namespace isobar::gamma_fuel
