#include "gamma-fuel/transport/gamma_encoder.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/transport/gamma_fixture.hpp"
#include "wire/side_input_codec.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace fixture;
template <class T>
std::vector<T> list(const google::protobuf::RepeatedField<T>& from) {
  return {from.begin(), from.end()};
}
using doubles = std::vector<double>;

class GammaEncoder : public ::testing::Test {
 protected:
  std::string encoded(const gex_profile& p) { return encoder_.profile(p, info(7, encoder_.extent(p))); }
  std::string encoded(const level_signals& s) { return encoder_.signals(s, info(7, encoder_.extent(s))); }
  template <class Message, class Output>
  Message message(const Output& out) {
    Message m;
    EXPECT_TRUE(m.ParseFromString(encoded(out)));
    return m;
  }
  gamma_encoder encoder_{es(), spx(), {}};
};

TEST_F(GammaEncoder, TheRadarsSurfaceIsTheChosenRowsAtTheWindowsEnd) {
  const auto p = profile(4);
  const gex_input radar{.window_end = p.end, .strikes = {{points(4'900), 100, 50}, {points(4'905), 101, 60}}};
  const auto frame = wire::decode_gex(encoder_.surface(p, radar, info(9, encoder_.extent(p))));
  ASSERT_TRUE(frame) << frame.error().evidence;
  EXPECT_EQ(frame->body.symbol, es());
  EXPECT_EQ(frame->body.surface, radar);
  EXPECT_EQ(frame->body.assumptions, assumptions_id({}));
  EXPECT_EQ(frame->header.sequence, 9u);
  EXPECT_EQ(frame->header.record_count, 2u);
  EXPECT_EQ(frame->header.watermark, p.end);
}

