#include "market/session_greeks.hpp"

#include <gtest/gtest.h>

namespace isobar::market::session {
namespace {

// All numbers: futures-medium 15.5, Black-Scholes.
TEST(SessionGreeks, ReproduceTheGoldenNumbers) {
  const greeks at = greeks_of(right::call, {687, 687, .5 / 252, rate, .20});
  EXPECT_NEAR(at.delta, 0.505775146284147, 1e-13);
  EXPECT_NEAR(at.gamma, 0.06517680885939732, 1e-14);
  EXPECT_NEAR(at.theta, -2.5029898831829165, 1e-12);
  EXPECT_NEAR(at.vega, 0.12206917976413054, 1e-13);
  EXPECT_NEAR(at.price, 2.4723132554987615, 1e-11);
  const greeks out = greeks_of(right::call, {687, 690, .5 / 252, rate, .20});
  EXPECT_NEAR(out.delta, 0.31752547947041987, 1e-13);
  EXPECT_NEAR(out.gamma, 0.058239967220277106, 1e-14);
  const greeks low = greeks_of(right::put, {687, 684, .25 / 252, rate, .15});
  EXPECT_NEAR(low.delta, -0.17409258080410206, 1e-13);
  EXPECT_NEAR(low.gamma, 0.07915706220309777, 1e-14);
}

TEST(SessionGreeks, ReproduceTheGoldenVolatilities) {
  EXPECT_NEAR(implied_volatility(right::call, 2.00, {687, 687, .5 / 252, rate, 0}), 0.1613073424151026, 1e-12);
  EXPECT_NEAR(implied_volatility(right::call, 0.05, {687, 700, .5 / 252, rate, 0}), 0.20638175428287783, 1e-12);
}

TEST(SessionGreeks, CountSessionsToTheWinterClose) {
  const date expiry = *make_date(2025, 12, 18);
  EXPECT_DOUBLE_EQ(years_to_close(expiry, *parse_iso_timestamp("2025-12-18T14:30:00Z")), 0.003968253968253968);
  EXPECT_EQ(years_to_close(expiry, *parse_iso_timestamp("2025-12-18T21:00:00Z")), 0);
  EXPECT_EQ(years_to_close(expiry, *parse_iso_timestamp("2025-12-19T00:00:00Z")), 0);
}

TEST(SessionGreeks, ExpiredIsMoneyness) {
  const greeks g = greeks_of(right::put, {687, 690, 0, rate, .2});
  EXPECT_EQ(g.delta, -1);
  EXPECT_EQ(g.gamma, 0);
  EXPECT_EQ(g.theta, 0);
}

TEST(SessionGreeks, RoughErfIsTheRoughOne) {
  EXPECT_NEAR(rough_erf(0.1), 0.11246296562219549, 1e-15);
  EXPECT_NEAR(rough_erf(0.5), 0.5205000163047472, 1e-15);
  EXPECT_NEAR(rough_erf(1), 0.8427006897475899, 1e-15);
  EXPECT_NEAR(rough_erf(-2), -0.9953221395812188, 1e-15);
}

}  // namespace
}  // namespace isobar::market::session
