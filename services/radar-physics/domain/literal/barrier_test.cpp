#include "radar-physics/domain/literal/barrier.hpp"

#include <gtest/gtest.h>

namespace isobar::radar_physics::literal {
namespace {

// futures-medium 15.5: level 687.0 = ES 6870.00, E = 6870; zone +-2 ticks.
constexpr price E{6'870'000'000'000};
constexpr std::int64_t quarter = 250'000'000;

radar_config earlier() {
  radar_config c;
  c.levels = earlier_levels();
  return c;
}
timestamp at(double s) { return {static_cast<std::int64_t>(s * 1e9)}; }
price off(std::int64_t ticks) { return price(E.value + ticks * quarter); }

/// The defending side at so many seconds: sizes at E and one tick behind it.
depth_snapshot seen(book_side side, double s, std::int64_t at_level, std::int64_t behind = 0) {
  depth_snapshot x{at(s), {}, {}};
  const std::int64_t away = side == book_side::bid ? -1 : 1;
  auto& levels = side == book_side::bid ? x.bids : x.asks;
  levels.push_back({E, at_level});
  if (behind > 0) levels.push_back({off(away), behind});
  return x;
}
std::vector<depth_snapshot> series(double step, std::vector<std::int64_t> sizes, std::int64_t behind = 0) {
  std::vector<depth_snapshot> all;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    all.push_back(seen(book_side::bid, step * static_cast<double>(i), sizes[i], behind));
  }
  return all;
}
std::vector<print> sells(int count, std::int64_t size, double first = 0.5, double step = 1) {
  std::vector<print> all;
  for (int i = 0; i < count; ++i) all.push_back({at(first + step * i), E, size, book_side::ask});
  return all;
}
barrier_answer answer(const std::vector<depth_snapshot>& s, const std::vector<print>& p = {},
                      book_side side = book_side::bid) {
  return barrier(E, side, s, p, s.empty() ? at(0) : s.back().ts_event, earlier());
}

TEST(LiteralBarrier, VacuumOnBothSides) {
  for (const book_side side : {book_side::bid, book_side::ask}) {
    const auto a = answer({seen(side, 0, 500, 300), seen(side, 2, 100, 300)}, {}, side);
    EXPECT_EQ(a.reading, (barrier_reading{.state = barrier_state::vacuum,
                                          .delta_liquidity = -401,
                                          .cancelled = 400,
                                          .filled = 1,
                                          .churn = 400,
                                          .depth_in_zone = 400,
                                          .replenishment_ratio = 0,
                                          .confidence = 0.802,
                                          .wall_ratio = 0.08}));
    EXPECT_EQ(a.quote, price(687'000'000'000));
    EXPECT_EQ(a.quote_size, 100);
  }
}

TEST(LiteralBarrier, Wall) {
  const auto r = answer({seen(book_side::bid, 0, 200, 100), seen(book_side::bid, 5, 400, 150)}, sells(5, 20)).reading;
  EXPECT_EQ(r.state, barrier_state::wall);
  EXPECT_EQ(r.delta_liquidity, 250);
  EXPECT_NEAR(r.replenishment_ratio, 2.5e8, 1e-6);
  EXPECT_EQ(r.confidence, 0.5);
  EXPECT_EQ(r.depth_in_zone, 550u);
}

TEST(LiteralBarrier, EatenLevelsAreCalledVacuum) {
  const auto r = answer(series(3, {300, 200, 250, 100}, 100), sells(10, 20)).reading;
  EXPECT_EQ(r.state, barrier_state::vacuum);
  EXPECT_EQ(r.added, 50u);
  EXPECT_EQ(r.cancelled, 130u);
  EXPECT_EQ(r.filled, 122u);
  EXPECT_EQ(r.delta_liquidity, -202);
  EXPECT_NEAR(r.replenishment_ratio, 0.19841269762534644, 1e-15);
  EXPECT_DOUBLE_EQ(r.confidence, 0.604);
  EXPECT_EQ(r.churn, 300u);
  EXPECT_EQ(r.depth_in_zone, 200u);
}

TEST(LiteralBarrier, MostlyEatenLevelsAreCalledVacuumToo) {
  const auto r = answer(series(3, {300, 200, 290, 60}, 100), sells(10, 60)).reading;
  EXPECT_EQ(r.state, barrier_state::vacuum);
  EXPECT_EQ(r.added, 90u);
  EXPECT_EQ(r.cancelled, 50u);
  EXPECT_EQ(r.filled, 281u);
  EXPECT_EQ(r.delta_liquidity, -241);
  EXPECT_NEAR(r.replenishment_ratio, 0.2719033224413797, 1e-15);
  EXPECT_EQ(r.depth_in_zone, 160u);
}

TEST(LiteralBarrier, Weak) {
  const auto r = answer(series(1, {30, 20})).reading;
  EXPECT_EQ(r.state, barrier_state::weak);
  EXPECT_EQ(r.delta_liquidity, -11);
  EXPECT_DOUBLE_EQ(r.confidence, 0.022);
  EXPECT_EQ(r.depth_in_zone, 20u);
}

TEST(LiteralBarrier, ChurnAndAbsorption) {
  const auto churn = answer(series(1, {300, 360, 295})).reading;
  EXPECT_EQ(churn.state, barrier_state::absorption);
  EXPECT_EQ(churn.delta_liquidity, -6);
  EXPECT_NEAR(churn.replenishment_ratio, 0.9090908953168046, 1e-15);
  EXPECT_EQ(churn.churn, 125u);
  const auto absorb = answer(series(1, {300, 360, 310})).reading;
  EXPECT_EQ(absorb.state, barrier_state::absorption);
  EXPECT_EQ(absorb.delta_liquidity, 9);
  EXPECT_NEAR(absorb.replenishment_ratio, 1.1764705651672438, 1e-15);
}

TEST(LiteralBarrier, DropsOfAHundredAndMoreAreVacuum) {
  const auto deep = answer(series(1, {300, 50})).reading, just = answer(series(1, {300, 200})).reading;
  EXPECT_EQ(deep.state, barrier_state::vacuum);
  EXPECT_EQ(deep.delta_liquidity, -251);
  EXPECT_EQ(just.state, barrier_state::vacuum);
  EXPECT_EQ(just.delta_liquidity, -101);
}

TEST(LiteralBarrier, FewerThanTwoSnapshotsAreNeutral) {
  EXPECT_EQ(answer({}).reading, barrier_reading{});
  EXPECT_EQ(answer(series(1, {300})).reading, barrier_reading{});
  EXPECT_EQ(answer(series(20, {300, 50})).reading, barrier_reading{});  // the first is out of the window
}

TEST(LiteralTape, Imbalance) {
  radar_config c = earlier();
  c.levels.tape_window = seconds(10);
  std::vector<print> prints;
  for (int i = 0; i < 10; ++i) prints.push_back({at(0.5 * i), off(1), 50, book_side::bid});
  for (const print& p : sells(3, 30, 5, 0.5)) prints.push_back(p);
  const auto r = tape(E, prints, at(7), c);
  EXPECT_NEAR(r.imbalance, 0.6949152530594657, 1e-15);
  EXPECT_EQ(r.buy, 500u);
  EXPECT_EQ(r.sell, 90u);
  EXPECT_EQ(r.confidence, 1);
}

TEST(LiteralTape, RisingPrices) {
  radar_config c = earlier();
  c.levels.velocity_window = seconds(5);
  std::vector<print> prints;
  for (int i = 0; i < 10; ++i) prints.push_back({at(0.3 * i), off(2 * i), 10, book_side::bid});
  const auto r = tape(E, prints, at(2.7), c);
  EXPECT_NEAR(r.price_velocity, 1.6666667, 1e-6);
  EXPECT_EQ(r.buy + r.sell, 30u);
}

TEST(LiteralTape, SweepsUpDownAndTiny) {
  struct golden {
    book_side aggressor;
    std::int64_t ticks, size, count, direction, ms;
    double notional;
  };
  for (const golden& g :
       {golden{book_side::bid, 1, 100, 5, 1, 200, 171'762'500},
        golden{book_side::ask, -1, 100, 5, -1, 200, 171'737'500}, golden{book_side::bid, 0, 1, 3, 1, 100, 1'030'500}}) {
    std::vector<print> prints;
    for (std::int64_t i = 0; i < g.count; ++i)
      prints.push_back({{i * 50'000'000}, off(g.ticks * i), g.size, g.aggressor});
    const auto s = tape(E, prints, at(0.2), earlier()).sweep;
    EXPECT_EQ(s.direction, g.direction);
    EXPECT_NEAR(s.notional, g.notional, 1e-3);
    EXPECT_EQ(s.prints, g.count);
    EXPECT_EQ(s.last - s.first, milliseconds(g.ms));
  }
}

TEST(LiteralTape, TheBandLimitsVolumeAndNotVelocity) {
  const auto r = tape(E, {{at(0), E, 50, book_side::bid}, {at(0.5), off(20), 100, book_side::bid}}, at(0.5), earlier());
  EXPECT_EQ(r.buy, 50u);
  EXPECT_NEAR(r.price_velocity, 10.0, 1e-9);
}

}  // namespace
}  // namespace isobar::radar_physics::literal