TEST_F(GammaEncoder, AProfileSaysEverythingOfTheLandscape) {
  const auto m = message<gex::v1::GexProfile>(profile(4));
  EXPECT_EQ(m.header().record_count(), 3u);
  EXPECT_EQ(m.header().watermark_ns(), end_of(4).ns);
  EXPECT_EQ(m.header().quality(), common::v1::QUALITY_OK);
  EXPECT_EQ(m.symbol(), "ESH4");
  EXPECT_EQ(m.option_symbol(), "SPX");
  EXPECT_EQ(m.window_start_ns(), end_of(3).ns);
  EXPECT_EQ(m.window_end_ns(), end_of(4).ns);
  EXPECT_EQ(m.revision(), static_cast<std::uint64_t>(end_of(4).ns / 1'000'000));
  EXPECT_EQ(m.assumptions(), assumptions_text({}, sign_model::calls_positive));
  EXPECT_EQ(m.price_nanos(), points(4'906.25).value);
  EXPECT_EQ(m.underlying_nanos(), points(4'900).value);
  EXPECT_EQ(m.basis_nanos(), points(6.25).value);
  EXPECT_EQ(m.scale(), 1);
  EXPECT_EQ(m.units().contract_multiplier(), 50);
  EXPECT_EQ(m.units().price_nanos(), points(4'906.25).value);
  EXPECT_EQ(m.strike_step_nanos(), points(5).value);
  EXPECT_EQ(list(m.strike_nanos()),
            (std::vector<std::int64_t>{points(4'900).value, points(4'905).value, points(4'910).value}));
  EXPECT_EQ(list(m.call_gex()), (doubles{100, 101, 102}));
  EXPECT_EQ(list(m.put_gex()), (doubles{50, 60, 70}));
  EXPECT_EQ(list(m.d2_gex_abs()), (doubles{2, 3, 4}));
  EXPECT_EQ(list(m.imbalance()), (doubles{0, 0.25, 0.5}));
  EXPECT_EQ(list(m.d3_imbalance()), (doubles{0.3, 1.3, 2.3}));
  EXPECT_EQ(list(m.call_open_interest()), (std::vector<std::int64_t>{1'000, 1'001, 1'002}));
  EXPECT_EQ(list(m.put_open_interest()), (std::vector<std::int64_t>{2'000, -1, 2'002}));
  EXPECT_EQ(list(m.model_spread()), (doubles{7, 8, 9}));
  ASSERT_EQ(m.models_size(), 4);
  EXPECT_EQ(m.models(2).model(), gex::v1::SIGN_MODEL_ALL_SHORT);
  EXPECT_EQ(list(m.models(2).strikes().gex()), (doubles{20, 21, 22}));
  EXPECT_EQ(list(m.models(2).strikes().d1_gex()), (doubles{4, 5, 6}));
  EXPECT_EQ(list(m.models(2).strikes().charm()), (doubles{-2, -2, -2}));
  EXPECT_EQ(m.models(3).total_gex(), 1'003);
  EXPECT_EQ(m.models(0).walls().zero_gamma_nanos(), points(4'902.5).value);
  EXPECT_FALSE(m.models(1).walls().has_zero_gamma_nanos());
  EXPECT_EQ(m.models(1).readings().market_mode_name(), "expansion");
  EXPECT_EQ(m.models(1).readings().regime(), gex::v1::REGIME_AMPLIFY);
  EXPECT_EQ(m.contracts_priced(), 70u);
  ASSERT_EQ(m.left_out_size(), 2);
  EXPECT_EQ(m.left_out(0).reason(), "no_open_interest");
  EXPECT_EQ(m.left_out(1).reason(), "below_intrinsic");
  EXPECT_EQ(m.left_out(1).contracts(), 6u);
  ASSERT_EQ(m.pins_size(), 3);  // of four
  EXPECT_EQ(m.pins(0).probability(), 40);
}

TEST_F(GammaEncoder, ExpiriesAreShortOnTheBusAndWholeForQueries) {
  const auto m = message<gex::v1::GexProfile>(profile());
  ASSERT_EQ(m.expiries_size(), 2);
  EXPECT_EQ(m.expiries(0).key().root(), "SPXW");
  EXPECT_EQ(m.expiries(0).key().expiry_yyyymmdd(), 20240201);
  EXPECT_EQ(m.expiries(0).forward_nanos(), points(4'901.5).value);
  EXPECT_EQ(m.expiries(0).forward_source(), "parity 4900");
  EXPECT_EQ(m.expiries(1).forward_source(), "carry");
  EXPECT_EQ(m.expiries(0).call_gex_by_strike_size() + m.expiries(0).call_charm_by_strike_size(), 0);
  ASSERT_EQ(m.expiries(0).models_size(), 4);
  EXPECT_EQ(m.expiries(0).models(1).total_gex(), 150 - 300);
  EXPECT_EQ(m.expiries(0).models(1).total_vanna(), -20);
  EXPECT_EQ(m.expiries(0).models(3).total_charm(), -1);
  EXPECT_FALSE(m.expiries(0).models(3).has_strikes() || m.expiries(0).models(3).has_walls());
  EXPECT_EQ(m.expiries(0).model_spread(), 150 + 500);
  EXPECT_EQ(m.expiries(0).call_vanna(), 60);
  EXPECT_EQ(m.expiries(0).put_charm(), 4);
  gex::v1::GexProfile whole;
  ASSERT_TRUE(whole.ParseFromString(encoder_.expiries(profile())));
  EXPECT_EQ(list(whole.expiries(1).call_gex_by_strike()), (doubles{11, 20, 30}));
  EXPECT_EQ(list(whole.expiries(1).put_vanna_by_strike()), (doubles{2, 3, 4}));
  EXPECT_EQ(list(whole.expiries(1).call_charm_by_strike()), (doubles{1, 2, 3}));
  EXPECT_EQ(list(whole.expiries(1).models(3).strikes().gex()), (doubles{-20, 0, 40}));
  EXPECT_FALSE(whole.has_header());
}

TEST_F(GammaEncoder, SignalsSayEveryField) {
  const auto m = message<level::v1::LevelSignals>(signals(4));
  EXPECT_EQ(m.symbol(), "ESH4");
  EXPECT_EQ(m.as_of_ns(), end_of(4).ns);
  EXPECT_EQ(m.ask_nanos(), points(4'906.5).value);
  EXPECT_EQ(m.gex_as_of_ns(), end_of(4).ns);
  ASSERT_EQ(m.levels_size(), 1);
  const auto& l = m.levels(0);
  EXPECT_EQ(l.signal(), level::v1::SIGNAL_BREAK);
  EXPECT_EQ(l.confidence(), level::v1::CONFIDENCE_HIGH);
  EXPECT_EQ(l.break_direction(), -1);
  EXPECT_EQ(l.distance_signed_nanos(), points(-0.75).value);
  EXPECT_EQ(l.state().state(), radar::v1::BARRIER_STATE_VACUUM);
  EXPECT_EQ(l.state().defending(), radar::v1::SIDE_BID);
  EXPECT_EQ(l.state().delta_liquidity_lots(), -120);
  EXPECT_EQ(l.state().sweep().notional(), 250'000);
  EXPECT_EQ(l.fuel().effect(), gex::v1::REGIME_AMPLIFY);
  EXPECT_FALSE(l.fuel().has_put_wall_nanos());
  EXPECT_EQ(l.runway().next_level_id(), "STRIKE_4900");
  EXPECT_EQ(l.distance_to_sma_200(), -3.5);
  EXPECT_FALSE(l.has_distance_to_sma_400());
  EXPECT_EQ(l.note(), "Vacuum; dealers chase; sweep confirms");
}

TEST_F(GammaEncoder, WhatIsNotKnownIsNotSaid) {
  gex_profile nothing;
  nothing.end = end_of(1);
  const auto p = message<gex::v1::GexProfile>(nothing);
  EXPECT_EQ(p.price_nanos(), 0);
  EXPECT_EQ(p.underlying_nanos(), 0);
  EXPECT_EQ(p.strike_nanos_size() + p.expiries_size() + p.pins_size() + p.left_out_size(), 0);
  level_signals s;
  s.as_of = end_of(1);
  s.radar_stale = s.options_stale = true;
  const auto m = message<level::v1::LevelSignals>(s);
  EXPECT_FALSE(m.has_spot_nanos() || m.has_bid_nanos() || m.has_gex_as_of_ns());
  EXPECT_EQ(m.stale_inputs_size(), 2);
  EXPECT_EQ(m.header().quality(), common::v1::QUALITY_STALE);
  level_signal unseen;
  unseen.id = "VWAP";
  level::v1::LevelSignal to;
  write(unseen, to);
  EXPECT_FALSE(to.has_state());
}

TEST_F(GammaEncoder, QualityIsTheWorstOfSourceProfileAndStaleness) {
  auto p = profile();
  encoder_.set_source(market::quality::synthetic);
  EXPECT_EQ(encoder_.extent(p).quality, market::quality::synthetic);
  p.underlying_stale = true;
  EXPECT_EQ(encoder_.extent(p).quality, market::quality::stale);
  p.quality = market::quality::gap;
  EXPECT_EQ(encoder_.extent(p).quality, market::quality::gap);
  level_signals s = signals(2);
  gamma_fuel::alert a = an_alert(3);
  s.medium = "corrected-abc";
  s.by_input.blame(input::levels, market::quality::resyncing);
  a.by_input = s.by_input;
  level::v1::LevelSignals m;
  ASSERT_TRUE(m.ParseFromString(encoded(s)));
  EXPECT_EQ(m.header().quality(), common::v1::QUALITY_RESYNCING);
  ASSERT_EQ(m.input_quality_size(), 1);
  EXPECT_EQ(m.input_quality(0).input(), "levels");
  EXPECT_EQ(m.input_quality(0).quality(), common::v1::QUALITY_RESYNCING);
  EXPECT_EQ(m.assumptions(), assumptions_id({}) + "+corrected-abc");
  level::v1::Alert told;
  ASSERT_TRUE(told.ParseFromString(encoder_.alert(a, info(3, encoder_.extent(a)))));
  EXPECT_EQ(told.header().quality(), common::v1::QUALITY_RESYNCING);
  EXPECT_EQ(told.input_quality(0).input(), "levels");
}

TEST_F(GammaEncoder, TheSameOutputsGiveTheSameBytesWhateverCameBefore) {
  const std::string first = encoded(profile(1)), second = encoded(signals(1));
  auto other = profile(2);
  other.grid.resize(1);
  other.expiries.clear();
  other.pins.clear();
  other.left_out = {};
  auto more = signals(2);
  more.levels.push_back(more.levels.front());
  more.radar_stale = true;
  (void)encoded(other);
  (void)encoded(more);
  EXPECT_EQ(encoded(profile(1)), first);
  EXPECT_EQ(encoded(signals(1)), second);
  gamma_encoder fresh{es(), spx(), {}};
  EXPECT_EQ(fresh.profile(profile(1), info(7, fresh.extent(profile(1)))), first);
}

TEST_F(GammaEncoder, LevelsAndAlertsRoundTrip) {
  input_quality bad;
  bad.blame(input::trades, market::quality::gap);
  bad.blame(underlying_cause, market::quality::stale);
  const auto l = wire::decode_level_set(encoder_.levels(levels(3), bad, info(2, encoder_.extent(levels(3), bad))));
  ASSERT_TRUE(l) << l.error().evidence;
  EXPECT_EQ(l->body.set, levels(3));
  EXPECT_EQ(l->header.quality, market::quality::gap);
  ASSERT_EQ(l->body.input_quality.size(), 2u);
  EXPECT_EQ(l->body.input_quality[0], std::pair(std::string("trades"), market::quality::gap));
  EXPECT_EQ(l->body.input_quality[1], std::pair(std::string("underlying"), market::quality::stale));
  EXPECT_EQ(l->header.watermark, end_of(3));
  level::v1::Alert a;
  ASSERT_TRUE(a.ParseFromString(encoder_.alert(an_alert(3), info(2, encoder_.extent(an_alert(3))))));
  EXPECT_EQ(a.kind(), "level_approach");
  EXPECT_EQ(a.level_id(), "VWAP");
  EXPECT_EQ(a.header().record_count(), 1u);
  gamma_fuel::alert flip{.as_of = end_of(3), .kind = alert_kind::flip_crossed, .level = {}, .text = "t"};
  ASSERT_TRUE(a.ParseFromString(encoder_.alert(flip, info(3, encoder_.extent(flip)))));
  EXPECT_EQ(a.price_nanos(), 0);
  EXPECT_EQ(a.level_id(), "");
}

}  // namespace
}  // namespace isobar::gamma_fuel
