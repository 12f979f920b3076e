#include "wire/massive_ws.hpp"

#include <gtest/gtest.h>

namespace isobar::wire::massive {
namespace {

std::vector<ws_event> read(std::string_view frame, ws_counts* counts = nullptr) {
  ws_parser parser;
  std::vector<ws_event> out;
  EXPECT_TRUE(parser.parse(frame, out)) << frame;
  if (counts) *counts = parser.counts();
  return out;
}

ws_counts counts_of(std::string_view frame) {
  ws_counts c;
  read(frame, &c);
  return c;
}

// The trade and its time are of options-surface 2.2: a real event of the vendor.
TEST(massive_ws, reads_a_trade) {
  const auto events = read(
      R"([{"ev":"T","sym":"O:SPXW251223P06905000","x":302,"p":0.78,"s":1,"c":[232],"t":1766522979369,"q":852352561}])");
  ASSERT_EQ(events.size(), 1u);
  const auto& e = std::get<market::option_event>(events[0]);
  EXPECT_EQ(e.kind, market::option_event::kind::trade);
  EXPECT_EQ(market::to_ticker(e.id), "O:SPXW251223P06905000");
  EXPECT_EQ(e.last, price(780'000'000));
  EXPECT_EQ(e.size, quantity(1));
  EXPECT_EQ(e.ts_event, timestamp{1'766'522'979'369'000'000});
  EXPECT_EQ(e.sequence, 852'352'561u);
}

TEST(massive_ws, reads_a_quote_and_takes_a_zero_ask_for_no_offer) {
  const auto events = read(
      R"([ {"as":24,"ap":9.81,"bs":17,"bp":9.71,"sym":"O:SPY241220P00720000","t":1644506128351,"q":844090872,"ev":"Q"},
                {"ev":"Q","sym":"O:SPY241220P00720000","bp":0,"ap":0,"bs":0,"as":0,"t":1644506128352,"q":844090873} ])");
  ASSERT_EQ(events.size(), 2u);
  const auto& e = std::get<market::option_event>(events[0]);
  EXPECT_EQ(e.kind, market::option_event::kind::quote);
  EXPECT_EQ(e.bid, price(9'710'000'000));
  EXPECT_EQ(e.ask, price(9'810'000'000));
  EXPECT_EQ(e.bid_size, quantity(17));
  EXPECT_EQ(e.ask_size, quantity(24));
  const auto& gone = std::get<market::option_event>(events[1]);
  EXPECT_EQ(gone.bid, price(0));
  EXPECT_EQ(gone.ask, market::no_price);
}

TEST(massive_ws, reads_bars_index_values_and_status_and_tolerates_a_single_object) {
  const auto bar = read(R"({"ev":"AM","sym":"O:ONEM220121C00025000","v":2,"av":8,"op":2.2,"vw":2.05,"o":2.05,"c":2.05,)"
                        R"("h":2.05,"l":2.05,"a":2.1312,"z":2,"s":1632419640000,"e":1632419700000})");
  ASSERT_EQ(bar.size(), 1u);
  EXPECT_EQ(std::get<aggregate>(bar[0]).start, timestamp{1'632'419'640'000'000'000});
  EXPECT_EQ(std::get<aggregate>(bar[0]).day_volume, quantity(8));
  const auto value = read(R"([{"ev":"V","val":3988.5,"T":"I:SPX","t":1678220098130}])");
  EXPECT_EQ(std::get<index_value>(value.at(0)).value, price(3'988'500'000'000));
  const auto answer = read(R"([{"ev":"status","status":"auth_success","message":"authenticated"}])");
  EXPECT_EQ(std::get<status>(answer.at(0)), (status{"auth_success", "authenticated"}));
}

TEST(massive_ws, counts_bad_events_and_keeps_their_neighbours) {
  const std::string good =
      R"({"ev":"Q","sym":"O:SPXW251223P06905000","bp":1,"ap":2,"bs":1,"as":1,"t":1766522979369,"q":1})";
  for (const char* bad : {R"({"ev":"Q","sym":"O:SPXW251223P06905000","bp":"NaN","ap":2,"t":1766522979369,"q":1})",
                          R"({"ev":"Q","sym":"O:SPXW251223P06905000","bp":1e300,"ap":2,"t":1766522979369,"q":1})",
                          R"({"ev":"Q","sym":"O:SPXW251223P06905000","bp":1,"ap":2,"q":1})",
                          R"({"ev":"Q","sym":"O:SPXW251223P06905000","bp":1,"ap":2,"t":-5,"q":1})",
                          R"({"ev":"Q","sym":"O:SPXW251223P06905000","bp":1,"ap":2,"t":1766522979369,"q":-1})",
                          R"({"ev":"T","sym":"O:SPXW251223P06905000","s":1,"t":1766522979369,"q":1})",
                          R"({"sym":"O:SPXW251223P06905000"})", R"({"ev":7})", "12", "null", "[]"}) {
    const ws_counts c = counts_of("[" + good + "," + bad + "," + good + "]");
    EXPECT_EQ(c.events, 2u) << bad;
    EXPECT_EQ(c.bad_events, 1u) << bad;
  }
  EXPECT_EQ(counts_of(R"([{"ev":"Q","sym":"SPX","bp":1,"ap":2,"t":1,"q":1}])").bad_tickers, 1u);
  EXPECT_EQ(counts_of(R"([{"ev":"FMV","fmv":7.2,"sym":"O:TSLA210903C00700000","t":1401715883806000000}])").other_events,
            1u);
  EXPECT_EQ(counts_of("[]").events, 0u);
}

TEST(massive_ws, refuses_bad_frames_and_keeps_what_came_before) {
  ws_parser parser;
  std::vector<ws_event> out;
  const std::string good = R"({"ev":"V","val":3988.5,"T":"I:SPX","t":1678220098130})";
  for (const std::string& bad :
       {std::string(), std::string("hello"), std::string("[{"), "[" + good + ",{\"ev\":\"V\",\"val\"",
        std::string("\xff\xfe[]"), std::string("{\"ev\":}"), "[" + good + "] x", std::string(8, '\0')})
    EXPECT_FALSE(parser.parse(bad, out)) << bad;
  EXPECT_EQ(parser.parse("3", out).error().code, ws_errc::not_events);
  EXPECT_EQ(parser.counts().bad_frames, parser.counts().frames);
  EXPECT_TRUE(parser.parse("[" + good + "]", out));
  EXPECT_EQ(out.size(), 1u);
}

TEST(massive_ws, bounds_frame_and_events) {
  ws_parser parser({.frame_bytes = 200, .frame_events = 2});
  std::vector<ws_event> out;
  EXPECT_EQ(parser.parse("[" + std::string(300, ' ') + "]", out).error().code, ws_errc::oversize);
  EXPECT_EQ(parser.parse("[{},{},{}]", out).error().code, ws_errc::too_many);
  std::string deep(150, '[');
  EXPECT_TRUE(!parser.parse(deep, out) || out.empty());
}

TEST(massive_ws, reads_what_it_writes) {
  market::option_event quote;
  quote.id = *market::parse_ticker("O:SPXW251223P06905000");
  quote.ts_event = timestamp{1'766'522'979'369'000'000};
  quote.sequence = 3;
  quote.bid = price(50'000'000);
  quote.bid_size = quantity(4);
  market::option_event trade = quote;
  trade.kind = market::option_event::kind::trade;
  trade.bid = market::no_price;
  trade.bid_size = quantity(0);
  trade.last = price(12'340'000'000);
  trade.size = quantity(9);
  const std::vector<ws_event> events{quote, trade, index_value{"I:SPX", price(6'905'125'000'000), quote.ts_event},
                                     aggregate{"O:SPXW251223P06905000", true, quote.ts_event, quote.ts_event, price(1),
                                               price(2), price(3), price(4), quantity(5), quantity(6)},
                                     status{"success", "subscribed to: Q.O:SPXW251223P06905000"}};
  EXPECT_EQ(read(encode_frame(events)), events);
  const ws_action action{"subscribe", "Q.O:SPXW251223P06905000,T.O:SPXW251223P06905000"};
  EXPECT_EQ(parse_action(encode_action(action)).value(), action);
  EXPECT_FALSE(parse_action("{\"action\":1}"));
  EXPECT_FALSE(parse_action("["));
}

}  // namespace
}  // namespace isobar::wire::massive
