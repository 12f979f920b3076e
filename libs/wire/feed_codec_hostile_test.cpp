#include <gtest/gtest.h>

#include <functional>

#include "isobar/feed/v1/feed.pb.h"
#include "wire/feed_codec.hpp"
#include "wire/feed_generators.hpp"

namespace isobar::wire {
namespace {

const frame_info info{.producer = "feed-ingest", .sequence = 3};

book_frame two_events() {
  book_frame frame{.symbol = *symbol::parse("ES"), .instrument_id = 5602, .tick = price(250'000'000), .events = {}};
  frame.events.push_back({.ts_event = gen::noon,
                          .price = price(5'100'250'000'000),
                          .order = market::order_id{17},
                          .size = 3,
                          .sequence = 5,
                          .side = market::book_side::none,
                          .flags = 128,
                          .channel = 1});
  frame.events.push_back({.ts_event = gen::noon, .action = market::book_action::clear, .flags = 128, .channel = 1});
  return frame;
}

trade_frame two_trades() {
  trade_frame frame{.symbol = *symbol::parse("ES"), .instrument_id = 5602, .trades = {}};
  frame.trades.push_back({.ts_event = gen::noon, .price = price(5'100'250'000'000), .size = 3, .sequence = 5});
  frame.trades.push_back({.ts_event = gen::noon, .price = price(5'100'500'000'000), .size = 1, .sequence = 6});
  return frame;
}

definition_frame one_definition() {
  definition_frame frame{.symbol = *symbol::parse("ES"), .instruments = std::vector<market::instrument>(1)};
  frame.instruments[0].raw_symbol = "ESH4";
  return frame;
}

std::string said(const failure<errc>& error) { return std::string(to_string(error.code)) + " " + error.evidence; }

/// Why a spoilt message is refused.
template <class Message, class Decode>
std::string refusal_of(const std::string& good, Decode decode, const std::function<void(Message&)>& spoil) {
  Message message;
  EXPECT_TRUE(message.ParseFromString(good));
  spoil(message);
  const auto decoded = decode(serialize(message));
  return decoded ? "taken" : said(decoded.error());
}

std::string book_refusal(const std::function<void(feed::v1::BookEvents&)>& spoil) {
  return refusal_of<feed::v1::BookEvents>(
      encode_book(two_events(), info),
      [](std::string_view b) {
        book_frame into;
        return decode_book(b, into);
      },
      spoil);
}

std::string trade_refusal(const std::function<void(feed::v1::Trades&)>& spoil) {
  return refusal_of<feed::v1::Trades>(
      encode_trades(two_trades(), info),
      [](std::string_view b) {
        trade_frame into;
        return decode_trades(b, into);
      },
      spoil);
}

TEST(FeedCodecHostile, BookFramesNameTheColumnThatIsWrong) {
  EXPECT_EQ(book_refusal([](auto&) {}), "taken");
  EXPECT_EQ(book_refusal([](auto& m) { m.clear_header(); }).substr(0, 9), "no_header");
  EXPECT_EQ(book_refusal([](auto& m) { m.mutable_header()->set_version(9); }).substr(0, 15), "unknown_version");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_symbol("no spaces"); }), "bad_symbol BookEvents.symbol of 9 bytes");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_price_unit_nanos(0); }), "bad_unit BookEvents.price_unit_nanos 0");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_tick_nanos(-1); }), "bad_value BookEvents.tick_nanos -1");
  EXPECT_EQ(book_refusal([](auto& m) { m.mutable_header()->set_record_count(3); }),
            "column_length isobar.feed.v1.BookEvents: header.record_count 3, 2 records");
  EXPECT_EQ(book_refusal([](auto& m) { m.add_flags(1); }), "column_length BookEvents.flags: 3 values, 2 records");
  EXPECT_EQ(book_refusal([](auto& m) { m.mutable_action_side()->RemoveLast(); }),
            "column_length BookEvents.action_side: 1 values, 2 records");
  EXPECT_EQ(book_refusal([](auto& m) { m.add_price_delta(1); }).substr(0, 38),
            "column_length BookEvents.price_delta: ");
  EXPECT_EQ(book_refusal([](auto& m) { m.add_size_lots(1); }).substr(0, 36), "column_length BookEvents.size_lots: ");
  EXPECT_EQ(book_refusal([](auto& m) { m.add_order_id_delta(1); }).substr(0, 39),
            "column_length BookEvents.order_id_delta");
  EXPECT_EQ(book_refusal([](auto& m) { m.add_sequence_delta(1); }).substr(0, 39),
            "column_length BookEvents.sequence_delta");
  EXPECT_EQ(book_refusal([](auto& m) { m.add_channel(1); }).substr(0, 32), "column_length BookEvents.channel");
}

