#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "market/option.hpp"
#include "market/root.hpp"

namespace isobar::sim {

/// A symbol's habits that no configuration states.
struct symbol_habits {
  double spot;           ///< where a path starts by default
  double em_multiplier;  ///< expected moves that the strike range covers (options-surface 1.4)
};
/// Nothing when no root of the table belongs to the symbol.
std::optional<symbol_habits> habits_of(std::string_view symbol);

/// Half-range of strikes in points (options-surface 1.4): em_multiplier x spot x vix/100 x sqrt(max(1, dte)/252),
/// rounded, 50 when that is zero; without a vix the truncated 3 % of the spot x sqrt(max(1, dte)).
double strike_half_range(double spot, double vix, std::int32_t dte, double em_multiplier);

/// The multiple of `step` nearest to the spot, halves to the even multiple (options-surface 1.4).
strike at_the_money(price spot, strike_width step);

/// Strikes around a centre: every step within the half-range, every 2nd to 1.25, every 5th to 1.5 and every 10th to
/// twice the half-range (5, 10, 25 and 50 points for SPX). Ascending.
std::vector<strike> ladder(strike centre, strike_width half_range, strike_width step);

struct listed_expiry {
  market::expiry_key key;
  market::root_spec root;
  timestamp settles_at;
};
/// The first `count` expiry dates on or after `today`: every trading day has the symbol's weekly root, monthly expiries
/// have its AM root too (SPX beside SPXW on third Fridays). Ascending by key.
std::vector<listed_expiry> listed_expiries(std::string_view symbol, date today, int count);

}  // namespace isobar::sim
