#include "wire/side_input_codec.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "isobar/gate/v1/gate.pb.h"
#include "isobar/gex/v1/gex.pb.h"
#include "isobar/level/v1/level.pb.h"

namespace isobar::wire {
namespace {

const isobar::symbol es = *isobar::symbol::parse("ESH4");
const frame_info info{.producer = "gamma-fuel", .sequence = 3, .watermark = timestamp{1'000'000'000}};

gex_frame surface() {
  return {es,
          "signs=plain",
          {timestamp{1'000'000'000}, {{price(4'800'000'000'000), 12.5, 3}, {price(4'805'000'000'000), 0, 7}}}};
}
level_set_frame levels() {
  return {es, {timestamp{5}, {{"ROUND_4830", "ROUND", price(4'830'000'000'000)}, {"VWAP", "VWAP", price(-1)}}}};
}

/// The message behind `bytes` after `change`, as bytes.
template <class Message, class Change>
std::string altered(const std::string& bytes, Change change) {
  Message m;
  EXPECT_TRUE(m.ParseFromString(bytes));
  change(m);
  return m.SerializeAsString();
}

TEST(SideInputCodec, RoundTrips) {
  const auto gex = decode_gex(encode_gex(surface(), info));
  ASSERT_TRUE(gex) << gex.error().evidence;
  EXPECT_EQ(gex->body, surface());
  EXPECT_EQ(gex->header.record_count, 2u);
  EXPECT_EQ(gex->header.sequence, 3u);
  const gate_frame g{es, {timestamp{1'000'000'000}, 0.625, "logit-7"}};
  const auto gate = decode_gate(encode_gate(g, info));
  ASSERT_TRUE(gate) << gate.error().evidence;
  EXPECT_EQ(gate->body, g);
  const auto set = decode_level_set(encode_level_set(levels(), info));
  ASSERT_TRUE(set) << set.error().evidence;
  EXPECT_EQ(set->body, levels());
  const auto none = decode_level_set(encode_level_set({es, {timestamp{5}, {}}}, info));
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->body.set.levels.empty());
}

TEST(SideInputCodec, HeartbeatsHaveNoBody) {
  const std::string beat = encode_heartbeat(info);
  EXPECT_TRUE(decode_gex(beat)->header.heartbeat);
  EXPECT_TRUE(decode_gate(beat)->header.heartbeat);
  EXPECT_TRUE(decode_level_set(beat)->header.heartbeat);
}

TEST(SideInputCodec, RefusesTimesBeyondTheCalendar) {
  for (const std::int64_t ns :
       {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()}) {
    const auto gex = decode_gex(
        altered<gex::v1::GexSurface>(encode_gex(surface(), info), [&](auto& m) { m.set_window_end_ns(ns); }));
    ASSERT_FALSE(gex);
    EXPECT_EQ(gex.error().evidence, "GexSurface.window_end_ns");
    const gate_frame g{es, {timestamp{1}, 0.5, "m"}};
    EXPECT_FALSE(decode_gate(altered<gate::v1::Gate>(encode_gate(g, info), [&](auto& m) { m.set_window_end_ns(ns); })));
    EXPECT_FALSE(decode_level_set(
        altered<level::v1::LevelSet>(encode_level_set(levels(), info), [&](auto& m) { m.set_effective_ns(ns); })));
  }
}

TEST(SideInputCodec, RefusesBadGamma) {
  using message = gex::v1::GexSurface;
  const std::string good = encode_gex(surface(), info);
  const auto why = [&](auto change) { return decode_gex(altered<message>(good, change)).error().code; };
  EXPECT_EQ(why([](message& m) { m.set_call_gex(1, -1e-9); }), errc::bad_value);
  EXPECT_EQ(why([](message& m) { m.set_put_gex(0, std::numeric_limits<double>::quiet_NaN()); }), errc::bad_value);
  EXPECT_EQ(why([](message& m) { m.set_put_gex(0, std::numeric_limits<double>::infinity()); }), errc::bad_value);
  EXPECT_EQ(why([](message& m) { m.set_strike_nanos(1, m.strike_nanos(0)); }), errc::bad_order);
  EXPECT_EQ(why([](message& m) { m.add_call_gex(1); }), errc::column_length);
  EXPECT_EQ(why([](message& m) { m.mutable_header()->set_record_count(1); }), errc::column_length);
  EXPECT_EQ(why([](message& m) { m.set_assumptions("a\nb"); }), errc::bad_text);
  EXPECT_EQ(why([](message& m) { m.set_symbol(""); }), errc::bad_symbol);
  EXPECT_EQ(why([](message& m) { m.clear_header(); }), errc::no_header);
  EXPECT_EQ(decode_gex(good.substr(0, good.size() - 3)).error().code, errc::malformed);
}

TEST(SideInputCodec, RefusesBadProbabilities) {
  using message = gate::v1::Gate;
  const std::string good = encode_gate({es, {timestamp{1}, 0.5, "m"}}, info);
  const auto why = [&](auto change) { return decode_gate(altered<message>(good, change)).error().code; };
  EXPECT_EQ(why([](message& m) { m.set_p_up(1.01); }), errc::bad_value);
  EXPECT_EQ(why([](message& m) { m.set_p_down(0.6); }), errc::bad_value);
  EXPECT_EQ(why([](message& m) { m.set_p_down(std::numeric_limits<double>::quiet_NaN()); }), errc::bad_value);
  EXPECT_EQ(why([](message& m) { m.set_model(""); }), errc::bad_text);
}

TEST(SideInputCodec, RefusesBadLevels) {
  using message = level::v1::LevelSet;
  const std::string good = encode_level_set(levels(), info);
  const auto why = [&](auto change) { return decode_level_set(altered<message>(good, change)).error().code; };
  EXPECT_EQ(why([](message& m) { m.mutable_levels(1)->set_id("ROUND_4830"); }), errc::bad_order);
  EXPECT_EQ(why([](message& m) { m.mutable_levels(0)->set_id(std::string(65, 'x')); }), errc::bad_text);
  EXPECT_EQ(why([](message& m) { m.mutable_levels(0)->set_kind(""); }), errc::bad_text);
  EXPECT_EQ(why([](message& m) { m.mutable_levels(0)->set_price_nanos(INT64_MAX); }), errc::bad_value);
  EXPECT_EQ(why([](message& m) {
              for (int i = 0; i < 300; ++i) *m.add_levels() = m.levels(0);
              m.mutable_header()->set_record_count(302);
            }),
            errc::too_many);
}

}  // namespace
}  // namespace isobar::wire