TEST(FeedCodecHostile, BookFramesNameTheValueThatIsWrong) {
  EXPECT_EQ(book_refusal([](auto& m) { m.set_action_side(0, 7); }), "bad_value BookEvents.action_side[0] 7");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_action_side(1, 24); }), "bad_value BookEvents.action_side[1] 24");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_action_side(1, UINT32_MAX); }),
            "bad_value BookEvents.action_side[1] 4294967295");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_flags(1, 256); }), "bad_value BookEvents.flags[1] 256");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_channel(1, 256); }), "bad_value BookEvents.channel[1] 256");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_ts_event_delta_ns(1, INT64_MAX); }),
            "overflow BookEvents.ts_event_delta_ns[1]");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_sequence_delta(1, -6); }), "overflow BookEvents.sequence_delta[1]");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_sequence_delta(1, UINT32_MAX); }),
            "overflow BookEvents.sequence_delta[1]");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_sequence_delta(1, INT64_MAX); }), "overflow BookEvents.sequence_delta[1]");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_price_delta(0, INT64_MAX); }), "overflow BookEvents.price_delta[0]");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_price_delta(1, 4); }),
            "bad_value BookEvents.price_delta[1] of a record without price");
  EXPECT_EQ(book_refusal([](auto& m) { m.set_unpriced_delta(0, 2); }), "bad_order BookEvents.unpriced_delta[0]");
  EXPECT_EQ(book_refusal([](auto& m) { m.add_unpriced_delta(0); }), "bad_order BookEvents.unpriced_delta[1]");
  EXPECT_EQ(book_refusal([](auto& m) { m.mutable_unpriced_delta()->Resize(3, 1); }),
            "too_many BookEvents.unpriced_delta: 3 values");
}

TEST(FeedCodecHostile, TradeFramesNameWhatIsWrong) {
  EXPECT_EQ(trade_refusal([](auto&) {}), "taken");
  EXPECT_EQ(trade_refusal([](auto& m) { m.set_symbol(""); }), "bad_symbol Trades.symbol of 0 bytes");
  EXPECT_EQ(trade_refusal([](auto& m) { m.set_price_unit_nanos(-1); }), "bad_unit Trades.price_unit_nanos -1");
  EXPECT_EQ(trade_refusal([](auto& m) { m.set_aggressor(1, 3); }), "bad_value Trades.aggressor[1]");
  EXPECT_EQ(trade_refusal([](auto& m) { m.set_flags(0, 256); }), "bad_value Trades.flags[0]");
  EXPECT_EQ(trade_refusal([](auto& m) { m.set_price_delta(1, INT64_MAX / 2); }), "overflow Trades.price_delta[1]");
  EXPECT_EQ(trade_refusal([](auto& m) { m.set_ts_event_delta_ns(1, INT64_MAX); }),
            "overflow Trades.ts_event_delta_ns[1]");
  EXPECT_EQ(trade_refusal([](auto& m) { m.set_sequence_delta(0, -1); }), "overflow Trades.sequence_delta[0]");
  EXPECT_EQ(trade_refusal([](auto& m) { m.add_aggressor(0); }), "column_length Trades.aggressor: 3 values, 2 records");
}

