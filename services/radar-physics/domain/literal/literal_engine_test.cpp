#include "radar-physics/domain/literal/literal_engine.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/decimal.hpp"
#include "radar-physics/domain/features.hpp"
#include "radar-physics/domain/literal/golden.hpp"

namespace isobar::radar_physics {
namespace {

using literal::golden::rows_of;
using market::book_action;
using market::book_event;

/// Values are printed with 9 or 10 decimals.
constexpr double printed = 1e-9;

/// One window as it was given, with its details.
struct given {
  window_outputs out;
  literal_details details;
};
struct keeper : radar_sink {
  const literal_engine* engine = nullptr;
  std::vector<given> windows;
  void on_window(const window_outputs& out) override { windows.push_back({out, engine->details()}); }
  void on_levels(const level_outputs&) override { ADD_FAILURE() << "the earlier system had none"; }
};

book_action action_of(const std::string& s) {
  return s == "A"   ? book_action::add
         : s == "M" ? book_action::modify
         : s == "C" ? book_action::cancel
         : s == "R" ? book_action::clear
         : s == "T" ? book_action::trade
                    : book_action::fill;
}
book_side side_of(const std::string& s) {
  return s == "A" ? book_side::ask : s == "B" ? book_side::bid : book_side::none;
}
double number(const std::string& s) { return std::stod(s); }
price price_of(const std::string& s) { return price(*parse_nanos(s)); }

std::vector<book_event> scenario(std::string_view table) {
  std::vector<book_event> events;
  for (const auto& r : rows_of(table)) {
    events.push_back({.ts_event = {*parse_nanos(r[0])},
                      .price = price_of(r[3]),
                      .order = market::order_id{std::stoull(r[5])},
                      .size = static_cast<std::uint32_t>(std::stoul(r[4])),
                      .action = action_of(r[1]),
                      .side = side_of(r[2]),
                      .flags = r[6] == "SNAP" ? std::uint8_t{128} : std::uint8_t{0}});
  }
  return events;
}

radar_config literal_config() {
  radar_config c;
  c.rules = compat::literal;
  return c;
}

/// What the earlier system makes of a table of events.
std::vector<given> windows_of(std::string_view table) {
  literal_engine engine{literal_config(), false};
  keeper sink;
  sink.engine = &engine;
  for (const book_event& e : scenario(table)) engine.apply(e, sink);
  engine.advance(end_of_time, sink);
  return sink.windows;
}

const std::vector<given>& g2() {
  static const std::vector<given> windows = windows_of(literal::golden::g2_events);
  return windows;
}
const given& g2_window(const std::string& w) { return g2().at(std::stoul(w) - 1); }

const medium_row& row_at(const given& g, const std::string& side, const std::string& at) {
  for (const medium_row& r : g.out.surface.rows) {
    if (r.side == side_of(side) && r.tick * 250'000'000 == price_of(at).value) return r;
  }
  ADD_FAILURE() << side << at;
  static const medium_row none;
  return none;
}
double feature(const given& g, std::string_view name) {
  for (std::size_t i = 0; i < feature_vector::size; ++i) {
    if (feature_names()[i] == name) return g.out.features.value[i];
  }
  ADD_FAILURE() << name;
  return NAN;
}
double lots(std::uint64_t n) { return static_cast<double>(n); }
double lots(std::int64_t n) { return static_cast<double>(n); }

void expect_snapshots(const std::vector<given>& windows, std::string_view table) {
  const auto rows = rows_of(table);
  ASSERT_EQ(windows.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& r = rows[i];
    const literal_details& d = windows[i].details;
    EXPECT_EQ(windows[i].out.window.end, timestamp{} + seconds(std::stoll(r[0])));
    EXPECT_EQ(d.best_bid, price_of(r[1]));
    EXPECT_EQ(lots(d.best_bid_size), number(r[2]));
    EXPECT_EQ(d.best_ask, price_of(r[3]));
    EXPECT_EQ(lots(d.best_ask_size), number(r[4]));
    EXPECT_NEAR(d.mid_price, number(r[5]), printed);
    EXPECT_EQ(d.mid, price_of(r[5]));
    EXPECT_EQ(d.last_trade, price_of(r[6]));
    EXPECT_EQ(d.reference, price_of(r[7]));
    EXPECT_EQ(windows[i].out.window.anchor, price_of(r[7]));
    EXPECT_EQ(d.book_valid, r[8] == "True");
  }
}

void expect_wall(const std::vector<given>& windows, std::string_view table) {
  std::size_t count = 0;
  for (const given& g : windows) count += g.out.surface.rows.size();
  const auto rows = rows_of(table);
  EXPECT_EQ(count, rows.size());
  std::map<std::string, std::size_t> next;
  for (const auto& r : rows) {
    const given& g = windows.at(std::stoul(r[0]) - 1);
    const medium_row& row = g.out.surface.rows.at(next[r[0]]++);  // bids ascending, then asks ascending
    EXPECT_EQ(&row, &row_at(g, r[1], r[2]));
    const std::vector<double> numbers{lots(std::int64_t{row.rel_ticks}),
                                      lots(row.depth_start),
                                      lots(row.depth_end),
                                      lots(row.added),
                                      lots(row.pulled),
                                      lots(row.depth_rest),
                                      lots(row.pulled_rest),
                                      lots(row.filled),
                                      lots(row.d1_depth),
                                      lots(row.d2_depth),
                                      lots(row.d3_depth)};
    for (std::size_t i = 0; i < numbers.size(); ++i)
      EXPECT_EQ(numbers[i], number(r[3 + i])) << r[0] << r[1] << r[2] << i;
    EXPECT_EQ(g.out.window.valid, r[14] == "True");
  }
}

TEST(LiteralG2, Snapshots) { expect_snapshots(g2(), literal::golden::g2_snapshots); }
TEST(LiteralG2, Wall) { expect_wall(g2(), literal::golden::g2_wall); }

TEST(LiteralG2, VacuumWithItsFourTerms) {
  const calibration_table& t = bootstrap_calibration();
  const auto rows = rows_of(literal::golden::g2_vacuum);
  EXPECT_EQ(rows.size(), 22u);
  for (const auto& r : rows) {
    const medium_row& row = row_at(g2_window(r[0]), r[1], r[2]);
    const std::vector<double> numbers{lots(std::int64_t{row.rel_ticks}),
                                      row.pull_intensity_rest,
                                      row.pull_add_log,
                                      row.d1_pull_add_log,
                                      row.d2_pull_add_log,
                                      row.d3_pull_add_log,
                                      row.wall_erosion,
                                      row.wall_strength_log,
                                      t.norm(metric::pull_add_log, row.pull_add_log),
                                      t.norm(metric::log1p_pull_intensity_rest, std::log1p(row.pull_intensity_rest)),
                                      t.norm(metric::log1p_erosion_norm, row.erosion_norm_arg),
                                      t.norm(metric::d2_pull_add_log, row.d2_pull_add_log),
                                      row.vacuum_score};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      EXPECT_NEAR(numbers[i], number(r[3 + i]), printed) << r[0] << r[1] << r[2] << " column " << i;
    }
  }
}

TEST(LiteralG2, PhysicsOfTheSidelessJoin) {
  const auto rows = rows_of(literal::golden::g2_physics);
  std::size_t count = 0;
  for (const given& g : g2()) count += g.details.physics.size();
  EXPECT_EQ(count, rows.size());
  for (const auto& r : rows) {
    const given& g = g2_window(r[0]);
    int found = 0;
    for (const literal::physics_row& p : g.details.physics) {
      if (p.rel_ticks != std::stoi(r[1]) || p.wall_side != side_of(r[2]) || p.vacuum_side != side_of(r[3])) continue;
      ++found;
      EXPECT_NEAR(p.score, number(r[4]), printed);
      EXPECT_NEAR(p.score_signed, number(r[5]), printed);
      if (r[2] != r[3]) continue;
      for (const medium_row& row : g.out.surface.rows) {
        if (row.rel_ticks != p.rel_ticks || row.side != p.wall_side) continue;
        EXPECT_NEAR(row.physics_score, number(r[4]), printed);
        EXPECT_NEAR(row.physics_score_signed, number(r[5]), printed);
      }
    }
    EXPECT_EQ(found, 1) << r[0] << " " << r[1] << r[2] << r[3];
  }
}

TEST(LiteralG2, BucketRadarWithoutGex) {
  const auto rows = rows_of(literal::golden::g2_buckets);
  std::size_t count = 0;
  for (const given& g : g2()) count += g.details.buckets.size();
  EXPECT_EQ(count, rows.size());
  std::map<std::string, std::size_t> next;
  for (const auto& r : rows) {
    const given& g = g2_window(r[0]);
    const literal::bucket_row& b = g.details.buckets.at(next[r[0]]++);
    EXPECT_EQ(b.bucket_rel, std::stoi(r[1]));
    EXPECT_NEAR(b.mass, number(r[2]), printed);
    EXPECT_NEAR(b.vacuum, number(r[3]), printed);
    EXPECT_NEAR(b.resistance_eroded, number(r[4]), printed);
    EXPECT_EQ(b.blocked_level, std::stoi(r[5]));
    EXPECT_NEAR(b.cavitation, number(r[6]), printed);
    EXPECT_NEAR(b.mobility, number(r[7]), printed);
    EXPECT_EQ(b.stiffness, 0);
    const radar_row& row = g.out.column.rows.at(static_cast<std::size_t>(b.bucket_rel - g.out.column.first_bucket_rel));
    EXPECT_EQ(row.resistance_eroded, b.resistance_eroded);
    EXPECT_EQ(row.blocked_level, b.blocked_level);
  }
}

TEST(LiteralG2, RadarFeaturesTheirDerivativesAndTheApproach) {
  const auto rows = rows_of(literal::golden::g2_features);
  EXPECT_EQ(rows.size(), feature_vector::base);
  for (const auto& r : rows) {
    std::array<double, 3> before{};  // x, d1, d2
    for (std::size_t w = 0; w < 4; ++w) {
      const double x = number(r[1 + w]);
      EXPECT_NEAR(feature(g2()[w], r[0]), x, printed) << r[0] << " W" << w + 1;
      const double d1 = w == 0 ? 0 : x - before[0], d2 = w == 0 ? 0 : d1 - before[1], d3 = w == 0 ? 0 : d2 - before[2];
      // Differences of printed values carry their rounding.
      EXPECT_NEAR(feature(g2()[w], "d1_" + r[0]), d1, 8 * printed);
      EXPECT_NEAR(feature(g2()[w], "d2_" + r[0]), d2, 8 * printed);
      EXPECT_NEAR(feature(g2()[w], "d3_" + r[0]), d3, 8 * printed);
      before = {x, d1, d2};
    }
  }
  const std::vector<std::array<double, 3>> f7{{0, 0, 0},
                                              {14.892748984, 14.892748984, 14.892748984},
                                              {-2.872433105, -17.765182089, -32.657931072},
                                              {-2.351375257, 0.521057848, 18.286239937}};
  const std::vector<int> approach{0, 0, 0, 1};
  for (std::size_t w = 0; w < 4; ++w) {
    EXPECT_NEAR(feature(g2()[w], "d1_f7_vacuum_total_log"), f7[w][0], printed);
    EXPECT_NEAR(feature(g2()[w], "d2_f7_vacuum_total_log"), f7[w][1], printed);
    EXPECT_NEAR(feature(g2()[w], "d3_f7_vacuum_total_log"), f7[w][2], printed);
    EXPECT_EQ(g2()[w].out.features.approach, approach[w]);
  }
}

// futures-medium 15.3.
constexpr std::string_view g1_events = R"(
0.1 R N 0     0  0 SNAP
0.2 A B 25.00 10 1 0
0.3 A A 25.50 12 2 0
0.4 T N 25.25 1  0 0
0.5 A A 25.75 8  3 0
1.1 M B 25.25 10 1 0
1.2 C A 25.50 12 2 0
1.3 T N 25.25 1  0 0
)";
constexpr std::string_view g1_snapshots = R"(
1 25.00 10 25.50 12 25.25 25.25 25.00 True
2 25.25 10 25.75 8  25.50 25.25 25.00 True
)";
constexpr std::string_view g1_wall = R"(
1 B 25.00 0 0  10 10 0  10 0  0 0   0   0   False
1 A 25.50 2 0  12 12 0  12 0  0 0   0   0   False
1 A 25.75 3 0  8  8  0  8  0  0 0   0   0   False
2 B 25.00 0 10 0  0  10 0  10 0 -10 -10 -10 True
2 B 25.25 1 0  10 10 0  10 0  0 0   0   0   True
2 A 25.50 2 12 0  0  12 0  12 0 -12 -12 -12 True
2 A 25.75 3 8  8  0  0  8  0  0 0   0   0   True
)";
constexpr std::string_view g1_features = R"(
f1_ask_com_disp_log -1.8207470061 0.1625189295
f1_ask_slope_convex_log -2.1972245773 -2.1972245773
f1_ask_slope_inner_log -0.3677247801 2.1972245773
f1_ask_at_share_delta 0.5714285714 -0.5714285714
f1_ask_near_share_delta 0.3809523810 0.5079365079
f1_ask_reprice_away_share_rest 0.5 0.5
f2_ask_pull_add_log_rest -3.0445224377 2.5649493575
f2_ask_pull_intensity_log_rest 0 0.4519851237
f2_ask_at_pull_share_rest 0 0.9230769231
f2_ask_near_pull_share_rest 0 0
f3_bid_com_disp_log -3.0445224377 3.0445224377
f3_bid_slope_convex_log 0 0
f3_bid_slope_inner_log -2.3978952728 0
f3_bid_at_share_delta 0.9090909091 -0.9090909091
f3_bid_near_share_delta 0 0
f3_bid_reprice_away_share_rest 0.5 0.0
f4_bid_pull_add_log_rest -2.3978952728 2.3978952728
f4_bid_pull_intensity_log_rest 0 0.6466271649
f4_bid_at_pull_share_rest 0 0.9090909091
f4_bid_near_pull_share_rest 0 0
f5_vacuum_expansion_log -4.8652694438 3.2070413672
f6_vacuum_decay_log -5.4424177105 4.9628446303
f7_vacuum_total_log -10.3076871543 8.1698859975
f8_ask_bbo_dist_ticks 2 3
f9_bid_bbo_dist_ticks 0 20
u13_bid_add_intensity_log 2.3978952728 0
u14_bid_far_pull_share_rest 1 0.0909090909
u15_up_expansion_log 1.2237754316 -2.8820035082
u16_up_flow_log -0.6466271649 0.1670540847
u17_up_total_log 0.5771482667 -2.7149494236
)";

