#include "gamma-fuel/app.hpp"

#include "gamma-fuel/app_fixture.hpp"
#include "gamma-fuel/config.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace fixture;
using isobar::testing::temp_dir;

const timestamp second = morning + seconds(1);

/// Chain, board, a base of every contract, and both sides until `t`.
void send_start(sources& from, timestamp t) {
  from.send_epoch();
  from.send_chain(chain(morning + milliseconds(100)));
  std::vector<market::contract_index> all(18);
  for (market::contract_index i = 0; i < all.size(); ++i) all[i] = i;
  from.send_rows(morning + milliseconds(400), true, all, 12, 5'001);
  from.options_until(t);
}

TEST(GammaFuel, ALandscapeComesOfChainAndRows) {
  temp_dir data;
  running_gamma gamma(data.path());
  send_start(gamma.from, second);
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 1; }));
  const auto p = gamma.profiles(spx()).front();
  EXPECT_EQ(p.window_end_ns(), second.ns);
  EXPECT_EQ(p.contracts(), 18u);
  EXPECT_EQ(p.contracts_priced(), 14u);  // two calls and two puts are quoted below their intrinsic value
  EXPECT_EQ(p.price_nanos(), points(5'001).value);
  EXPECT_EQ(p.basis_nanos(), 0);
  EXPECT_EQ(gamma.gex().of(subjects::gex_surface("sim", spx())).size(), 1u);
  EXPECT_TRUE(eventually([&] { return gamma.level().of(subjects::level_set("sim", spx())).size() == 1; }));
  // radar-physics and the sources go by these.
  EXPECT_TRUE(eventually([&] { return gamma.gex().watermark(subjects::gex_surface("sim", spx())) == second; }));
  EXPECT_TRUE(eventually([&] {
    for (const auto& [n, bytes] : gamma.reports().of(subjects::control_progress("sim", spx()))) {
      const auto report = wire::decode_progress(bytes);
      if (report && report->body.participant == "gamma-fuel" && report->body.done_until == second) return true;
    }
    return false;
  }));
}

TEST(GammaFuel, AFutureIsReadFromTheOptionsOfItsIndex) {
  temp_dir data;
  running_gamma gamma(data.path());
  gamma.from.send_quote(morning + milliseconds(500), 5'031.125);
  gamma.from.send_trade(morning + milliseconds(600), 5'031.25);
  send_start(gamma.from, second);
  EXPECT_TRUE(gamma.profiles(esh6()).empty());  // its own market is awaited
  gamma.from.market_until(second);
  ASSERT_TRUE(eventually([&] { return gamma.profiles(esh6()).size() == 1; }));
  const auto p = gamma.profiles(esh6()).front();
  EXPECT_EQ(p.option_symbol(), "SPX");
  EXPECT_EQ(p.basis_nanos(), points(30.25).value);  // 30.125 on the tick, half away from zero
  EXPECT_GT(p.strike_nanos_size(), 20);
  EXPECT_EQ(p.strike_nanos(0) % points(5).value, 0);
  EXPECT_TRUE(eventually([&] { return !gamma.level().of(subjects::level_signals("sim", esh6())).empty(); }));
}

TEST(GammaFuel, AGapAsksForABaseWindowAndHeals) {
  temp_dir data;
  running_gamma gamma(data.path(), {}, "live");
  send_start(gamma.from, second);
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 1; }));
  gamma.from.lose(subjects::model_gex("sim", spx()));
  gamma.from.send_rows(second + milliseconds(400), false, {3}, 13, 5'002);
  ASSERT_TRUE(eventually([&] { return gamma.resyncs().messages() > 0; }));
  gamma.from.options_until(second + seconds(1));
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 2; }));
  EXPECT_EQ(gamma.profiles(spx()).back().header().quality(), common::v1::QUALITY_GAP);
  gamma.from.send_rows(second + milliseconds(1'400), true, {3, 4}, 15, 5'003);
  gamma.from.options_until(second + seconds(2));
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 3; }));
  EXPECT_EQ(gamma.profiles(spx()).back().header().quality(), common::v1::QUALITY_OK);
  // The base holds two contracts: what rows had said of the others is void.
  EXPECT_EQ(gamma.profiles(spx()).back().contracts_priced(), 2u);
  EXPECT_TRUE(eventually([&] { return gamma.metric("heals_total", spx()) == 1; }));
}