TEST(FeedCodecHostile, ReferenceFramesNameWhatIsWrong) {
  const auto definitions = one_definition();
  const auto bytes = encode_definitions(definitions, info);
  const auto refused = [&](const std::function<void(feed::v1::Instrument&)>& spoil) {
    return refusal_of<feed::v1::Definitions>(bytes, decode_definitions,
                                             [&](auto& m) { spoil(*m.mutable_instruments(0)); });
  };
  EXPECT_EQ(refused([](auto&) {}), "taken");
  EXPECT_EQ(refused([](auto& i) { i.set_raw_symbol(std::string(129, 'x')); }),
            "bad_text Instrument.raw_symbol of 129 bytes");
  EXPECT_EQ(refused([](auto& i) { i.set_asset("\n"); }), "bad_text Instrument.asset of 1 bytes");
  EXPECT_EQ(refused([](auto& i) { i.set_instrument_class("FF"); }), "bad_value Instrument.instrument_class");
  EXPECT_EQ(refused([](auto& i) { i.set_tick_nanos(-1); }), "bad_value Instrument.tick_nanos -1");
  EXPECT_EQ(refused([](auto& i) { i.set_multiplier_nanos(-1); }), "bad_value Instrument.multiplier_nanos -1");

  const auto statistics = encode_statistics({*symbol::parse("ES"), 1, {{.ts_event = gen::noon}}}, info);
  EXPECT_EQ(refusal_of<feed::v1::Statistics>(statistics, decode_statistics,
                                             [](auto& m) { m.mutable_statistics(0)->set_type(65'536); }),
            "bad_value Statistic.type 65536");
  EXPECT_EQ(refusal_of<feed::v1::Statistics>(statistics, decode_statistics,
                                             [](auto& m) { m.mutable_statistics(0)->set_price_nanos(INT64_MAX); }),
            "bad_value Statistic.price_nanos");
  const auto status = encode_status({*symbol::parse("ES"), 1, {{.ts_event = gen::noon}}}, info);
  EXPECT_EQ(refusal_of<feed::v1::StatusChanges>(status, decode_status,
                                                [](auto& m) { m.mutable_changes(0)->set_reason(65'536); }),
            "bad_value StatusChange.reason 65536");
  EXPECT_EQ(refusal_of<feed::v1::StatusChanges>(status, decode_status, [](auto& m) { m.add_changes(); }).substr(0, 13),
            "column_length");
}

TEST(FeedCodecHostile, LongFramesAreRefusedBeforeTheyAreParsed) {
  book_frame into;
  EXPECT_EQ(decode_book(std::string((8u << 20) + 1, '\0'), into).error().code, errc::oversize);
  book_frame most = two_events();
  most.events.resize(max_events, most.events.front());
  EXPECT_TRUE(decode_book(encode_book(most, info), into).has_value());
  most.events.push_back(most.events.front());
  EXPECT_EQ(decode_book(encode_book(most, info), into).error().code, errc::too_many);
}

TEST(FeedCodecHostile, SurvivesTruncationAndCorruption) {
  const auto book = encode_book(two_events(), info);
  EXPECT_GT(gen::survive(book,
                         [](std::string_view b) {
                           book_frame into;
                           return decode_book(b, into).has_value();
                         }),
            static_cast<int>(book.size()));
  const auto trades = encode_trades(two_trades(), info);
  EXPECT_GT(gen::survive(trades,
                         [](std::string_view b) {
                           trade_frame into;
                           return decode_trades(b, into).has_value();
                         }),
            static_cast<int>(trades.size()));
  gen::survive(encode_definitions(one_definition(), info),
               [](std::string_view b) { return decode_definitions(b).has_value(); });
  gen::survive(encode_statistics({*symbol::parse("ES"), 1, {{.ts_event = gen::noon}}}, info),
               [](std::string_view b) { return decode_statistics(b).has_value(); });
  gen::survive(encode_status({*symbol::parse("ES"), 1, {{.ts_event = gen::noon}}}, info),
               [](std::string_view b) { return decode_status(b).has_value(); });
}

}  // namespace
}  // namespace isobar::wire
