#include "radar-physics/domain/features.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "radar-physics/domain/medium_fixture.hpp"

namespace isobar::radar_physics {
namespace {

using market::book_action;
using market::book_change;
using testing::bids_in;
using testing::put_in_order;
using testing::window_at;
constexpr book_side bid = book_side::bid, ask = book_side::ask;

double value_of(const feature_vector& v, std::string_view name) {
  for (std::size_t i = 0; i < v.value.size(); ++i) {
    if (feature_names()[i] == name) return v.value[i];
  }
  ADD_FAILURE() << name;
  return NAN;
}

medium_row depth(book_side side, tick_index tick, std::uint64_t start, std::uint64_t end) {
  medium_row r;
  r.side = side;
  r.tick = tick;
  r.depth_start = start;
  r.depth_end = end;
  return r;
}

book_change change(book_action action, book_side side, tick_index from, std::uint32_t before, tick_index to,
                   std::uint32_t after, std::int64_t age_ms = 600) {
  book_change c;
  c.action = action;
  c.side = side;
  c.old_tick = from;
  c.new_tick = to;
  c.old_size = before;
  c.new_size = after;
  c.ts_event = timestamp{} + seconds(10);
  c.ts_entered = c.ts_event - milliseconds(age_ms);
  return c;
}
book_change added(book_side side, tick_index tick, std::uint32_t size) {
  return change(book_action::add, side, tick, 0, tick, size, 0);
}
book_change cancelled(book_side side, tick_index tick, std::uint32_t size, std::int64_t age_ms = 600) {
  return change(book_action::cancel, side, tick, size, tick, 0, age_ms);
}

/// Vector of one window whose reference is `ref`.
feature_vector vector_of(feature_builder& builder, tick_index ref, std::vector<medium_row> rows,
                         const std::vector<book_change>& changes) {
  put_in_order(rows);
  feature_vector out;
  builder.build(window_at(1, 2 * ref), rows, bids_in(rows), changes, out);
  return out;
}

TEST(FeatureNames, AreTheDatasets) {
  const auto& names = feature_names();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 196u);
  EXPECT_EQ(names[0], "f1_ask_com_disp_log");
  EXPECT_EQ(names[24], "f9_bid_bbo_dist_ticks");
  EXPECT_EQ(names[25], "d1_f1_ask_com_disp_log");
  EXPECT_EQ(names[50], "d2_f1_ask_com_disp_log");
  EXPECT_EQ(names[99], "d3_f9_bid_bbo_dist_ticks");
  EXPECT_EQ(names[100], "u1_ask_com_disp_log");
  EXPECT_EQ(names[123], "u19_bid_bbo_dist_ticks");
  EXPECT_EQ(names[124], "d1_u1_ask_com_disp_log");
  EXPECT_EQ(names[195], "d3_u19_bid_bbo_dist_ticks");
}

/// futures-medium 15.3 (G1), both windows, with the reference at 25.00 as there: without fills the corrected rules are
/// the literal ones.
TEST(Features, GiveGoldenG1) {
  feature_builder builder{radar_config{}};
  book_change clear;
  clear.action = book_action::clear;
  clear.cleared = true;
  const feature_vector w1 =
      vector_of(builder, 100, {depth(bid, 100, 0, 10), depth(ask, 102, 0, 12), depth(ask, 103, 0, 8)},
                {added(bid, 90, 77), clear, added(bid, 100, 10), added(ask, 102, 12), added(ask, 103, 8)});
  const feature_vector w2 = vector_of(
      builder, 100, {depth(bid, 100, 10, 0), depth(bid, 101, 0, 10), depth(ask, 102, 12, 0), depth(ask, 103, 8, 8)},
      {change(book_action::modify, bid, 100, 10, 101, 10, 900), cancelled(ask, 102, 12, 900)});
  const std::map<std::string, std::pair<double, double>> golden{
      {"f1_ask_com_disp_log", {-1.8207470061, 0.1625189295}},
      {"f1_ask_slope_convex_log", {-2.1972245773, -2.1972245773}},
      {"f1_ask_slope_inner_log", {-0.3677247801, 2.1972245773}},
      {"f1_ask_at_share_delta", {0.5714285714, -0.5714285714}},
      {"f1_ask_near_share_delta", {0.3809523810, 0.5079365079}},
      {"f1_ask_reprice_away_share_rest", {0.5, 0.5}},
      {"f2_ask_pull_add_log_rest", {-3.0445224377, 2.5649493575}},
      {"f2_ask_pull_intensity_log_rest", {0, 0.4519851237}},
      {"f2_ask_at_pull_share_rest", {0, 0.9230769231}},
      {"f3_bid_com_disp_log", {-3.0445224377, 3.0445224377}},
      {"f3_bid_slope_inner_log", {-2.3978952728, 0}},
      {"f3_bid_at_share_delta", {0.9090909091, -0.9090909091}},
      {"f3_bid_reprice_away_share_rest", {0.5, 0.0}},
      {"f4_bid_pull_add_log_rest", {-2.3978952728, 2.3978952728}},
      {"f4_bid_pull_intensity_log_rest", {0, 0.6466271649}},
      {"f4_bid_at_pull_share_rest", {0, 0.9090909091}},
      {"f5_vacuum_expansion_log", {-4.8652694438, 3.2070413672}},
      {"f6_vacuum_decay_log", {-5.4424177105, 4.9628446303}},
      {"f7_vacuum_total_log", {-10.3076871543, 8.1698859975}},
      {"f8_ask_bbo_dist_ticks", {2, 3}},
      {"f9_bid_bbo_dist_ticks", {0, 20}},
      {"u13_bid_add_intensity_log", {2.3978952728, 0}},
      {"u14_bid_far_pull_share_rest", {1, 0.0909090909}},
      {"u15_up_expansion_log", {1.2237754316, -2.8820035082}},
      {"u16_up_flow_log", {-0.6466271649, 0.1670540847}},
      {"u17_up_total_log", {0.5771482667, -2.7149494236}},
  };
  for (std::size_t i = 0; i < feature_vector::base; ++i) {
    const std::string& name = feature_names()[i < 25 ? i : 75 + i];
    const auto known = golden.find(name);
    if (known == golden.end() && name[0] == 'u') continue;  // the identities below
    const auto [first, second] = known == golden.end() ? std::pair{0.0, 0.0} : known->second;
    EXPECT_NEAR(value_of(w1, name), first, 1e-9) << name;
    EXPECT_NEAR(value_of(w2, name), second, 1e-9) << name;
    EXPECT_EQ(value_of(w1, "d1_" + name), 0);
    for (const auto* order : {"d1_", "d2_", "d3_"})
      EXPECT_NEAR(value_of(w2, order + name), second - first, 1e-9) << name;
  }
  EXPECT_EQ(value_of(w2, "u8_bid_com_approach_log"), -value_of(w2, "f3_bid_com_disp_log"));
  EXPECT_EQ(value_of(w2, "u11_bid_reprice_toward_share_rest"), 1);
  EXPECT_EQ(value_of(w2, "u12_bid_add_pull_log_rest"), -value_of(w2, "f4_bid_pull_add_log_rest"));
  EXPECT_EQ(value_of(w2, "u3_ask_at_share_decay"), -value_of(w2, "f1_ask_at_share_delta"));
}

TEST(Features, FillsAndRefillsAreNotWithdrawals) {
  feature_builder builder{radar_config{}};
  book_change partial = change(book_action::modify, ask, 101, 20, 101, 15);
  partial.filled = 5;
  book_change whole = cancelled(ask, 101, 9);
  whole.filled = 9;
  book_change refill = change(book_action::modify, ask, 102, 10, 102, 10);
  refill.filled = refill.added = 10;
  const feature_vector v =
      vector_of(builder, 100, {depth(ask, 101, 29, 15), depth(ask, 102, 10, 10)}, {partial, whole, refill});
  EXPECT_DOUBLE_EQ(value_of(v, "f2_ask_pull_add_log_rest"), -std::log(11.));  // 10 came back
  EXPECT_EQ(value_of(v, "f2_ask_pull_intensity_log_rest"), 0);
  EXPECT_EQ(value_of(v, "f1_ask_reprice_away_share_rest"), 0.5);
}

TEST(Features, OnlyRestingOrdersCountAsWithdrawnAndFiveHundredMillisecondsIsResting) {
  feature_builder builder{radar_config{}};
  const auto v =
      vector_of(builder, 100, {}, {cancelled(bid, 99, 7, 499), cancelled(bid, 96, 5, 500), cancelled(bid, 79, 90)});
  EXPECT_DOUBLE_EQ(value_of(v, "f4_bid_pull_add_log_rest"), std::log(6.));
  EXPECT_DOUBLE_EQ(value_of(v, "f4_bid_near_pull_share_rest"), 5. / 6);
  EXPECT_EQ(value_of(v, "f4_bid_at_pull_share_rest"), 0);
}

TEST(Features, MovesInsideTheZoneAreRepricesAndMovesIntoItAdds) {
  feature_builder builder{radar_config{}};
  const auto v =
      vector_of(builder, 100, {},
                {change(book_action::modify, ask, 103, 4, 108, 4), change(book_action::modify, ask, 108, 2, 101, 2),
                 change(book_action::modify, ask, 130, 11, 119, 11), change(book_action::modify, bid, 98, 3, 98, 3)});
  EXPECT_DOUBLE_EQ(value_of(v, "f1_ask_reprice_away_share_rest"), 4. / 7);
  EXPECT_DOUBLE_EQ(value_of(v, "f2_ask_pull_add_log_rest"), -std::log(12.));
  EXPECT_EQ(value_of(v, "f3_bid_reprice_away_share_rest"), 0.5);  // it did not move
}

TEST(Features, AClearAndASnapshotAreNoFlow) {
  feature_builder builder{radar_config{}};
  book_change clear, restored = added(bid, 100, 500);
  clear.cleared = true;
  restored.snapshot = true;
  const auto v =
      vector_of(builder, 100, {}, {added(ask, 100, 50), cancelled(bid, 100, 8), clear, restored, added(ask, 100, 3)});
  EXPECT_DOUBLE_EQ(value_of(v, "f2_ask_pull_add_log_rest"), -std::log(4.));
  EXPECT_EQ(value_of(v, "f4_bid_pull_add_log_rest"), 0);
}

TEST(Features, ApproachIsTheReferencesMoveOverThreeWindows) {
  feature_builder builder{radar_config{}};
  std::vector<int> seen;
  for (const tick_index ref : {5, 5, 5, 6, 5, 4, 4, 5}) seen.push_back(vector_of(builder, ref, {}, {}).approach);
  EXPECT_EQ(seen, (std::vector<int>{0, 0, 0, 1, 0, -1, -1, 0}));
}

TEST(Features, AWindowWithoutAnAnchorIsNeutralAndLeavesNoTrace) {
  feature_builder builder{radar_config{}};
  const std::vector<medium_row> rows{depth(bid, 99, 5, 9)};
  vector_of(builder, 100, rows, {});
  feature_builder undisturbed = builder;
  window_info blind = window_at(2, 0);
  blind.anchor = market::no_price;
  feature_vector out;
  out.value.fill(7);
  out.approach = 1;
  builder.build(blind, rows, 1, std::vector{added(bid, 0, 5)}, out);
  EXPECT_TRUE(builder.settled());
  EXPECT_EQ(out.approach, 0);
  const std::map<std::string, double> not_zero{
      {"f1_ask_reprice_away_share_rest", 0.5}, {"f3_bid_reprice_away_share_rest", 0.5},
      {"u4_ask_reprice_away_share_rest", 0.5}, {"u11_bid_reprice_toward_share_rest", 0.5},
      {"f8_ask_bbo_dist_ticks", 20},           {"f9_bid_bbo_dist_ticks", 20},
      {"u18_ask_bbo_dist_ticks", 20},          {"u19_bid_bbo_dist_ticks", 20},
      {"u14_bid_far_pull_share_rest", 1}};
  for (std::size_t i = 0; i < out.value.size(); ++i) {
    const auto known = not_zero.find(feature_names()[i]);
    EXPECT_EQ(out.value[i], known == not_zero.end() ? 0 : known->second) << feature_names()[i];
  }
  EXPECT_EQ(vector_of(builder, 101, rows, {}), vector_of(undisturbed, 101, rows, {}));
  EXPECT_FALSE(builder.settled());
}

TEST(Features, SettleAfterAFewIdleWindowsAndSurviveACheckpoint) {
  feature_builder builder{radar_config{}};
  vector_of(builder, 90, {depth(bid, 88, 3, 4)}, {added(bid, 88, 1)});
  const std::vector<medium_row> quiet{depth(bid, 99, 5, 5), depth(ask, 101, 3, 3)};
  int windows = 0;
  while (!builder.settled() && windows < 20) vector_of(builder, 100, quiet, {}), ++windows;
  EXPECT_LE(windows, 6);
  feature_builder copy{radar_config{}};
  const std::string state = testing::saved(builder);
  ASSERT_TRUE(testing::load(copy, state));
  EXPECT_EQ(vector_of(copy, 100, quiet, {}), vector_of(builder, 100, quiet, {}));
  EXPECT_EQ(testing::saved(builder), state);
}

RC_GTEST_PROP(Features, AreFiniteForAnyInput, ()) {
  feature_builder builder{radar_config{}};
  const auto near_or_far = rc::gen::oneOf(rc::gen::inRange<tick_index>(-25, 25),
                                          rc::gen::inRange<tick_index>(-(tick_index{1} << 34), tick_index{1} << 34));
  for (int window = 0; window < 4; ++window) {
    std::vector<medium_row> rows;
    std::vector<book_change> changes;
    for (const auto side : {bid, ask}) {
      for (const auto& [tick, sizes] :
           *rc::gen::arbitrary<std::map<std::int8_t, std::pair<std::uint64_t, std::uint64_t>>>()) {
        rows.push_back(depth(side, tick, sizes.first, sizes.second));
      }
    }
    for (int i = *rc::gen::inRange(0, 12); i > 0; --i) {
      book_change c;
      c.action = *rc::gen::element(book_action::add, book_action::modify, book_action::cancel, book_action::clear,
                                   book_action::trade);
      c.side = *rc::gen::element(bid, ask, book_side::none);
      c.cleared = *rc::gen::inRange(0, 6) == 0;
      c.snapshot = *rc::gen::inRange(0, 6) == 0;
      c.ts_event = {*rc::gen::inRange<std::int64_t>(-(std::int64_t{1} << 61), std::int64_t{1} << 61)};
      c.ts_entered = {*rc::gen::inRange<std::int64_t>(-(std::int64_t{1} << 61), std::int64_t{1} << 61)};
      c.old_tick = *near_or_far;
      c.new_tick = *near_or_far;
      c.old_size = *rc::gen::arbitrary<std::uint32_t>();
      c.new_size = *rc::gen::arbitrary<std::uint32_t>();
      c.filled = *rc::gen::arbitrary<std::uint32_t>();
      changes.push_back(c);
    }
    const auto v = vector_of(builder, *rc::gen::inRange(-30, 30), rows, changes);
    for (const double x : v.value) RC_ASSERT(std::isfinite(x));
    for (const auto* share :
         {"f1_ask_reprice_away_share_rest", "f2_ask_at_pull_share_rest", "u11_bid_reprice_toward_share_rest"}) {
      RC_ASSERT(value_of(v, share) >= 0 && value_of(v, share) <= 1);
    }
  }
}

}  // namespace
}  // namespace isobar::radar_physics
