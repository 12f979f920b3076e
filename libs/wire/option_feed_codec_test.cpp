#include "wire/option_feed_codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "isobar/feed/v1/feed.pb.h"
#include "wire/feed_generators.hpp"

namespace isobar::wire {
namespace {

using market::no_price;
using market::option_record;

const frame_info info{.producer = "feed-ingest", .sequence = 3};

market::top_quote any_quote(bool any_price_at_all) {
  market::top_quote q{.ts_event = {gen::noon.ns + gen::in(-100'000, 100'000)},
                      .bid = gen::feed_price(any_price_at_all),
                      .ask = gen::feed_price(any_price_at_all),
                      .bid_size = static_cast<std::uint32_t>(gen::around(10, 9)),
                      .ask_size = static_cast<std::uint32_t>(gen::around(10, 9)),
                      .trusted = gen::in(0, 2) == 1};
  // A side without a price has no lots, one without lots no price.
  if (q.bid == no_price || q.bid_size == 0 || gen::in(0, 6) == 0) q.bid = no_price, q.bid_size = 0;
  if (q.ask == no_price || q.ask_size == 0 || gen::in(0, 6) == 0) q.ask = no_price, q.ask_size = 0;
  return q;
}

quote_frame any_quote_frame() {
  const bool any_price_at_all = gen::in(0, 2) == 1;
  quote_frame f{
      .symbol = gen::future(), .instrument_id = static_cast<std::uint32_t>(gen::in(0, 1'000'000)), .quotes = {}};
  for (auto n = gen::in(0, 40); n > 0; --n) f.quotes.push_back(any_quote(any_price_at_all));
  return f;
}

market::option_feed_event any_option_event() {
  market::option_feed_event e{.ts_event = {gen::noon.ns + gen::in(-100'000, 100'000)},
                              .number = static_cast<std::uint32_t>(gen::in(0, max_listed_options)),
                              .kind = static_cast<option_record>(gen::in(0, 4))};
  const auto some_price = [] {
    return gen::in(0, 5) == 0 ? no_price : price(gen::in(0, 9) == 0 ? INT64_MAX - 1 : gen::in(0, 9'000) * 50'000'000);
  };
  const auto some_lots = [] { return static_cast<std::uint32_t>(gen::around(10, 9)); };
  if (e.kind == option_record::quote) {
    e.bid = some_price(), e.ask = some_price();
    e.bid_size = some_lots(), e.ask_size = some_lots();
  } else if (e.kind == option_record::trade) {
    e.last = some_price(), e.size = some_lots();
    e.aggressor = static_cast<market::book_side>(gen::in(0, 3));
  } else if (e.kind == option_record::open_interest) {
    e.open_interest = quantity(gen::in(-1, 100'000));
  }
  return e;
}

option_frame any_option_frame() {
  option_frame f{.symbol = gen::future(), .base = gen::in(0, 2) == 1, .contracts = {}, .events = {}};
  for (auto n = gen::in(0, 6); n > 0; --n)
    f.contracts.push_back({.number = static_cast<std::uint32_t>(gen::in(0, max_listed_options)),
                           .raw_symbol = gen::in(0, 2) ? "E1AH4 C5100" : "SPXW  240119C04700000",
                           .id = {.root = gen::in(0, 2) ? "E1A" : "SPXW",
                                  .expiry = *from_yyyymmdd(20240119),
                                  .right = gen::in(0, 2) ? market::right::call : market::right::put,
                                  .strike = strike(gen::in(0, 10'000) * 1'000'000'000)},
                           .settles_at = gen::in(0, 5) ? gen::noon : end_of_time,
                           .multiplier = gen::in(0, 2) * 50'000'000'000,
                           .american = gen::in(0, 2) == 1});
  for (auto n = gen::in(0, 40); n > 0; --n) f.events.push_back(any_option_event());
  return f;
}

RC_GTEST_PROP(OptionFeedCodec, QuoteFramesRoundTripIntoReusedBuffers, ()) {
  quote_frame into;
  for (int i = 0; i < 4; ++i) {
    const auto frame = any_quote_frame();
    const auto header = gen::any_info();
    const auto bytes = encode_quotes(frame, header);
    const auto decoded = decode_quotes(bytes, into);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(into == frame);
    RC_ASSERT(decoded->record_count == frame.quotes.size());
    RC_ASSERT(decoded->watermark == header.watermark);
    RC_ASSERT(encode_quotes(into, header) == bytes);
  }
}

RC_GTEST_PROP(OptionFeedCodec, OptionFramesRoundTripIntoReusedBuffers, ()) {
  option_frame into;
  for (int i = 0; i < 4; ++i) {
    const auto frame = any_option_frame();
    const auto bytes = encode_options(frame, info);
    const auto decoded = decode_options(bytes, into);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(into == frame);
    RC_ASSERT(decoded->record_count == frame.events.size());
    RC_ASSERT(encode_options(into, info) == bytes);
  }
}

quote_frame two_quotes() {
  quote_frame f{.symbol = *symbol::parse("ES"), .instrument_id = 5602, .quotes = {}};
  f.quotes.push_back({gen::noon, price(5'100'250'000'000), price(5'100'500'000'000), 3, 7, true});
  f.quotes.push_back({gen::noon, no_price, price(5'100'750'000'000), 0, 2, false});
  return f;
}

option_frame four_events() {
  option_frame f{.symbol = *symbol::parse("ES"), .base = true, .contracts = {}, .events = {}};
  f.contracts.push_back({.number = 0,
                         .raw_symbol = "E1AH4 C5100",
                         .id = {"E1A", *from_yyyymmdd(20240304), market::right::call, strike(5'100'000'000'000)},
                         .settles_at = gen::noon,
                         .multiplier = 50'000'000'000,
                         .american = false});
  f.events.push_back({.ts_event = gen::noon,
                      .bid = price(10'250'000'000),
                      .ask = price(10'500'000'000),
                      .bid_size = 3,
                      .ask_size = 4});
  f.events.push_back({.ts_event = gen::noon,
                      .kind = option_record::trade,
                      .aggressor = market::book_side::ask,
                      .last = price(10'250'000'000),
                      .size = 2});
  f.events.push_back(
      {.ts_event = gen::noon, .kind = option_record::open_interest, .open_interest = market::no_quantity});
  f.events.push_back({.ts_event = gen::noon, .kind = option_record::delisted});
  return f;
}

TEST(OptionFeedCodec, ColumnsAreAsTheProtoSays) {
  feed::v1::Quotes quotes;
  ASSERT_TRUE(quotes.ParseFromString(encode_quotes(two_quotes(), info)));
  EXPECT_EQ(quotes.price_unit_nanos(), 250'000'000);
  EXPECT_EQ(quotes.bid_delta(0), 20'401);
  EXPECT_EQ(quotes.bid_delta(1), 0);
  EXPECT_EQ(quotes.ask_delta(1), 1);
  EXPECT_EQ(quotes.bid_lots(1), 0u);
  feed::v1::OptionEvents options;
  ASSERT_TRUE(options.ParseFromString(encode_options(four_events(), info)));
  EXPECT_EQ(options.price_unit_nanos(), 250'000'000);
  EXPECT_EQ(options.value(0), 41);
  EXPECT_EQ(options.second(0), 42);
  EXPECT_EQ(options.contract_kind(1), 1u);
  EXPECT_EQ(options.second(1), 2);
  EXPECT_EQ(options.third(1), 1u);
  EXPECT_EQ(options.value(2), -1);
  EXPECT_EQ(options.value(3), 0);
}

TEST(OptionFeedCodec, ASideWithoutLotsIsWrittenAsEmpty) {
  auto frame = two_quotes();
  frame.quotes[0].bid_size = 0;
  quote_frame into;
  ASSERT_TRUE(decode_quotes(encode_quotes(frame, info), into).has_value());
  EXPECT_EQ(into.quotes[0].bid, no_price);
}

TEST(OptionFeedCodec, HeartbeatsDecodeToEmptyBodies) {
  const auto bytes = encode_heartbeat({.producer = "feed-ingest", .sequence = 9, .watermark = end_of_time});
  auto quotes = two_quotes();
  ASSERT_TRUE(decode_quotes(bytes, quotes).has_value());
  EXPECT_EQ(quotes, quote_frame{});
  auto options = four_events();
  ASSERT_TRUE(decode_options(bytes, options).has_value());
  EXPECT_EQ(options, option_frame{});
}

/// Why a spoilt message is refused.
template <class Message, class Frame>
std::string refusal_of(const std::string& good, result<frame_info, errc> (*decode)(std::string_view, Frame&),
                       const std::function<void(Message&)>& spoil) {
  Message message;
  EXPECT_TRUE(message.ParseFromString(good));
  spoil(message);
  Frame into;
  const auto decoded = decode(serialize(message), into);
  return decoded ? "taken" : std::string(to_string(decoded.error().code)) + " " + decoded.error().evidence;
}

std::string quote_refusal(const std::function<void(feed::v1::Quotes&)>& spoil) {
  return refusal_of<feed::v1::Quotes, quote_frame>(encode_quotes(two_quotes(), info), decode_quotes, spoil);
}
std::string option_refusal(const std::function<void(feed::v1::OptionEvents&)>& spoil) {
  return refusal_of<feed::v1::OptionEvents, option_frame>(encode_options(four_events(), info), decode_options, spoil);
}

TEST(OptionFeedCodecHostile, QuoteFramesNameWhatIsWrong) {
  EXPECT_EQ(quote_refusal([](auto&) {}), "taken");
  EXPECT_EQ(quote_refusal([](auto& m) { m.clear_header(); }).substr(0, 9), "no_header");
  EXPECT_EQ(quote_refusal([](auto& m) { m.set_symbol(""); }), "bad_symbol Quotes.symbol of 0 bytes");
  EXPECT_EQ(quote_refusal([](auto& m) { m.set_price_unit_nanos(0); }), "bad_unit Quotes.price_unit_nanos 0");
  EXPECT_EQ(quote_refusal([](auto& m) { m.add_trusted(true); }), "column_length Quotes.trusted: 3 values, 2 records");
  EXPECT_EQ(quote_refusal([](auto& m) { m.add_bid_lots(1); }), "column_length Quotes.bid_lots: 3 values, 2 records");
  EXPECT_EQ(quote_refusal([](auto& m) { m.mutable_ask_delta()->RemoveLast(); }),
            "column_length Quotes.ask_delta: 1 values, 2 records");
  EXPECT_EQ(quote_refusal([](auto& m) { m.add_ts_event_delta_ns(1); }).substr(0, 13), "column_length");
  EXPECT_EQ(quote_refusal([](auto& m) { m.set_bid_delta(1, 4); }), "bad_value Quotes.bid_delta[1] of an empty side");
  EXPECT_EQ(quote_refusal([](auto& m) { m.set_ask_delta(1, INT64_MAX / 2); }), "overflow Quotes.ask_delta[1]");
  EXPECT_EQ(quote_refusal([](auto& m) { m.set_ts_event_delta_ns(1, INT64_MAX); }),
            "overflow Quotes.ts_event_delta_ns[1]");
}

TEST(OptionFeedCodecHostile, OptionFramesNameWhatIsWrong) {
  EXPECT_EQ(option_refusal([](auto&) {}), "taken");
  EXPECT_EQ(option_refusal([](auto& m) { m.set_symbol("no spaces"); }), "bad_symbol OptionEvents.symbol of 9 bytes");
  EXPECT_EQ(option_refusal([](auto& m) { m.set_price_unit_nanos(-1); }), "bad_unit OptionEvents.price_unit_nanos -1");
  EXPECT_EQ(option_refusal([](auto& m) { m.add_fourth(0); }), "column_length OptionEvents.fourth: 5 values, 4 records");
  EXPECT_EQ(option_refusal([](auto& m) { m.add_value(0); }), "column_length OptionEvents.value: 5 values, 4 records");
  EXPECT_EQ(option_refusal([](auto& m) { m.add_contract_kind(0); }).substr(0, 13), "column_length");
  EXPECT_EQ(option_refusal([](auto& m) { m.set_contract_kind(0, max_listed_options * 4); }),
            "too_many OptionEvents.contract_kind[0] contract 200000");
  EXPECT_EQ(option_refusal([](auto& m) { m.set_value(0, -2); }), "bad_value OptionEvents.value[0]");
  EXPECT_EQ(option_refusal([](auto& m) { m.set_value(0, INT64_MAX / 2); }), "bad_value OptionEvents.value[0]");
  EXPECT_EQ(option_refusal([](auto& m) { m.set_second(1, -1); }), "bad_value OptionEvents.value[1]");
  EXPECT_EQ(option_refusal([](auto& m) { m.set_third(1, 3); }), "bad_value OptionEvents.value[1]");
  EXPECT_EQ(option_refusal([](auto& m) { m.set_fourth(1, 3); }), "bad_value OptionEvents.value[1]");
  EXPECT_EQ(option_refusal([](auto& m) { m.set_value(2, -2); }), "bad_value OptionEvents.value[2]");
  EXPECT_EQ(option_refusal([](auto& m) { m.set_value(3, 1); }), "bad_value OptionEvents.value[3]");
  EXPECT_EQ(option_refusal([](auto& m) { m.set_ts_event_delta_ns(1, INT64_MAX); }),
            "overflow OptionEvents.ts_event_delta_ns[1]");
}

TEST(OptionFeedCodecHostile, ContractsNameWhatIsWrong) {
  const auto refused = [](const std::function<void(feed::v1::OptionContract&)>& spoil) {
    return option_refusal([&](auto& m) { spoil(*m.mutable_contracts(0)); });
  };
  EXPECT_EQ(refused([](auto& c) { c.set_number(200'000); }), "too_many OptionContract.number 200000");
  EXPECT_EQ(refused([](auto& c) { c.set_raw_symbol(""); }), "bad_text OptionContract.raw_symbol of 0 bytes");
  EXPECT_EQ(refused([](auto& c) { c.set_root("\n"); }), "bad_text OptionContract.root of 1 bytes");
  EXPECT_EQ(refused([](auto& c) { c.set_expiry_yyyymmdd(20240230); }),
            "bad_value OptionContract.expiry_yyyymmdd 20240230");
  EXPECT_EQ(refused([](auto& c) { c.set_strike_nanos(-1); }), "bad_value OptionContract.strike_nanos -1");
  EXPECT_EQ(refused([](auto& c) { c.set_multiplier_nanos(-1); }), "bad_value OptionContract.multiplier_nanos -1");
}

TEST(OptionFeedCodecHostile, SurvivesTruncationAndCorruption) {
  const auto quotes = encode_quotes(two_quotes(), info);
  EXPECT_GT(gen::survive(quotes,
                         [](std::string_view b) {
                           quote_frame into;
                           return decode_quotes(b, into).has_value();
                         }),
            static_cast<int>(quotes.size()));
  const auto options = encode_options(four_events(), info);
  EXPECT_GT(gen::survive(options,
                         [](std::string_view b) {
                           option_frame into;
                           return decode_options(b, into).has_value();
                         }),
            static_cast<int>(options.size()) / 2);
}

TEST(OptionFeedCodecHostile, LongFramesAreRefusedBeforeTheyAreParsed) {
  quote_frame quotes;
  EXPECT_EQ(decode_quotes(std::string((8u << 20) + 1, '\0'), quotes).error().code, errc::oversize);
  option_frame options;
  EXPECT_EQ(decode_options(std::string((48u << 20) + 1, '\0'), options).error().code, errc::oversize);
}

}  // namespace
}  // namespace isobar::wire
