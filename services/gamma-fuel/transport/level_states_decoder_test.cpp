#include "gamma-fuel/transport/level_states_decoder.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "gamma-fuel/transport/gamma_fixture.hpp"
#include "isobar/radar/v1/radar.pb.h"

namespace isobar::gamma_fuel {
namespace {

using namespace fixture;
using message = radar::v1::LevelStates;
using wire::errc;

message states() {
  message m;
  wire::write_header({.producer = "radar-physics", .sequence = 3, .record_count = 2, .watermark = end_of(1)},
                     *m.mutable_header());
  m.set_symbol("ESH4");
  m.set_as_of_ns(end_of(1).ns);
  m.set_revision(static_cast<std::uint64_t>(end_of(1).ns / 1'000'000));
  m.set_quality(common::v1::QUALITY_OK);
  level::v1::LevelSignal level;  // its state has every field set
  write(signals().levels.front(), level);
  *m.add_levels() = level.state();
  *m.add_levels() = level.state();
  m.mutable_levels(1)->set_id("ROUND_4900");
  m.mutable_levels(1)->clear_sweep();
  return m;
}

template <class Change>
result<wire::framed<level_states>, errc> after(Change change) {
  message m = states();
  change(m);
  return decode_level_states(m.SerializeAsString(), es());
}
template <class Change>
std::string why(Change change) {
  const auto decoded = after(change);
  return decoded ? "taken" : std::string(wire::to_string(decoded.error().code)) + " " + decoded.error().evidence;
}

TEST(LevelStatesDecoder, TakesWhatTheRadarSays) {
  const auto decoded = decode_level_states(states().SerializeAsString());
  ASSERT_TRUE(decoded) << decoded.error().evidence;
  EXPECT_EQ(decoded->header.sequence, 3u);
  const level_states& s = decoded->body;
  EXPECT_EQ(s.as_of, end_of(1));
  EXPECT_TRUE(s.trusted);
  ASSERT_EQ(s.levels.size(), 2u);
  EXPECT_EQ(s.levels[0], signals().levels.front().state);
  EXPECT_EQ(s.levels[1].sweep_direction, 0);
}

TEST(LevelStatesDecoder, TrustsOnlyAWholeBook) {
  EXPECT_TRUE(after([](message& m) { m.set_quality(common::v1::QUALITY_SYNTHETIC); })->body.trusted);
  EXPECT_FALSE(after([](message& m) { m.set_quality(common::v1::QUALITY_RESYNCING); })->body.trusted);
  EXPECT_EQ(after([](message& m) { m.set_quality(common::v1::QUALITY_RESYNCING); })->body.quality,
            market::quality::resyncing);
  EXPECT_EQ(after([](message& m) { m.set_assumptions("corrected-1"); })->body.assumptions, "corrected-1");
  EXPECT_EQ(why([](message& m) { m.set_assumptions(std::string(65, 'x')); }), "bad_text LevelStates.assumptions");
  EXPECT_FALSE(after([](message& m) { m.mutable_header()->set_quality(common::v1::QUALITY_GAP); })->body.trusted);
}

TEST(LevelStatesDecoder, HeartbeatsHaveNoBody) {
  const auto beat = decode_level_states(wire::encode_heartbeat({.producer = "radar-physics", .watermark = end_of(2)}));
  ASSERT_TRUE(beat);
  EXPECT_TRUE(beat->header.heartbeat);
  EXPECT_EQ(beat->header.watermark, end_of(2));
  EXPECT_TRUE(beat->body.levels.empty());
}

TEST(LevelStatesDecoder, RefusesHostileFramesWithAReason) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(why([](message& m) { m.clear_header(); }).substr(0, 9), "no_header");
  EXPECT_EQ(why([](message& m) { m.set_symbol("SPX"); }), "bad_symbol LevelStates.symbol: SPX");
  EXPECT_EQ(why([](message& m) { m.set_symbol(""); }).substr(0, 10), "bad_symbol");
  EXPECT_EQ(why([](message& m) { m.set_as_of_ns(-1); }), "bad_value LevelStates.as_of_ns");
  EXPECT_EQ(why([](message& m) { m.set_as_of_ns(INT64_MAX); }), "bad_value LevelStates.as_of_ns");
  EXPECT_EQ(why([](message& m) { m.set_revision(1); }), "bad_value LevelStates.revision");
  EXPECT_EQ(why([](message& m) { m.set_quality(common::v1::QUALITY_UNSPECIFIED); }), "bad_value LevelStates.quality");
  EXPECT_EQ(why([](message& m) { m.mutable_levels(0)->set_id(""); }), "bad_text LevelStates.levels.id[0]");
  EXPECT_EQ(why([](message& m) { m.mutable_levels(0)->set_id(std::string(65, 'x')); }),
            "bad_text LevelStates.levels.id[0]");
  EXPECT_EQ(why([](message& m) { m.mutable_levels(1)->set_id("VWAP"); }), "bad_order LevelStates.levels.id[1]");
  EXPECT_EQ(why([](message& m) { m.mutable_levels(0)->set_price_nanos(INT64_MAX); }),
            "bad_value LevelStates.levels.price_nanos[0]");
  EXPECT_EQ(why([](message& m) { m.mutable_levels(1)->set_state(static_cast<radar::v1::BarrierState>(7)); }),
            "bad_value LevelStates.levels.state[1]");
  EXPECT_EQ(why([](message& m) { m.mutable_levels(1)->set_defending(static_cast<radar::v1::Side>(9)); }),
            "bad_value LevelStates.levels.defending[1]");
  EXPECT_EQ(why([&](message& m) { m.mutable_levels(0)->set_imbalance(nan); }),
            "bad_value LevelStates.levels.imbalance[0]");
  EXPECT_EQ(why([&](message& m) { m.mutable_levels(0)->set_imbalance(1.5); }),
            "bad_value LevelStates.levels.imbalance[0]");
  EXPECT_EQ(why([&](message& m) { m.mutable_levels(0)->set_price_velocity(inf); }),
            "bad_value LevelStates.levels.price_velocity[0]");
  EXPECT_EQ(why([&](message& m) { m.mutable_levels(0)->set_wall_ratio(-1); }),
            "bad_value LevelStates.levels.wall_ratio[0]");
  EXPECT_EQ(why([&](message& m) { m.mutable_levels(0)->set_barrier_confidence(2); }),
            "bad_value LevelStates.levels.barrier_confidence[0]");
  EXPECT_EQ(why([&](message& m) { m.mutable_levels(0)->set_added_lots(UINT64_MAX); }),
            "bad_value LevelStates.levels.added_lots[0]");
  EXPECT_EQ(why([&](message& m) { m.mutable_levels(0)->set_delta_liquidity_lots(INT64_MIN); }),
            "bad_value LevelStates.levels.delta_liquidity_lots[0]");
  EXPECT_EQ(why([&](message& m) { m.mutable_levels(0)->mutable_sweep()->set_direction(2); }),
            "bad_value LevelStates.levels.sweep.direction[0]");
  EXPECT_EQ(why([&](message& m) { m.mutable_levels(0)->mutable_sweep()->set_notional(nan); }),
            "bad_value LevelStates.levels.sweep.notional[0]");
  EXPECT_EQ(why([](message& m) { m.mutable_header()->set_record_count(1); }).substr(0, 13), "column_length");
  EXPECT_EQ(why([](message& m) {
              while (m.levels_size() < 300) *m.add_levels() = m.levels(0);
            }).substr(0, 8),
            "too_many");
}

RC_GTEST_PROP(LevelStatesDecoder, TakesNoGarbage, (const std::string& garbage, unsigned cut, unsigned flip)) {
  (void)decode_level_states(garbage);
  std::string bytes = states().SerializeAsString();
  bytes[flip % bytes.size()] = static_cast<char>(flip >> 8);
  const auto decoded = decode_level_states(std::string_view(bytes).substr(0, cut % (bytes.size() + 1)));
  if (!decoded) RC_ASSERT(!decoded.error().evidence.empty());
}

}  // namespace
}  // namespace isobar::gamma_fuel
