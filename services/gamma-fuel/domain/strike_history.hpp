#pragma once
#include <array>
#include <vector>

#include "gamma-fuel/domain/exposures.hpp"

namespace isobar::gamma_fuel {

/// A value and its differences between windows.
struct moving_value {
  double value = 0;
  differences change;
  void next(double v) {
    const double d1 = v - value, d2 = d1 - change.d1;
    change = {d1, d2, d2 - change.d2};
    value = v;
  }
  bool still() const { return value == 0 && change == differences{}; }
  template <class A>
  void fields(A& a) {
    a(value, change);
  }
};

/// What one strike's differences need.
struct strike_memory {
  price strike;
  moving_value gross, imbalance;
  std::array<moving_value, sign_models> gamma;
  template <class A>
  void fields(A& a) {
    a(strike, gross, imbalance, gamma);
  }
};

/// Differences between consecutive windows by absolute strike, over every strike of the board, so that one that enters
/// the grid differs from its own last window. Windows that were not built count as windows without change; strikes that
/// left count as 0 until nothing moves. Literal: between the rows of a strike as they are given, the first one 0.
class strike_history {
 public:
  explicit strike_history(bool literal) : literal_(literal) {}

  /// `skipped`: windows between the last one and this that were not built.
  void step(const strike_ladder& ladder, std::int64_t skipped);
  /// Of the last step; nullptr: nothing was ever there.
  const strike_memory* find(price strike) const;

  template <class A>
  void fields(A& a) {
    a(memory_);
  }

 private:
  bool literal_;
  std::vector<strike_memory> memory_, next_;  ///< ascending
};

/// (call - put) / (call + put + 1e-6).
double imbalance_of(double call, double put);

}  // namespace isobar::gamma_fuel
