#pragma once
#include "core/date.hpp"
#include "core/types.hpp"
#include "market/black_scholes.hpp"

/// Conventions of the break-or-bounce research system (futures-medium 11.3), for comparison with its figures: time in
/// trading sessions of 6.5 hours, 252 a year; rate 0.045 unless given; theta per session, vega per point of volatility.
namespace isobar::market::session {

inline constexpr double rate = 0.045;

/// Years to 21:00 UTC of the expiry (right in winter only) in sessions; nights count as sessions; never negative.
double years_to_close(date expiry, timestamp t);

struct greeks {
  double price = 0, delta = 0, gamma = 0;
  double theta = 0;  ///< points per session
  double vega = 0;   ///< points per 0.01 of volatility
};
/// Black-Scholes on the spot without dividends. Expired: intrinsic, delta of moneyness, else 0.
greeks greeks_of(right r, const pricing_input& in);

/// Newton from 0.30, at most 50 steps, until a step is under 1e-6 or vega under 1e-10; clamped to 0.01 to 5.
double implied_volatility(right r, double price, const pricing_input& in);

/// Abramowitz and Stegun 7.1.26; error up to 1.5e-7.
double rough_erf(double x);

}  // namespace isobar::market::session
