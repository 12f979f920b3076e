#include "wire/dbn/convert.hpp"

#include <gtest/gtest.h>

#include "wire/dbn/dbn_fixture.hpp"

namespace isobar::wire::dbn {
namespace {

mbo_record order_record() {
  mbo_record r{};
  r.hd = make_header<mbo_record>(rtype::mbo, 1, 17'077, fixture::noon);
  r.order_id = 123'456'789'012;
  r.price = 4'750'250'000'000;
  r.size = 7;
  r.flags = 130;
  r.channel_id = 3;
  r.action = 'A';
  r.side = 'B';
  r.sequence = 99;
  return r;
}

TEST(DbnConvert, OrderRecordBecomesABookEvent) {
  market::book_event e;
  ASSERT_EQ(to_book_event(order_record(), e), refusal::none);
  market::book_event expected;
  expected.ts_event = {static_cast<std::int64_t>(fixture::noon)};
  expected.price = price(4'750'250'000'000);
  expected.order = market::order_id{123'456'789'012};
  expected.size = 7;
  expected.sequence = 99;
  expected.action = market::book_action::add;
  expected.side = market::book_side::bid;
  expected.flags = 130;
  expected.channel = 3;
  EXPECT_EQ(e, expected);
}

TEST(DbnConvert, EveryActionAndSideHasItsLetter) {
  using enum market::book_action;
  const std::pair<char, market::book_action> actions[] = {{'A', add},   {'M', modify}, {'C', cancel}, {'R', clear},
                                                          {'T', trade}, {'F', fill},   {'N', none}};
  market::book_event e;
  auto r = order_record();
  for (const auto& [letter, action] : actions) {
    r.action = letter;
    ASSERT_EQ(to_book_event(r, e), refusal::none);
    EXPECT_EQ(e.action, action);
  }
  r = order_record();
  const std::pair<char, market::book_side> sides[] = {
      {'A', market::book_side::ask}, {'B', market::book_side::bid}, {'N', market::book_side::none}};
  for (const auto& [letter, side] : sides) {
    r.side = letter;
    ASSERT_EQ(to_book_event(r, e), refusal::none);
    EXPECT_EQ(e.side, side);
  }
}

TEST(DbnConvert, BadLettersAndTimesAreCountedRefusals) {
  refusal_counts counts;
  market::book_event e;
  for (int letter = 0; letter < 256; ++letter) {
    auto r = order_record();
    r.action = static_cast<char>(letter);
    counts.taken(to_book_event(r, e));
    r = order_record();
    r.side = static_cast<char>(letter);
    counts.taken(to_book_event(r, e));
  }
  auto r = order_record();
  r.hd.ts_event = undefined_time;
  EXPECT_FALSE(counts.taken(to_book_event(r, e)));
  EXPECT_EQ(counts.of(refusal::action), 256u - 7u);
  EXPECT_EQ(counts.of(refusal::side), 256u - 3u);
  EXPECT_EQ(counts.of(refusal::time), 1u);
  EXPECT_EQ(counts.of(refusal::none), 10u);
}

TEST(DbnConvert, OnlyTradesAreTrades) {
  market::trade_event t;
  auto order = order_record();
  const auto view = [](const auto& r) { return record(reinterpret_cast<const char*>(&r)); };
  EXPECT_EQ(to_trade_event(view(order), t), refusal::other);
  order.action = 'T';
  ASSERT_EQ(to_trade_event(view(order), t), refusal::none);
  EXPECT_EQ(t.price, price(4'750'250'000'000));
  EXPECT_EQ(t.aggressor, market::book_side::bid);
  cmbp1_record c{};
  c.hd = make_header<cmbp1_record>(rtype::tcbbo, 1, 2, fixture::noon);
  c.action = 'T';
  c.side = 'N';
  c.size = 3;
  ASSERT_EQ(to_trade_event(view(c), t), refusal::none);
  EXPECT_EQ(t.size, 3u);
  EXPECT_EQ(t.aggressor, market::book_side::none);
  c.action = 'x';
  EXPECT_EQ(to_trade_event(view(c), t), refusal::action);
  bbo_record b{};
  b.hd = make_header<bbo_record>(rtype::bbo_1s, 1, 2, fixture::noon);
  EXPECT_EQ(to_trade_event(view(b), t), refusal::other);
}

TEST(DbnConvert, StatisticsKeepOpenInterestAndDeletion) {
  statistics_v1 s{};
  s.hd = make_header<statistics_v1>(rtype::statistics, 1, 2, undefined_time);
  s.ts_recv = fixture::noon;
  s.ts_ref = undefined_time;
  s.price = undefined_price;
  s.quantity = 2'147'483;
  s.stat_type = 9;
  s.update_action = 2;
  const auto v3 = as_statistics(record(reinterpret_cast<const char*>(&s)));
  ASSERT_TRUE(v3);
  market::statistic m;
  ASSERT_EQ(to_statistic(*v3, m), refusal::none);
  EXPECT_EQ(m.type, market::statistic::open_interest);
  EXPECT_EQ(m.amount, 2'147'483);
  EXPECT_EQ(m.ts_event.ns, static_cast<std::int64_t>(fixture::noon)) << "no ts_event: the capture's time";
  EXPECT_EQ(m.ts_ref, start_of_time);
  EXPECT_EQ(m.price, market::no_price);
  EXPECT_TRUE(m.deleted);
  auto bad = *v3;
  bad.update_action = 0;
  EXPECT_EQ(to_statistic(bad, m), refusal::action);
}

TEST(DbnConvert, StatusAnswersAreYesNoUnknown) {
  status_record s{};
  s.hd = make_header<status_record>(rtype::status, 1, 2, fixture::noon);
  s.action = 7;
  s.is_trading = 'Y';
  s.is_quoting = 'N';
  s.is_short_sell_restricted = '~';
  market::trading_status t;
  ASSERT_EQ(to_trading_status(s, t), refusal::none);
  EXPECT_EQ(t.action, 7);
  EXPECT_EQ(t.trading, market::trading_status::answer::yes);
  EXPECT_EQ(t.quoting, market::trading_status::answer::no);
  EXPECT_EQ(t.short_sell_restricted, market::trading_status::answer::unknown);
  s.is_trading = '?';
  EXPECT_EQ(to_trading_status(s, t), refusal::answer);
}

}  // namespace
}  // namespace isobar::wire::dbn
