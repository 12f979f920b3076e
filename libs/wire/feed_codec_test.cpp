#include "wire/feed_codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "isobar/feed/v1/feed.pb.h"
#include "wire/feed_generators.hpp"

namespace isobar::wire {
namespace {

const frame_info info{.producer = "feed-ingest", .sequence = 3};

feed::v1::BookEvents parsed(const book_frame& frame) {
  feed::v1::BookEvents message;
  EXPECT_TRUE(message.ParseFromString(encode_book(frame, info)));
  return message;
}

book_frame quarters(std::vector<std::int64_t> nanos) {
  book_frame frame{.symbol = *symbol::parse("ES"), .instrument_id = 5602, .tick = price(250'000'000), .events = {}};
  for (const auto p : nanos) frame.events.push_back({.ts_event = gen::noon, .price = price(p)});
  return frame;
}

RC_GTEST_PROP(FeedCodec, BookFramesRoundTripIntoReusedBuffers, ()) {
  book_frame into;
  for (int i = 0; i < 4; ++i) {
    const auto frame = gen::any_book_frame();
    const auto header = gen::any_info();
    const auto bytes = encode_book(frame, header);
    const auto decoded = decode_book(bytes, into);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(into == frame);
    RC_ASSERT(decoded->record_count == frame.events.size());
    RC_ASSERT(decoded->sequence == header.sequence);
    RC_ASSERT(decoded->watermark == header.watermark);
    RC_ASSERT(encode_book(into, header) == bytes);
  }
}

RC_GTEST_PROP(FeedCodec, TradeFramesRoundTripIntoReusedBuffers, ()) {
  trade_frame into;
  for (int i = 0; i < 4; ++i) {
    const auto frame = gen::any_trade_frame();
    const auto bytes = encode_trades(frame, info);
    const auto decoded = decode_trades(bytes, into);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(into == frame);
    RC_ASSERT(encode_trades(into, info) == bytes);
  }
}

RC_GTEST_PROP(FeedCodec, ReferenceFramesRoundTrip, ()) {
  const auto definitions = gen::any_definition_frame();
  RC_ASSERT(decode_definitions(encode_definitions(definitions, info)).value().body == definitions);
  const auto statistics = gen::any_statistics_frame();
  RC_ASSERT(decode_statistics(encode_statistics(statistics, info)).value().body == statistics);
  const auto status = gen::any_status_frame();
  RC_ASSERT(decode_status(encode_status(status, info)).value().body == status);
}

TEST(FeedCodec, PriceUnitIsTheTickWhenEveryPriceIsAMultiple) {
  const auto message = parsed(quarters({5'100'250'000'000, 5'100'000'000'000, market::no_price.value, 0}));
  EXPECT_EQ(message.price_unit_nanos(), 250'000'000);
  EXPECT_EQ(message.price_delta(0), 20'401);
  EXPECT_EQ(message.price_delta(1), -1);
  EXPECT_EQ(message.price_delta(2), 0);
  EXPECT_EQ(message.price_delta(3), -20'400);
  ASSERT_EQ(message.unpriced_delta_size(), 1);
  EXPECT_EQ(message.unpriced_delta(0), 2u);
}

TEST(FeedCodec, PriceUnitIsOneWhenAPriceIsOffTickOrTheTickIsUnknown) {
  EXPECT_EQ(parsed(quarters({5'100'250'000'000, 5'100'100'000'000})).price_unit_nanos(), 1);
  auto unknown = quarters({5'100'250'000'000});
  unknown.tick = price(0);
  EXPECT_EQ(parsed(unknown).price_unit_nanos(), 1);
}

TEST(FeedCodec, ChannelsAreLeftOutWhenAllAreZero) {
  auto frame = quarters({250'000'000, 500'000'000});
  EXPECT_EQ(parsed(frame).channel_size(), 0);
  frame.events[1].channel = 3;
  EXPECT_EQ(parsed(frame).channel_size(), 2);
}

TEST(FeedCodec, TradesOfOneTickTakeTheirGreatestCommonDivisor) {
  trade_frame frame{.symbol = *symbol::parse("ES"), .instrument_id = 1, .trades = {}};
  frame.trades.push_back({.ts_event = gen::noon, .price = price(5'100'250'000'000), .size = 1});
  frame.trades.push_back({.ts_event = gen::noon, .price = price(5'100'500'000'000), .size = 2});
  feed::v1::Trades message;
  ASSERT_TRUE(message.ParseFromString(encode_trades(frame, info)));
  EXPECT_EQ(message.price_unit_nanos(), 250'000'000);
  EXPECT_EQ(message.price_delta(1), 1);
}

TEST(FeedCodec, HeartbeatsDecodeToEmptyBodies) {
  const auto bytes = encode_heartbeat({.producer = "feed-ingest", .sequence = 9, .watermark = end_of_time});
  book_frame book = quarters({250'000'000});
  ASSERT_TRUE(decode_book(bytes, book).has_value());
  EXPECT_EQ(book, book_frame{});
  trade_frame trades;
  trades.instrument_id = 4;
  EXPECT_EQ(decode_trades(bytes, trades).value().watermark, end_of_time);
  EXPECT_EQ(trades, trade_frame{});
  EXPECT_TRUE(decode_definitions(bytes).value().header.heartbeat);
  EXPECT_TRUE(decode_statistics(bytes).value().header.heartbeat);
  EXPECT_TRUE(decode_status(bytes).value().header.heartbeat);
}

TEST(FeedCodec, RefillRequestsRoundTripAndRefuseNonsense) {
  const refill_request request{.symbol = *symbol::parse("ES"), .requester = "radar-physics", .from_sequence = 17};
  EXPECT_EQ(decode_refill_request(encode_refill_request(request)).value(), request);
  EXPECT_EQ(decode_refill_request("").error().code, errc::bad_symbol);
  EXPECT_EQ(decode_refill_request("\xff").error().code, errc::malformed);
  auto nothing = request;
  nothing.from_sequence = 0;
  EXPECT_EQ(decode_refill_request(encode_refill_request(nothing)).error().code, errc::bad_value);
}

}  // namespace
}  // namespace isobar::wire