TEST(LiteralG1, SnapshotsWallAndRadar) {
  const auto windows = windows_of(g1_events);
  expect_snapshots(windows, g1_snapshots);
  expect_wall(windows, g1_wall);
  EXPECT_FALSE(windows[0].out.window.valid);
  EXPECT_TRUE(windows[1].out.window.valid);
  for (const auto& r : rows_of(g1_features)) {
    EXPECT_NEAR(feature(windows[0], r[0]), number(r[1]), 1e-10) << r[0];
    EXPECT_NEAR(feature(windows[1], r[0]), number(r[2]), 1e-10) << r[0];
  }
}

TEST(Literal, TheSnapshotFlagActsBeforeTheWindowRolls) {
  const auto windows = windows_of(R"(
0.1 A B 25.00 10 1 0
0.2 A A 25.50 10 2 0
1.0 A A 25.75 10 3 SNAP
2.5 A A 26.00 10 4 0
)");
  ASSERT_EQ(windows.size(), 3u);
  EXPECT_EQ(windows[0].details.best_bid.value, 0);  // emptied by the next second's first message
  EXPECT_FALSE(windows[0].out.window.valid);
  EXPECT_TRUE(windows[2].details.book_valid);
  EXPECT_TRUE(windows[1].out.window.rebuilt);
}

