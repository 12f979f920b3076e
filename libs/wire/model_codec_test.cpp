#include "wire/model_codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "wire/generators.hpp"

namespace isobar::wire {
namespace {

market::model_header any_header() {
  const auto w = gen::any_window();
  return {w.symbol, w.epoch, w.sequence, w.start, w.end, w.base, w.spot, w.quality};
}

market::heatmap_rows any_heatmap() {
  market::heatmap_rows out{.header = any_header(), .rows = {}};
  for (const auto& r : gen::any_window().rows)
    out.rows.push_back({r.contract, r.state.bid, r.state.ask, r.state.ts_quote});
  return out;
}
market::gex_rows any_gex() {
  market::gex_rows out{.header = any_header(), .rows = {}};
  for (const auto& r : gen::any_window().rows)
    out.rows.push_back({r.contract, r.state.bid, r.state.ask, r.state.ts_quote, r.state.open_interest,
                        r.state.implied_volatility, r.state.gamma});
  return out;
}
market::volume_profile_rows any_volume() {
  market::volume_profile_rows out{.header = any_header(), .rows = {}};
  for (const auto& r : gen::any_window().rows) out.rows.push_back({r.contract, r.traded, r.state.last});
  return out;
}

market::flow_rows any_flow() {
  market::flow_rows out{.header = any_header(), .rows = {}};
  out.rows = gen::any_prints(out.header.window_end);
  out.dropped = static_cast<std::uint32_t>(gen::in(0, 3));
  return out;
}

template <class Rows>
void expect_round_trip(const Rows& rows) {
  const auto info = gen::any_info();
  const auto bytes = encode_model(rows, info);
  Rows back;
  const auto header = decode_model(bytes, back);
  RC_ASSERT(header.has_value());
  RC_ASSERT(back == rows);
  RC_ASSERT(header->sequence == rows.header.window_sequence);
  RC_ASSERT(header->watermark == info.watermark);
  RC_ASSERT(encode_model(back, *header) == bytes);
  const auto decode = [](std::string_view text) {
    Rows into;
    return decode_model(text, into);
  };
  if (rows.rows.size() <= 3) gen::survive(bytes, decode);
}

RC_GTEST_PROP(ModelCodec, HeatmapRowsRoundTrip, ()) { expect_round_trip(any_heatmap()); }
RC_GTEST_PROP(ModelCodec, GexRowsRoundTrip, ()) { expect_round_trip(any_gex()); }
RC_GTEST_PROP(ModelCodec, VolumeProfileRowsRoundTrip, ()) { expect_round_trip(any_volume()); }
RC_GTEST_PROP(ModelCodec, FlowRowsRoundTrip, ()) { expect_round_trip(any_flow()); }

template <class Message, class Rows>
errc refusal(Rows rows, void (*spoil)(Message&)) {
  rows.header = {*symbol::parse("SPX"),         1,     1,        gen::noon,
                 gen::noon + milliseconds(200), false, price(1), market::quality::ok};
  rows.rows.resize(2);
  rows.rows[1].contract = 5;
  Message message;
  to_proto(rows, {.producer = "decomposer"}, message);
  spoil(message);
  Rows into;
  const auto decoded = decode_model(serialize(message), into);
  EXPECT_FALSE(decoded.has_value());
  return decoded ? errc{} : decoded.error().code;
}

TEST(ModelCodec, RefusesSpoiltColumns) {
  using heatmap = model::v1::HeatmapRows;
  using gex = model::v1::GexRows;
  using volume = model::v1::VolumeProfileRows;
  const market::heatmap_rows h;
  EXPECT_EQ(refusal<heatmap>(h, [](heatmap& m) { m.mutable_header()->set_version(3); }), errc::unknown_version);
  EXPECT_EQ(refusal<heatmap>(h, [](heatmap& m) { m.add_bid(1); }), errc::column_length);
  EXPECT_EQ(refusal<heatmap>(h, [](heatmap& m) { m.mutable_header()->set_record_count(1); }), errc::column_length);
  EXPECT_EQ(refusal<heatmap>(h, [](heatmap& m) { m.set_contract_delta(1, 0); }), errc::bad_order);
  EXPECT_EQ(refusal<heatmap>(h, [](heatmap& m) { m.set_bid(0, -7); }), errc::bad_value);
  EXPECT_EQ(refusal<heatmap>(h, [](heatmap& m) { m.mutable_window()->set_price_unit_nanos(0); }), errc::bad_unit);
  EXPECT_EQ(refusal<heatmap>(h, [](heatmap& m) { m.mutable_window()->set_symbol(""); }), errc::bad_symbol);
  EXPECT_EQ(refusal<gex>(market::gex_rows{}, [](gex& m) { m.add_gamma(1); }), errc::column_length);
  EXPECT_EQ(refusal<gex>(market::gex_rows{}, [](gex& m) { m.set_open_interest(0, -2); }), errc::bad_value);
  EXPECT_EQ(refusal<volume>(market::volume_profile_rows{}, [](volume& m) { m.set_traded(0, UINT64_MAX); }),
            errc::bad_value);
  EXPECT_EQ(refusal<volume>(market::volume_profile_rows{}, [](volume& m) { m.add_last(1); }), errc::column_length);
}

errc flow_refusal(void (*spoil)(model::v1::FlowRows&)) {
  market::flow_rows rows{.header = {*symbol::parse("SPX"), 1, 1, gen::noon, gen::noon + milliseconds(200), false,
                                    price(1), market::quality::ok},
                         .rows = {{3, gen::noon, price(5), quantity(1), price(4), price(6)},
                                  {7, gen::noon, price(9), quantity(2), market::no_price, price(9)}}};
  model::v1::FlowRows message;
  to_proto(rows, {.producer = "decomposer"}, message);
  spoil(message);
  market::flow_rows into;
  const auto decoded = decode_model(serialize(message), into);
  EXPECT_FALSE(decoded.has_value());
  return decoded ? errc{} : decoded.error().code;
}

TEST(ModelCodec, RefusesSpoiltFlow) {
  using flow = model::v1::FlowRows;
  EXPECT_EQ(flow_refusal([](flow& m) { m.mutable_header()->set_version(3); }), errc::unknown_version);
  EXPECT_EQ(flow_refusal([](flow& m) { m.mutable_header()->set_record_count(1); }), errc::column_length);
  EXPECT_EQ(flow_refusal([](flow& m) { m.mutable_prints()->add_bid(1); }), errc::column_length);
  EXPECT_EQ(flow_refusal([](flow& m) { m.mutable_prints()->set_contract(1, 2); }), errc::bad_order);
  EXPECT_EQ(flow_refusal([](flow& m) { m.mutable_prints()->set_price(1, -1); }), errc::bad_value);
  EXPECT_EQ(flow_refusal([](flow& m) { m.mutable_window()->set_price_unit_nanos(-1); }), errc::bad_unit);
  EXPECT_EQ(flow_refusal([](flow& m) { m.mutable_window()->set_symbol(""); }), errc::bad_symbol);
}

}  // namespace
}  // namespace isobar::wire
