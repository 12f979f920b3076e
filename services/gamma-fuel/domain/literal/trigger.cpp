#include "gamma-fuel/domain/literal/trigger.hpp"

namespace isobar::gamma_fuel::literal {

signal trigger::update(timestamp t, const trigger_input& in, const signal_config& c) {
  if (in.score > c.break_above) {
    if (!high_since_) high_since_ = t;
    if (t - *high_since_ >= c.hold) {
      current_ = signal::break_through;
      low_since_.reset();
    }
  } else {
    high_since_.reset();
  }
  if (in.score < c.bounce_below && in.touching) {
    if (!low_since_) low_since_ = t;
    if (t - *low_since_ >= c.hold) {
      current_ = signal::bounce;
      high_since_.reset();
    }
  } else {
    low_since_.reset();
  }
  if (in.score >= c.contested_low && in.score <= c.contested_high && in.state == barrier::consumed &&
      in.lots > contested_lots) {
    current_ = signal::contested;
  }
  if (!high_since_ && !low_since_ && current_ != signal::break_through && current_ != signal::bounce) {
    current_ = signal::neutral;
  }
  return current_;
}

}  // namespace isobar::gamma_fuel::literal
