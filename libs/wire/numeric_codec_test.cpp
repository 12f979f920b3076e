#include "wire/numeric_codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "wire/generators.hpp"

namespace isobar::wire {
namespace {

errc refusal(const std::function<void(surface::v1::NumericDelta&)>& spoil) {
  market::numeric_delta d;
  d.symbol = *symbol::parse("SPX");
  d.surface = "heatmap.gradient";
  d.plane = "SPXW-20251219";
  d.cells = {3, 8};
  d.values = {1, -1};
  d.removed = {5};
  surface::v1::NumericDelta message;
  to_proto(d, {.producer = "heatmap-builder"}, message);
  spoil(message);
  const auto decoded = decode_numeric(serialize(message));
  EXPECT_FALSE(decoded.has_value());
  return decoded ? errc{} : decoded.error().code;
}

RC_GTEST_PROP(NumericCodec, RoundTripsDeterministically, ()) {
  const auto delta = gen::any_numeric();
  const auto bytes = encode_numeric(delta, gen::any_info());
  const auto back = decode_numeric(bytes);
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->body == delta);
  RC_ASSERT(encode_numeric(back->body, back->header) == bytes);
  if (delta.cells.size() < 4) gen::survive(bytes, decode_numeric);
}

TEST(NumericCodec, RefusesWhatIsNotASurface) {
  EXPECT_EQ(refusal([](auto& m) { m.mutable_header()->set_version(2); }), errc::unknown_version);
  EXPECT_EQ(refusal([](auto& m) { m.clear_header(); }), errc::no_header);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_header()->set_record_count(9); }), errc::column_length);
  EXPECT_EQ(refusal([](auto& m) { m.clear_value(); }), errc::column_length);
  EXPECT_EQ(refusal([](auto& m) { m.set_cell_delta(1, 0); }), errc::bad_order);
  EXPECT_EQ(refusal([](auto& m) { m.set_removed_delta(0, UINT32_MAX); }), errc::bad_order);
  EXPECT_EQ(refusal([](auto& m) { m.set_value_unit(0); }), errc::bad_unit);
  EXPECT_EQ(refusal([](auto& m) { m.set_value_unit(1.0 / 0.0); }), errc::bad_unit);
  EXPECT_EQ(refusal([](auto& m) { m.set_plane(""); }), errc::bad_text);
}

}  // namespace
}  // namespace isobar::wire
