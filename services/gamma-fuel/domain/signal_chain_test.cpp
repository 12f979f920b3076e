#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "gamma-fuel/domain/level_context.hpp"
#include "gamma-fuel/domain/level_universe.hpp"
#include "gamma-fuel/domain/option_board.hpp"
#include "gamma-fuel/domain/signal_engine.hpp"
#include "market/root.hpp"

// Trades, landscape, levels and what the radar says, through to the signal: the set-up that the seed calls dangerous.
namespace isobar::gamma_fuel {
namespace {

using ::testing::ElementsAre;
constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9 + 0.5)); }
const date day = *make_date(2024, 3, 5);
const timestamp ten = market::new_york_time(day, seconds(36'000));

class recorder : public gamma_sink {
 public:
  void on_profile(const gex_profile&) override {}
  void on_levels(const level_set_input&) override {}
  void on_signals(const level_signals& s) override {
    for (const level_signal& l : s.levels) {
      if (l.id == "PUT_WALL") wall.push_back(l);
    }
  }
  void on_alert(const alert& a) override { alerts.push_back(std::string(name_of(a.kind)) + " " + a.level); }
  std::vector<level_signal> wall;
  std::vector<std::string> alerts;
};

TEST(SignalChain, ASupportThatLosesItsBidWhileDealersChaseBreaks) {
  gamma_config config;
  option_board board(config);
  dealer_flow flow(config);
  session_tracker session(config);
  level_universe universe(config);
  level_context context(config);
  signal_engine signals(config);
  recorder sink;
  gex_profile profile;
  profile.end = ten;
  profile.models[0].walls.put_wall = points(5'000);

  board_row put;
  put.contract = {.id = {"SPXW", day, market::right::put, strike(points(5'000).value)},
                  .settles_at = ten + seconds(21'600)};
  put.gamma = 0.01;
  double spot = 5'004;
  for (int n = 1; n <= 40; ++n) {  // ten seconds: the market sinks from 5004 to the wall and waits above it
    const timestamp t = ten + milliseconds(250 * n);
    spot = std::max(5'000.25, spot - 0.25);
    session.trade({.ts_event = {t.ns - 1}, .price = points(spot), .size = 1});
    flow.trade({.ts_event = {t.ns - 1},
                .contract = 0,
                .kind = option_event_kind::trade,
                .bid = points(3),
                .ask = points(3.1),
                .last = points(3.1),
                .size = quantity(1'000)},
               put);
    profile.reference = points(spot);
    universe.build(t + config.window, profile, session);
    signals.tick(context.make({.at = t, .bid = points(spot), .ask = points(spot), .mid = points(spot)},
                              universe.in_force(t), profile, session, board, flow));
    level_state wall;
    wall.id = "PUT_WALL";
    wall.price = points(5'000);
    wall.state = n < 20 ? barrier::wall : barrier::vacuum;
    wall.sweep_direction = n < 24 ? 0 : -1;
    wall.delta_liquidity = n < 20 ? 200 : -400;
    signals.take({.as_of = t, .trusted = true, .levels = {wall}});
    signals.advance(t, start_of_time, sink);
  }

  ASSERT_FALSE(sink.wall.empty());
  const level_signal& last = sink.wall.back();
  EXPECT_EQ(last.break_direction, -1);
  EXPECT_EQ(last.fuel.effect, regime::amplify);
  EXPECT_LT(last.fuel.net_dealer_gamma, -100);
  EXPECT_EQ(last.score_raw, 100);
  EXPECT_EQ(last.signal, signal::break_through);
  EXPECT_EQ(last.note, "Vacuum; dealers chase; sweep confirms");
  EXPECT_TRUE(last.touching);
  EXPECT_EQ(last.prior_touches, 0U);
  EXPECT_NEAR(last.delta_liquidity_smooth, -400 + 600 * std::exp(-5.25 / 3), 1e-9);  // 21 ticks after 200 became -400
  // The score is above 80 from n = 20 on; three seconds later it is a signal.
  EXPECT_THAT(sink.alerts, ::testing::Contains("signal PUT_WALL"));
  std::vector<std::string> of_wall;
  for (const std::string& a : sink.alerts) {
    if (a.ends_with("PUT_WALL")) of_wall.push_back(a);
  }
  EXPECT_THAT(of_wall, ElementsAre("level_approach PUT_WALL", "dangerous_setup PUT_WALL", "signal PUT_WALL"));
}

}  // namespace
}  // namespace isobar::gamma_fuel
