#pragma once
#include <cstdint>
#include <optional>

#include "core/types.hpp"
#include "market/option.hpp"

namespace isobar::chain_ingest {

/// spot rounded to a multiple of `step`, halves to the even multiple (options-surface 1.4).
isobar::strike at_the_money(price spot, strike_width step);

/// Half of the strike range in whole points (options-surface 1.4):
///   round_half_even(em_mult x spot x vix/100 x sqrt(max(1, dte) / 252)), 50 if that is 0;
///   without a usable VIX (absent or not positive) trunc(0.03 x spot x sqrt(max(1, dte))).
strike_width half_range(price spot, std::optional<price> vix, double em_mult, std::int32_t dte);

/// What is asked of the vendor for one expiry: strikes in [low, high], half as much again as the half-range, so that
/// epoch-manager can move its own window inside without a new question.
struct strike_window {
  isobar::strike atm;
  strike_width half_range;
  isobar::strike low, high;
  bool operator==(const strike_window&) const = default;
};
/// The half-range with the margin that is asked for.
strike_width widened(strike_width half_range);
strike_window make_window(price spot, std::optional<price> vix, double em_mult, std::int32_t dte, strike_width step);

}  // namespace isobar::chain_ingest
