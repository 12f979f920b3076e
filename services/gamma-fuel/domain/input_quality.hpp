#pragma once
#include <array>
#include <string_view>

#include "gamma-fuel/domain/window_merge.hpp"

namespace isobar::gamma_fuel {

/// What an output rests on: the inputs by their number, and behind them the price of the options' underlying.
inline constexpr std::size_t causes = inputs + 1, underlying_cause = inputs;
/// "chain", ..., "levels", "underlying".
std::string_view cause_name(std::size_t cause);

/// How far each cause could be trusted when an output was made: why its quality is what it is.
class input_quality {
 public:
  input_quality() { by_cause_.fill(market::quality::ok); }

  /// Never betters what was said before.
  void blame(std::size_t cause, market::quality q) { by_cause_[cause] = market::worst(by_cause_[cause], q); }
  void blame(input i, market::quality q) { blame(static_cast<std::size_t>(i), q); }
  market::quality of(std::size_t cause) const { return by_cause_[cause]; }
  market::quality of(input i) const { return of(static_cast<std::size_t>(i)); }
  market::quality worst() const {
    auto out = market::quality::ok;
    for (const market::quality q : by_cause_) out = market::worst(out, q);
    return out;
  }
  /// Calls f(name, quality) for those that are not ok, in their order.
  template <class F>
  void each(F f) const {
    for (std::size_t i = 0; i < causes; ++i)
      if (by_cause_[i] != market::quality::ok) f(cause_name(i), by_cause_[i]);
  }

  bool operator==(const input_quality&) const = default;
  template <class A>
  void fields(A& a) {
    a(by_cause_);
  }

 private:
  std::array<market::quality, causes> by_cause_;
};

}  // namespace isobar::gamma_fuel