TEST(Literal, AFillAndItsCancelCountTwiceAndARepeatedAddLeavesItsDepth) {
  const auto windows = windows_of(R"(
0.1 R N 0 0 0 SNAP
0.2 A B 25.00 10 1 0
0.3 A B 24.75 10 2 0
0.3 A B 24.75 6 2 0
0.9 F B 25.00 4 1 0
0.9 C B 25.00 4 1 0
)");
  const medium_row& r = row_at(windows.at(0), "B", "25.00");
  EXPECT_EQ(r.filled, 4u);
  EXPECT_EQ(r.pulled, 6u);
  EXPECT_EQ(r.depth_end, 0u);
  EXPECT_EQ(row_at(windows.at(0), "B", "24.75").depth_end, 16u);
}

TEST(Literal, TheReplayOfAWindowKnowsOrdersThatAFlagSweptAway) {
  const auto windows = windows_of(R"(
0.1 A B 25.00 10 1 0
0.2 A A 25.50 10 2 0
0.3 T N 25.00 1  0 0
1.0 C A 25.50 10 2 0
1.1 A A 25.75 10 3 SNAP
1.2 C B 25.00 10 1 0
)");
  const given& g = windows.at(1);
  EXPECT_EQ(g.out.surface.rows.size(), 2u);  // the asks; the wall has neither the bid nor its cancel
  EXPECT_NEAR(feature(g, "f4_bid_pull_add_log_rest"), std::log(11.), 1e-12);
  EXPECT_NEAR(feature(g, "f2_ask_pull_add_log_rest"), 0, 1e-12);  // 10 withdrawn, 10 added
  EXPECT_NEAR(feature(g, "f3_bid_at_share_delta"), -10 / 11., 1e-12);
}

