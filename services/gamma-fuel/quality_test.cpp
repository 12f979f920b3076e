// What is not whole is never told as good: gaps, absurd times, epochs that do not come, and which input is to blame.
#include "gamma-fuel/app_fixture.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace fixture;
using isobar::testing::temp_dir;

const timestamp second = morning + seconds(1);
constexpr auto year = seconds(365 * 86'400);

void send_start(sources& from, timestamp t) {
  from.send_epoch();
  from.send_chain(chain(morning + milliseconds(100)));
  std::vector<market::contract_index> all(18);
  for (market::contract_index i = 0; i < all.size(); ++i) all[i] = i;
  from.send_rows(morning + milliseconds(400), true, all, 12, 5'001);
  from.options_until(t);
}

/// "rows=5 ": inputs and their quality.
template <class Message>
std::string blamed(const Message& m) {
  std::string out;
  for (const auto& i : m.input_quality()) out += i.input() + "=" + std::to_string(i.quality()) + " ";
  return out;
}

TEST(GammaQuality, AGapThatAHeartbeatTellsOfIsToldUntilABase) {
  temp_dir data;
  running_gamma gamma(data.path(), {}, "live");
  send_start(gamma.from, second);
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 1; }));
  EXPECT_EQ(blamed(gamma.profiles(spx()).back()), "");
  gamma.from.lose(subjects::model_gex("sim", spx()));
  gamma.from.options_until(second + seconds(1));  // repeats a number that never came
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 2; }));
  EXPECT_EQ(gamma.profiles(spx()).back().header().quality(), common::v1::QUALITY_GAP);
  EXPECT_EQ(blamed(gamma.profiles(spx()).back()), "rows=5 ");
  EXPECT_TRUE(eventually([&] { return blamed(gamma.signals(spx())) == "rows=5 "; }));
  EXPECT_EQ(gamma.signals(spx()).header().quality(), common::v1::QUALITY_GAP);
  // News of another contract heal nothing.
  gamma.from.send_rows(second + milliseconds(1'400), false, {3}, 13, 5'002);
  gamma.from.options_until(second + seconds(2));
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 3; }));
  EXPECT_EQ(blamed(gamma.profiles(spx()).back()), "rows=5 ");
  gamma.from.send_rows(second + milliseconds(2'400), true, {3, 4}, 15, 5'003);
  gamma.from.options_until(second + seconds(3));
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 4; }));
  EXPECT_EQ(gamma.profiles(spx()).back().header().quality(), common::v1::QUALITY_OK);
  EXPECT_TRUE(eventually([&] { return gamma.signals(spx()).header().quality() == common::v1::QUALITY_OK; }));
}

