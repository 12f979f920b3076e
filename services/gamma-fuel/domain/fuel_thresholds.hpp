#pragma once

namespace isobar::gamma_fuel {

/// Thresholds of dealer gamma by flow, deltas of the symbol per point of it (futures-medium 11.2).
struct fuel_thresholds {
  double amplify = 0, dampen = 0, wall = 0;
};

/// As given there: shares of SPY per dollar of SPY. They stand for any share or fund of its size.
inline constexpr fuel_thresholds share_thresholds{-10'000, 10'000, 50'000};

/// The same hedging on the scale of a symbol that moves `scale` points per point of such a share. A share's delta is
/// 1 / scale of the symbol's and its point scale of the symbol's points, so gamma is 1 / scale^2: for the S&P 500 index
/// and ES (10) 100 and 500, for the Nasdaq 100 (40) 6.25 and 31.25, for a fund itself 10,000 and 50,000. In dollars per
/// 1 % of the symbol (gamma x price^2 x 0.01) it is the same amount everywhere, and so whatever the multiplier of the
/// contract that is traded: ES and MES have one threshold.
constexpr fuel_thresholds thresholds_at(double scale) {
  const double per_point = 1 / (scale * scale);
  return {share_thresholds.amplify * per_point, share_thresholds.dampen * per_point, share_thresholds.wall * per_point};
}

}  // namespace isobar::gamma_fuel