TEST(GammaFuel, RowsOfAnUnknownEpochWaitForIt) {
  temp_dir data;
  running_gamma gamma(data.path());
  gamma.from.send_chain(chain(morning + milliseconds(100)));
  gamma.from.send_rows(morning + milliseconds(400), true, {0, 1, 2}, 12, 5'001);
  gamma.from.options_until(second);
  EXPECT_TRUE(eventually([&] { return gamma.metric("held_frames", spx()) >= 2; }));
  EXPECT_TRUE(gamma.profiles(spx()).empty());
  gamma.from.send_epoch();
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 1; }));
  EXPECT_EQ(gamma.profiles(spx()).front().price_nanos(), points(5'001).value);
}

TEST(GammaFuel, TradesMakeDealersPositions) {
  temp_dir data;
  running_gamma gamma(data.path());
  send_start(gamma.from, morning + milliseconds(400));
  gamma.from.send_flow(morning + milliseconds(600),
                       {{.contract = 8,
                         .ts_event = morning + milliseconds(450),
                         .price = points(12.1),
                         .size = quantity(40),
                         .bid = points(11.9),
                         .ask = points(12.1)}},
                       5'001);
  gamma.from.send_volume(morning + milliseconds(600), 40, 5'001);
  gamma.from.options_until(second);
  ASSERT_TRUE(eventually([&] { return gamma.profiles(spx()).size() == 1; }));
  const auto profile = gamma.profiles(spx()).front();
  for (const auto& m : profile.models())
    if (m.model() == gex::v1::SIGN_MODEL_FLOW) {
      EXPECT_LT(m.total_gex(), 0);  // customers bought: dealers are short gamma
    }
  EXPECT_EQ(profile.volume().lots(), 40u);
  EXPECT_EQ(profile.volume().point_of_control_nanos(), points(5'000).value);
  EXPECT_TRUE(profile.gravity().by_volume());
  EXPECT_TRUE(eventually([&] { return gamma.metric("option_lots_total", spx()) == 40; }));
  EXPECT_EQ(gamma.metric("volume_lots_total", spx()), 40);
}

TEST(GammaFuel, GivesTheSameBytesWhateverTheOrderOfInputs) {
  const auto run = [](bool market_first) {
    temp_dir data;
    running_gamma gamma(data.path());
    const auto market = [&] {
      for (int i = 0; i < 12; ++i) {
        gamma.from.send_quote(morning + milliseconds(250 * i + 10), 5'030.125 + 0.25 * i);
        gamma.from.send_trade(morning + milliseconds(250 * i + 20), 5'030 + 0.25 * i);
      }
      gamma.from.market_until(end_of_time);
    };
    const auto options = [&] {
      send_start(gamma.from, second);
      for (int i = 1; i < 10; ++i) {
        gamma.from.send_rows(second + milliseconds(200 * i), false, {static_cast<std::uint32_t>(i)}, 12, 5'000 + i);
        gamma.from.send_volume(second + milliseconds(200 * i), 3, 5'000 + i);
      }
      gamma.from.options_until(end_of_time);
    };
    market_first ? market() : options();
    market_first ? options() : market();
    EXPECT_TRUE(eventually([&] {
      return gamma.level().watermark(subjects::level_signals("sim", esh6())) == end_of_time &&
             gamma.level().watermark(subjects::level_signals("sim", spx())) == end_of_time;
    }));
    auto out = gamma.gex().frames();
    out.insert(gamma.level().frames().begin(), gamma.level().frames().end());
    return out;
  };
  const auto a = run(true), b = run(false);
  ASSERT_GE(a.at(subjects::gex_profile("sim", esh6())).size(), 3u);
  EXPECT_TRUE(a == b);
}

TEST(GammaFuel, UsersLevelsOutliveTheProcess) {
  temp_dir data;
  level::v1::AddUserLevelRequest add;
  add.set_symbol("SPX");
  add.set_id("MINE");
  add.set_price_nanos(points(5'007).value);
  for (const bool first : {true, false}) {
    running_gamma gamma(data.path());
    if (first) {
      ::grpc::ClientContext context;
      level::v1::AddUserLevelResponse added;
      const auto status = gamma.levels().AddUserLevel(&context, add, &added);
      ASSERT_TRUE(status.ok()) << status.error_message();
    }
    send_start(gamma.from, second);
    ASSERT_TRUE(eventually([&] { return !gamma.level().of(subjects::level_set("sim", spx())).empty(); }));
    level::v1::LevelSet set;
    ASSERT_TRUE(set.ParseFromString(gamma.level().of(subjects::level_set("sim", spx())).begin()->second));
    EXPECT_TRUE(std::any_of(set.levels().begin(), set.levels().end(), [](const auto& l) { return l.id() == "MINE"; }));
    level::v1::ExplainRequest ask;
    ask.set_symbol("SPX");
    ask.set_level_id("MINE");
    ::grpc::ClientContext context;
    level::v1::ExplainResponse why;
    const auto status = gamma.levels().Explain(&context, ask, &why);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_GT(why.strikes_size(), 0);
  }
}

TEST(GammaFuel, GoesOnFromItsCheckpointWithTheSameBytes) {
  temp_dir whole_data, data;
  const auto part = [](sources& from, int first, int last) {
    for (int i = first; i < last; ++i) {
      from.send_rows(second + milliseconds(200 * i), false, {static_cast<std::uint32_t>(i % 18)}, 12, 5'000 + 0.5 * i);
      from.send_volume(second + milliseconds(200 * i), static_cast<std::uint64_t>(i), 5'000 + 0.5 * i);
      from.options_until(second + milliseconds(200 * i));
    }
  };
  const std::vector<std::string> flags{"--gamma-fuel.resume=true"};
  std::map<std::uint64_t, std::string> expected, got;
  const std::string subject = subjects::gex_profile("sim", spx());
  {
    running_gamma gamma(whole_data.path(), flags);
    send_start(gamma.from, second);
    part(gamma.from, 1, 40);
    gamma.from.options_until(end_of_time);
    ASSERT_TRUE(eventually([&] { return gamma.gex().watermark(subject) == end_of_time; }));
    expected = gamma.gex().of(subject);
  }
  ASSERT_GE(expected.size(), 8u);
  {
    running_gamma gamma(data.path(), flags);
    send_start(gamma.from, second);
    part(gamma.from, 1, 18);
    ASSERT_TRUE(eventually([&] { return gamma.gex().of(subject).size() >= 4; }));
    gamma.stop();
    got = gamma.gex().of(subject);
  }
  ASSERT_LT(got.size(), expected.size());
  {
    // The sources begin again too, as a replay does.
    running_gamma gamma(data.path(), flags);
    send_start(gamma.from, second);
    part(gamma.from, 1, 40);
    gamma.from.options_until(end_of_time);
    ASSERT_TRUE(eventually([&] { return gamma.gex().watermark(subject) == end_of_time; }));
    const auto rest = gamma.gex().of(subject);
    EXPECT_EQ(rest.begin()->first, got.rbegin()->first + 1);
    got.insert(rest.begin(), rest.end());
  }
  EXPECT_TRUE(got == expected);
}

TEST(GammaFuel, CountsWhatItCannotRead) {
  temp_dir data;
  running_gamma gamma(data.path());
  gamma.from.publish(subjects::model_gex("sim", spx()), "no frame");
  gamma.from.publish(subjects::feed_quotes("sim", esh6()), "no frame");
  EXPECT_TRUE(eventually([&] { return gamma.metric("rejected_total", spx(), "reason=\"malformed\",") == 1; }));
  // The future reads the index's rows too.
  EXPECT_TRUE(eventually([&] { return gamma.metric("rejected_total", esh6(), "reason=\"malformed\",") == 2; }));
}

}  // namespace
}  // namespace isobar::gamma_fuel