TEST(GammaQuality, ATradeThatWasMissedIsMissedByFuelForItsWindow) {
  temp_dir data;
  running_gamma gamma(data.path(), {"--gamma-fuel.fuel-window-ms=3000"}, "live");
  send_start(gamma.from, second);
  const std::string flow = subjects::model_flow("sim", spx());
  gamma.from.lose(flow);
  const auto print = [](timestamp at) {
    return std::vector<market::option_print>{{.contract = 8, .ts_event = at, .price = points(12), .size = quantity(1)}};
  };
  for (int i = 1; i <= 6; ++i) {
    const timestamp end = second + seconds(i);
    gamma.from.send_flow(end, print(end - milliseconds(50)), 5'001);
    gamma.from.send_rows(end, false, {static_cast<std::uint32_t>(i)}, 12, 5'001 + i);
    gamma.from.options_until(end + milliseconds(300));
    ASSERT_TRUE(eventually([&] { return gamma.signals(spx()).as_of_ns() >= end.ns; })) << i;
    const bool missed = blamed(gamma.signals(spx())).find("flow=5") != std::string::npos;
    EXPECT_EQ(missed, i <= 4) << i;  // the frame behind the gap is of 1 s, whole again from the next on: 2 s + 3 s
  }
}

TEST(GammaQuality, AnAbsurdTimeCostsOneFrameAndNotTheInput) {
  temp_dir data;
  running_gamma gamma(data.path());
  send_start(gamma.from, second);
  gamma.from.send_quote(second + milliseconds(100), 5'031);
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 1; }));
  gamma.from.send_rows(second + year * 10, false, {3}, 50, 9'999);
  gamma.from.send_quote(second + year * 10, 9'999);
  gamma.from.send_rows(second + milliseconds(400), false, {4}, 12, 5'002);
  gamma.from.send_quote(second + milliseconds(500), 5'032);
  gamma.from.options_until(second + seconds(1));
  gamma.from.market_until(second + seconds(1));
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 2; }));
  EXPECT_EQ(gamma.profiles(spx()).back().window_end_ns(), (second + seconds(1)).ns);
  EXPECT_EQ(gamma.profiles(spx()).back().price_nanos(), points(5'002).value);
  EXPECT_EQ(gamma.profiles(spx()).back().contracts(), 18u);
  EXPECT_EQ(blamed(gamma.profiles(spx()).back()), "rows=5 ") << "what the frame said is missing";
  EXPECT_TRUE(eventually([&] { return !gamma.profiles(esh6()).empty(); }));
  EXPECT_EQ(gamma.profiles(esh6()).back().price_nanos(), points(5'032).value);
  EXPECT_TRUE(eventually([&] { return gamma.metric("rejected_total", spx(), "reason=\"time_leap\",") == 1; }));
  EXPECT_TRUE(eventually([&] { return gamma.metric("rejected_total", esh6(), "reason=\"time_leap\",") == 2; }));
}

TEST(GammaQuality, ALeapThatTheNextFrameConfirmsIsTaken) {
  temp_dir data;
  running_gamma gamma(data.path(), {"--gamma-fuel.leap-max-ms=60000"});
  send_start(gamma.from, second);
  const timestamp later = second + seconds(3'600);
  gamma.from.send_rows(later, true, {6, 7, 8, 9}, 12, 5'105);
  gamma.from.send_chain(chain(later, 5'105));
  gamma.from.options_until(later + seconds(1));
  gamma.from.options_until(later + seconds(1));  // what has only heartbeats is confirmed by the next one
  ASSERT_TRUE(eventually([&] {
    return !gamma.profiles(spx()).empty() && gamma.profiles(spx()).back().window_end_ns() >= later.ns &&
           gamma.profiles(spx()).back().price_nanos() == points(5'105).value;
  }));
  EXPECT_EQ(gamma.metric("rejected_total", spx(), "reason=\"time_leap\","), -1);
}

TEST(GammaQuality, AnEpochThatNeverComesDoesNotHoldTime) {
  temp_dir data;
  running_gamma gamma(data.path(), {"--gamma-fuel.epoch-wait-ms=300", "--gamma-fuel.resync-ms=20"});
  send_start(gamma.from, second);
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 1; }));
  gamma.from.send_rows(second + milliseconds(400), true, {3, 4}, 13, 5'002, 7);  // its announcement was lost
  gamma.from.options_until(second + seconds(1));
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 2; }));
  EXPECT_EQ(blamed(gamma.profiles(spx()).back()), "rows=5 ");
  EXPECT_TRUE(eventually([&] { return gamma.metric("rejected_total", spx(), "reason=\"unknown_epoch\",") == 1; }));
  EXPECT_TRUE(eventually([&] { return gamma.resyncs().messages() > 0; })) << "a base is asked for";
  // Time goes on, at once, while it is not known.
  gamma.from.send_rows(second + milliseconds(1'400), false, {4}, 13, 5'002, 7);
  gamma.from.options_until(second + seconds(2));
  gamma.from.send_epoch(7);
  // A base of it heals, once it is known: the store or the announcement may come behind the first.
  timestamp t = second + seconds(2);
  ASSERT_TRUE(eventually([&] {
    gamma.from.send_rows(t + milliseconds(600), true, {3, 4}, 15, 5'004, 7);
    t = t + seconds(1);
    gamma.from.options_until(t);
    const auto all = gamma.profiles(spx());
    return !all.empty() && all.back().header().quality() == common::v1::QUALITY_OK &&
           all.back().price_nanos() == points(5'004).value;
  }));
}

TEST(GammaQuality, SignalsNameTheMediumAndTheRadarsGap) {
  temp_dir data;
  running_gamma gamma(data.path());
  send_start(gamma.from, second + seconds(20));
  for (int i = 0; i < 40; ++i) {
    gamma.from.send_quote(morning + milliseconds(250 * i + 10), 5'030.125 + 0.25 * (i % 3));
    gamma.from.send_trade(morning + milliseconds(250 * i + 20), 5'030.25);
    gamma.from.send_states(morning + milliseconds(250 * (i + 1)), "ROUND_5030", 5'030, "corrected-abc");
  }
  gamma.from.market_until(morning + seconds(10));
  ASSERT_TRUE(eventually([&] { return gamma.signals(esh6()).levels_size() > 0; }));
  ASSERT_TRUE(eventually([&] { return gamma.signals(esh6()).assumptions().ends_with("+corrected-abc"); }));
  EXPECT_EQ(blamed(gamma.signals(esh6())), "");
}

market::listed_option feed_option(std::uint32_t number, int k, std::string root = "E1A") {
  return {.number = number,
          .raw_symbol = "X" + std::to_string(k),
          .id = {std::move(root), today, market::right::call, strike(points(k).value)},
          .settles_at = market::settlement_time(today, market::settlement::pm),
          .multiplier = 100 * nanos_per_unit,
          .american = false};
}
market::option_feed_event feed_quote(std::uint32_t number, double mid, timestamp at) {
  return {.ts_event = at, .number = number, .bid = points(mid - 0.1), .ask = points(mid + 0.1)};
}

/// ESH6 reads its options from its own feed.
const std::vector<std::string> own_feed{"--gamma-fuel.override=ESH6:options=feed"};

TEST(GammaQuality, ABaseOfSeveralFramesIsOne) {
  temp_dir data;
  running_gamma gamma(data.path(), own_feed);
  wire::option_frame f{.symbol = esh6(), .base = true, .base_continues = true, .contracts = {}, .events = {}};
  f.contracts = {feed_option(0, 5'000)};
  f.events = {feed_quote(0, 12, morning + milliseconds(100))};
  gamma.from.send_quote(morning + milliseconds(200), 5'005);
  gamma.from.send_options(esh6(), f, morning + milliseconds(100), second + seconds(5));
  gamma.from.send_quote(second + seconds(6), 5'006);
  gamma.from.market_until(second + seconds(6));
  ASSERT_TRUE(eventually([&] { return gamma.metric("symbol_quotes_total", esh6()) >= 1; }));
  EXPECT_TRUE(gamma.profiles(esh6()).empty()) << "half of a base is in no window";
  f.base = f.base_continues = false;
  f.contracts = {feed_option(1, 5'005)};
  f.events = {feed_quote(1, 9, morning + milliseconds(100))};
  gamma.from.send_options(esh6(), f, morning + milliseconds(100), second + seconds(5));
  ASSERT_TRUE(eventually([&] { return !gamma.profiles(esh6()).empty(); }));
  EXPECT_EQ(gamma.profiles(esh6()).front().window_end_ns(), second.ns);
  EXPECT_EQ(gamma.profiles(esh6()).front().contracts(), 2u);
}

TEST(GammaQuality, ABaseWithoutEventsClearsAGap) {
  temp_dir data;
  running_gamma gamma(data.path(), own_feed, "live");
  wire::option_frame f{.symbol = esh6(), .base = true, .contracts = {feed_option(0, 5'000)}, .events = {}};
  f.events = {feed_quote(0, 12, morning + milliseconds(100))};
  const auto at = [](int ms) { return morning + milliseconds(ms); };
  gamma.from.send_quote(at(150), 5'005);
  gamma.from.send_options(esh6(), f, at(100), at(200));
  gamma.from.lose(subjects::feed_options("sim", esh6()));
  const auto until = [&](timestamp t) {
    gamma.from.heartbeat(subjects::feed_options("sim", esh6()), t);
    gamma.from.send_quote(t - milliseconds(1), 5'005 + static_cast<double>(t.ns % 7));
    gamma.from.market_until(t);
  };
  until(second);
  ASSERT_TRUE(eventually([&] { return !gamma.profiles(esh6()).empty(); }));
  EXPECT_NE(blamed(gamma.profiles(esh6()).back()).find("option_feed=5"), std::string::npos);
  f.events.clear();
  gamma.from.send_options(esh6(), f, at(1'100), at(1'100));
  until(second + seconds(1));
  ASSERT_TRUE(eventually([&] { return gamma.profiles(esh6()).back().window_end_ns() == (second + seconds(1)).ns; }));
  EXPECT_EQ(blamed(gamma.profiles(esh6()).back()).find("option_feed"), std::string::npos);
}

TEST(GammaQuality, TradesOfTheIndexOptionsFeedAreFuelOfTheFuture) {
  temp_dir data;
  running_gamma gamma(data.path(), {"--gamma-fuel.override=ESH6:option-feed=SPX", "--gamma-fuel.side-radar=false"});
  send_start(gamma.from, second + seconds(3));
  for (int i = 0; i < 12; ++i) gamma.from.send_quote(morning + milliseconds(250 * i + 10), 5'031.125 + 0.25 * (i % 2));
  // As feed-ingest tells of a file of trades: contracts, their trades, no quotes. Customers bought at the ask.
  wire::option_frame f{.symbol = spx(), .base = true, .contracts = {feed_option(0, 5'000, "SPXW")}, .events = {}};
  for (int i = 0; i < 4; ++i)
    f.events.push_back({.ts_event = second + milliseconds(100 * i),
                        .number = 0,
                        .kind = market::option_record::trade,
                        .last = points(12.1),
                        .size = 25});
  gamma.from.send_options(spx(), f, second, second + seconds(3));
  gamma.from.heartbeat(subjects::feed_options("sim", spx()), second + seconds(3));
  gamma.from.market_until(second + seconds(3));
  ASSERT_TRUE(eventually([&] { return gamma.signals(esh6()).as_of_ns() >= (second + seconds(1)).ns; }));
  // Strike 5,000 lies at 5,030.25 of the future, by the live basis.
  bool found = false;
  const auto last = gamma.signals(esh6());
  for (const auto& l : last.levels()) {
    if (std::abs(l.price_nanos() - points(5'030).value) > points(10).value) continue;
    found = true;
    EXPECT_EQ(l.fuel().volume_lots(), 100u) << l.id();
    EXPECT_LT(l.fuel().net_dealer_gamma(), 0) << l.id();
  }
  EXPECT_TRUE(found);
  EXPECT_TRUE(eventually([&] { return gamma.metric("option_lots_total", esh6()) == 100; }));
  EXPECT_TRUE(eventually([&] {
    for (const auto& [n, bytes] : gamma.reports().of(subjects::control_progress("sim", spx()))) {
      const auto report = wire::decode_progress(bytes);
      if (report && report->body.participant == "gamma-fuel/ESH6" && report->body.option_sequence == 1) return true;
    }
    return false;
  })) << "its source goes by the frames taken";
}

}  // namespace
}  // namespace isobar::gamma_fuel
