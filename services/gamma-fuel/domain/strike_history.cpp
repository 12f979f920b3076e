#include "gamma-fuel/domain/strike_history.hpp"

#include <algorithm>

namespace isobar::gamma_fuel {
namespace {

template <class F>
void for_each_value(strike_memory& m, F f) {
  f(m.gross);
  f(m.imbalance);
  for (moving_value& g : m.gamma) f(g);
}

void step_to(strike_memory& m, const ladder_strike& now) {
  m.gross.next(now.gross());
  m.imbalance.next(imbalance_of(now.call().gamma, now.put().gamma));
  for (std::size_t i = 0; i < sign_models; ++i) m.gamma[i].next(now.under(static_cast<sign_model>(i)).gamma);
}

bool still(strike_memory& m) {
  bool all = true;
  for_each_value(m, [&](const moving_value& v) { all = all && v.still(); });
  return all;
}

}  // namespace

double imbalance_of(double call, double put) { return (call - put) / (call + put + 1e-6); }

void strike_history::step(const strike_ladder& ladder, std::int64_t skipped) {
  // After three windows without change every difference is 0.
  const std::int64_t unchanged = literal_ ? 0 : std::clamp<std::int64_t>(skipped, 0, 3);
  for (strike_memory& m : memory_)
    for_each_value(m, [unchanged](moving_value& v) {
      for (std::int64_t i = 0; i < unchanged; ++i) v.next(v.value);
    });

  next_.clear();
  std::size_t old = 0;
  const auto leave = [&] {
    strike_memory gone = memory_[old++];
    if (!literal_) for_each_value(gone, [](moving_value& v) { v.next(0); });
    if (literal_ || !still(gone)) next_.push_back(gone);
  };
  for (const ladder_strike& now : ladder) {
    while (old < memory_.size() && memory_[old].strike < now.strike) leave();
    const bool known = old < memory_.size() && memory_[old].strike == now.strike;
    strike_memory m = known ? memory_[old++] : strike_memory{now.strike, {}, {}, {}};
    step_to(m, now);
    if (literal_ && !known) for_each_value(m, [](moving_value& v) { v.change = {}; });
    next_.push_back(m);
  }
  while (old < memory_.size()) leave();
  memory_.swap(next_);
}

const strike_memory* strike_history::find(price strike) const {
  const auto at = std::lower_bound(memory_.begin(), memory_.end(), strike,
                                   [](const strike_memory& m, price k) { return m.strike < k; });
  return at != memory_.end() && at->strike == strike ? &*at : nullptr;
}

}  // namespace isobar::gamma_fuel
