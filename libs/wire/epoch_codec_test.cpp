#include "wire/epoch_codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "wire/generators.hpp"

namespace isobar::wire {
namespace {

epoch_record small() {
  epoch_record r;
  auto& e = r.epoch;
  e.symbol = *symbol::parse("SPX");
  e.id = 2;
  e.previous = 1;
  e.effective_from = gen::noon;
  e.reasons = {market::epoch::reason::dte_set};
  e.board.symbol = e.symbol;
  market::expiry_plane p;
  p.key = {.expiry = *from_yyyymmdd(20251219), .root = "SPXW"};
  p.strikes = {strike(100 * nanos_per_unit), strike(105 * nanos_per_unit)};
  p.listed = {3, 1};
  e.board.planes.push_back(p);
  e.board.widths = {strike_width(5 * nanos_per_unit), strike_width(10 * nanos_per_unit)};
  e.board.finish();
  e.hash = e.board.hash();
  return r;
}

errc refusal(const std::function<void(epoch::v1::Epoch&)>& spoil) {
  epoch::v1::Epoch message;
  to_proto(small(), {.producer = "epoch-manager"}, message);
  spoil(message);
  const auto decoded = decode_epoch(serialize(message));
  EXPECT_FALSE(decoded.has_value());
  return decoded ? errc{} : decoded.error().code;
}

RC_GTEST_PROP(EpochCodec, RoundTripsDeterministically, ()) {
  const auto record = gen::any_epoch();
  const auto bytes = encode_epoch(record, gen::any_info());
  const auto back = decode_epoch(bytes);
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->body == record);
  RC_ASSERT(encode_epoch(back->body, back->header) == bytes);
}

TEST(EpochCodec, SurvivesTruncationAndCorruption) {
  gen::survive(encode_epoch(small(), {.producer = "epoch-manager"}), decode_epoch);
}

TEST(EpochCodec, RefusesWhatIsNotAnEpoch) {
  const auto plane = [](auto& m) { return m.mutable_geometry()->mutable_planes(0); };
  EXPECT_EQ(refusal([](auto& m) { m.mutable_header()->set_version(2); }), errc::unknown_version);
  EXPECT_EQ(refusal([](auto& m) { m.clear_geometry(); }), errc::hash_mismatch);
  EXPECT_EQ(refusal([](auto& m) { m.set_geometry_hash(1); }), errc::hash_mismatch);
  EXPECT_EQ(refusal([](auto& m) { m.set_epoch_id(0); }), errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { m.set_previous_epoch_id(2); }), errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { m.set_state(epoch::v1::EPOCH_STATE_UNSPECIFIED); }), errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { m.add_reasons(static_cast<epoch::v1::EpochReason>(17)); }), errc::bad_value);
  EXPECT_EQ(refusal([&](auto& m) { plane(m)->set_strike_unit_nanos(0); }), errc::bad_unit);
  EXPECT_EQ(refusal([&](auto& m) { plane(m)->set_strike_delta(1, 0); }), errc::bad_order);
  EXPECT_EQ(refusal([&](auto& m) { plane(m)->set_strike_delta(1, INT64_MAX); }), errc::overflow);
  EXPECT_EQ(refusal([&](auto& m) { plane(m)->add_strike_delta(1); }), errc::column_length);
  EXPECT_EQ(refusal([&](auto& m) { (*plane(m)->mutable_listed())[0] = 4; }), errc::bad_value);
  EXPECT_EQ(refusal([&](auto& m) { plane(m)->mutable_strike_delta()->Resize(20'000, 1); }), errc::too_many);
  EXPECT_EQ(refusal([&](auto& m) { *m.mutable_geometry()->add_planes() = *plane(m); }), errc::bad_order);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_windows()->Add()->set_half_range_nanos(-1); }), errc::bad_value);
  EXPECT_EQ(refusal([](auto& m) { m.add_windows(), m.add_windows(); }), errc::column_length);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_geometry()->set_width_nanos(1, 5); }), errc::bad_order);
  EXPECT_EQ(refusal([](auto& m) { m.mutable_geometry()->mutable_width_nanos()->Resize(257, 1); }), errc::too_many);
}

RC_GTEST_PROP(EpochAckCodec, RoundTrips, ()) {
  const epoch_ack ack{.symbol = gen::any_symbol(),
                      .epoch_id = static_cast<std::uint64_t>(gen::in(1, 100)),
                      .participant = "ws-hydrator",
                      .pause = {gen::in(0, 1'000'000)}};
  const auto bytes = encode_epoch_ack(ack, gen::any_info());
  RC_ASSERT(decode_epoch_ack(bytes).value().body == ack);
  gen::survive(bytes, decode_epoch_ack);
}

TEST(EpochAckCodec, RefusesNonsense) {
  const epoch_ack ack{.symbol = *symbol::parse("SPX"), .epoch_id = 0, .participant = "ws-hydrator", .pause = {0}};
  EXPECT_EQ(decode_epoch_ack(encode_epoch_ack(ack, {.producer = "x"})).error().code, errc::bad_value);
}

}  // namespace
}  // namespace isobar::wire