TEST(Literal, TheReferenceIsHalfToEvenOnTheGrid) {
  const auto ref = [](double last) {
    return literal::spot_reference(price(static_cast<std::int64_t>(last * 1e9)), true, price(0), price(250'000'000));
  };
  EXPECT_EQ(ref(6902.50), price(6'900'000'000'000));
  EXPECT_EQ(ref(6907.50), price(6'910'000'000'000));
  EXPECT_EQ(ref(6902.75), price(6'905'000'000'000));
  EXPECT_EQ(literal::spot_reference(price(0), false, price(5), price(1)).value, 0);
  EXPECT_EQ(literal::round_half_even(-5, 2), -2);
  EXPECT_EQ(literal::round_half_even(-7, 2), -4);
  EXPECT_EQ(literal::round_half_even(7, 3), 2);
}

TEST(Literal, BucketsTakeStrikesWithoutTheLowerQuantile) {
  literal_engine engine{literal_config(), false};
  keeper sink;
  sink.engine = &engine;
  engine.take(gex_input{timestamp{} + seconds(1),
                        {{price(6'905'000'000'000), 300'000, 200'000}, {price(INT64_MAX / 2), 1, 1}}});
  for (const book_event& e : scenario(literal::golden::g2_events)) engine.apply(e, sink);
  engine.advance(end_of_time, sink);
  const auto& b = sink.windows.at(0).details.buckets.back();
  EXPECT_EQ(b.bucket_rel, 10);
  EXPECT_NEAR(b.stiffness, 500'000 / 1'000'001., 1e-15);
  EXPECT_EQ(b.blocked_level, 2);  // 2.4999975
  EXPECT_EQ(sink.windows.at(0).out.column.gex_as_of, timestamp{} + seconds(1));
}

TEST(Literal, LongIdleGapsAreOneSpanAndLastWindowsSettleBefore) {
  auto events = scenario(literal::golden::g2_events);
  const timestamp gap_end = timestamp{} + seconds(100'000);
  events.push_back({.ts_event = gap_end, .price = price(6'900'000'000'000), .size = 1, .action = book_action::trade});
  events.push_back({.ts_event = {INT64_MAX}, .action = book_action::none});  // no time at all
  literal_engine engine{literal_config(), false};
  keeper sink;
  sink.engine = &engine;
  for (const book_event& e : events) engine.apply(e, sink);
  engine.advance(end_of_time, sink);
  std::uint64_t windows = 0;
  timestamp end = sink.windows.front().out.window.start;
  for (const given& g : sink.windows) {
    EXPECT_EQ(g.out.window.start, end);
    EXPECT_EQ((g.out.window.end - g.out.window.start).value, g.out.window.span * seconds(1).value);
    end = g.out.window.end;
    windows += g.out.window.span;
  }
  EXPECT_EQ(windows, 100'001u);
  EXPECT_EQ(engine.counters().windows, 100'001u);
  EXPECT_LT(sink.windows.size(), 15u);
  EXPECT_EQ(engine.counters().late_events, 1u);
  // The span's rows say what the window before it said.
  const auto& span =
      *std::find_if(sink.windows.begin(), sink.windows.end(), [](auto& g) { return g.out.window.span > 1; });
  EXPECT_EQ(span.out.surface, (&span - 1)->out.surface);
  EXPECT_EQ(span.out.features, (&span - 1)->out.features);
}

TEST(Literal, LiveClosesWindowsByTheWatermark) {
  literal_engine live{literal_config(), true}, replay{literal_config(), false};
  keeper sink;
  for (literal_engine* e : {&live, &replay}) {
    sink.engine = e;
    sink.windows.clear();
    e->apply(scenario(literal::golden::g2_events)[1], sink);
    e->advance(timestamp{} + seconds(3), sink);
    EXPECT_EQ(sink.windows.size(), e == &live ? 3u : 0u);
  }
  EXPECT_EQ(live.closed_until(), timestamp{} + seconds(3));
}

TEST(Literal, ResumesFromACheckpointAfterAnyEvent) {
  const auto events = scenario(literal::golden::g2_events);
  const auto same = [](const given& a, const given& b) {
    return a.out.window == b.out.window && a.out.surface == b.out.surface && a.out.features == b.out.features &&
           a.out.column == b.out.column;
  };
  for (std::size_t cut = 0; cut <= events.size(); ++cut) {
    literal_engine first{literal_config(), false}, second{literal_config(), false};
    keeper sink;
    sink.engine = &first;
    first.take(gex_input{timestamp{} + seconds(2), {{price(6'905'000'000'000), 3e5, 2e5}}});
    for (std::size_t i = 0; i < cut; ++i) first.apply(events[i], sink);
    calibration_table table = bootstrap_calibration();
    table.id = "fitted";
    table.bound[0].q95 = 3;
    first.take(table);
    std::string bytes;
    first.save(bytes);
    ASSERT_TRUE(second.restore(bytes));
    const std::size_t before = sink.windows.size();
    keeper other;
    other.engine = &second;
    for (std::size_t i = cut; i < events.size(); ++i) first.apply(events[i], sink), second.apply(events[i], other);
    first.advance(end_of_time, sink);
    second.advance(end_of_time, other);
    ASSERT_EQ(other.windows.size(), sink.windows.size() - before);
    for (std::size_t i = 0; i < other.windows.size(); ++i)
      EXPECT_TRUE(same(sink.windows[before + i], other.windows[i])) << cut;
    EXPECT_FALSE(second.restore(std::string_view(bytes).substr(0, bytes.size() - 1)));
    EXPECT_EQ(second.counters().events, 0u);
  }
}

struct last_window : radar_sink {
  std::vector<window_outputs> windows;
  void on_window(const window_outputs& out) override { windows.push_back(out); }
  void on_levels(const level_outputs&) override {}
};

TEST(Literal, IsWhatAnEngineDoesWhoseConfigurationAsksForIt) {
  const auto events = scenario(literal::golden::g2_events);
  radar_engine engine{literal_config(), false}, corrected{radar_config{}, false};
  last_window sink, other;
  engine.apply(events, sink);
  std::string bytes;
  engine.save(bytes);
  radar_engine resumed{literal_config(), false};
  ASSERT_TRUE(resumed.restore(bytes));
  EXPECT_FALSE(corrected.restore(bytes));
  resumed.advance(end_of_time, sink);
  ASSERT_EQ(sink.windows.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(sink.windows[i].surface, g2()[i].out.surface);
    EXPECT_EQ(sink.windows[i].features, g2()[i].out.features);
  }
  EXPECT_EQ(resumed.counters().windows, 4u);
  EXPECT_EQ(resumed.config().rules, compat::literal);
}

}  // namespace
}  // namespace isobar::radar_physics
