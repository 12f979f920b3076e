#include "feed-ingest/domain/option_desk.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "feed-ingest/testing/records.hpp"

namespace isobar::feed_ingest {
namespace {

using market::book_action;
using market::book_side;
using market::no_price;
using market::option_record;
using testing::noon;
namespace flag = market::event_flag;

constexpr timestamp settles = noon + seconds(7'200);

input_record listing(std::uint32_t id, timestamp at = noon, timestamp expires = settles) {
  input_record r;
  r.kind = record_kind::definition;
  r.instrument_id = r.instrument.id = id;
  r.event_time = r.instrument.ts_event = at;
  r.instrument.raw_symbol = "E1AH4 C" + std::to_string(5'000 + id);
  r.instrument.instrument_class = 'C';
  r.instrument.underlying = "ESH4";
  r.instrument.multiplier = 50 * nanos_per_unit;
  r.instrument.expiration = expires;
  r.instrument.option_strike = strike((5'000 + id) * nanos_per_unit);
  return r;
}

input_record order(std::uint32_t id, timestamp at, std::uint64_t number, book_side side, std::int64_t cents,
                   std::uint32_t size, book_action action = book_action::add, std::uint8_t flags = flag::last) {
  input_record r;
  r.kind = record_kind::mbo;
  r.instrument_id = id;
  r.event_time = at;
  r.event = {.ts_event = at,
             .price = action == book_action::clear ? no_price : price(cents * 10'000'000),
             .order = market::order_id{number},
             .size = size,
             .action = action,
             .side = side,
             .flags = flags};
  if (action == book_action::trade) {
    r.is_trade = true;
    r.trade = {at, r.event.price, size, 0, side, flags};
  }
  return r;
}

input_record statistic(std::uint32_t id, std::uint16_t type, std::int64_t amount, bool deleted = false) {
  input_record r;
  r.kind = record_kind::statistics;
  r.instrument_id = id;
  r.event_time = noon;
  r.statistic = {.ts_event = noon, .type = type, .amount = amount, .deleted = deleted};
  return r;
}

input_record quoted(std::uint32_t id, timestamp at, record_kind kind, std::int64_t bid, std::int64_t ask) {
  input_record r;
  r.kind = kind;
  r.instrument_id = id;
  r.event_time = at;
  r.is_quote = r.quote_ends = true;
  r.quote = {at, price(bid * 10'000'000), price(ask * 10'000'000), 3, 4, true};
  return r;
}

std::vector<market::option_feed_event> events_of(const std::vector<option_segment>& all) {
  std::vector<market::option_feed_event> out;
  for (const auto& s : all) out.insert(out.end(), s.events.begin(), s.events.end());
  return out;
}

option_desk desk_of(std::uint32_t contracts, option_desk_options options = {}) {
  option_desk desk(options);
  for (std::uint32_t id = 1; id <= contracts; ++id) EXPECT_EQ(desk.define(listing(id)), refusal::none);
  return desk;
}

TEST(OptionDesk, NamesAContractOnceAndInItsFirstFrameTheBase) {
  auto desk = desk_of(2);
  EXPECT_EQ(desk.define(listing(1)), refusal::none);
  auto all = desk.cut();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(all[0].base);
  ASSERT_EQ(all[0].contracts.size(), 2u) << "said again is not news";
  EXPECT_EQ(all[0].contracts[1].number, 1u);
  EXPECT_EQ(desk.counts().listed, 2u);
  auto changed = listing(2);
  changed.instrument.multiplier = 0;
  EXPECT_EQ(desk.define(changed), refusal::none);
  EXPECT_EQ(desk.define(listing(3)), refusal::none);
  all = desk.cut();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_FALSE(all[0].base);
  ASSERT_EQ(all[0].contracts.size(), 2u);
  EXPECT_EQ(all[0].contracts[0].number, 1u) << "under its own number";
  EXPECT_EQ(all[0].contracts[1].number, 2u);
}

// The scenario of futures-medium 15.5 ("options book"): asks 10 at 100 ms and 5 at 200 ms, the first cancelled at
// 800 ms, 2 of the second filled at 1100 ms; one-sided throughout, so there is never a mid.
TEST(OptionDesk, BestPricesOfAnOrderByOrderBook) {
  auto desk = desk_of(1);
  (void)desk.cut();
  const auto at = [](std::int64_t ms) { return noon + milliseconds(ms); };
  for (const auto& r : {order(1, at(0), 0, book_side::none, 0, 0, book_action::clear),
                        order(1, at(100), 1, book_side::ask, 1'000, 10), order(1, at(200), 2, book_side::ask, 1'025, 5),
                        order(1, at(800), 1, book_side::ask, 1'000, 10, book_action::cancel),
                        order(1, at(1'100), 0, book_side::bid, 1'025, 2, book_action::trade, 0),
                        order(1, at(1'100), 2, book_side::ask, 1'025, 2, book_action::fill, 0),
                        order(1, at(1'100), 2, book_side::ask, 1'025, 3, book_action::modify)})
    EXPECT_EQ(desk.take(r), refusal::none);
  const auto events = events_of(desk.cut());
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].ask, price(10'000'000'000));
  EXPECT_EQ(events[0].ask_size, 10u);
  EXPECT_EQ(events[0].bid, no_price);
  EXPECT_EQ(events[1].ts_event, at(800));
  EXPECT_EQ(events[1].ask, price(10'250'000'000));
  EXPECT_EQ(events[1].ask_size, 5u);
  EXPECT_EQ(events[2].kind, option_record::trade);
  EXPECT_EQ(events[2].size, 2u);
  EXPECT_EQ(events[2].aggressor, book_side::bid);
  EXPECT_EQ(events[2].last, price(10'250'000'000));
  EXPECT_EQ(desk.counts().quotes, 2u);
  EXPECT_EQ(desk.counts().trades, 1u);
}

TEST(OptionDesk, ABookThatCannotBeBelievedHasNoBestPrice) {
  auto desk = desk_of(1);
  (void)desk.cut();
  EXPECT_EQ(desk.take(order(1, noon, 1, book_side::bid, 100, 1)), refusal::none);
  EXPECT_FALSE(desk.pending()) << "history began in the middle";
  (void)desk.take(order(1, noon, 0, book_side::none, 0, 0, book_action::clear));
  (void)desk.take(order(1, noon, 2, book_side::bid, 101, 1));
  (void)desk.take(order(1, noon, 9, book_side::bid, 100, 1, book_action::cancel));  // its add was lost
  const auto events = events_of(desk.cut());
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].bid, price(1'010'000'000));
  EXPECT_EQ(events[1].bid, no_price);
}

TEST(OptionDesk, TicksThatChangeWithThePriceAreFollowed) {
  auto desk = desk_of(1);
  (void)desk.take(order(1, noon, 0, book_side::none, 0, 0, book_action::clear));
  (void)desk.take(order(1, noon, 1, book_side::bid, 1'025, 1));  // 10.25
  (void)desk.take(order(1, noon, 2, book_side::ask, 1'050, 1));  // 10.50
  (void)desk.cut();
  (void)desk.take(order(1, noon, 3, book_side::bid, 1'030, 1));  // 10.30
  const auto events = events_of(desk.cut());
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].bid, price(10'300'000'000));
  EXPECT_EQ(events[0].ask, price(10'500'000'000));
}

TEST(OptionDesk, TradesOfASecondSchemaAndQuotesOfASecondAreNotTaken) {
  auto desk = desk_of(1);
  auto both = quoted(1, noon, record_kind::cmbp_1, 100, 110);  // tcbbo
  both.is_trade = true;
  both.trade = {noon, price(1'100'000'000), 3, 0, book_side::ask, 0};
  EXPECT_EQ(desk.take(both), refusal::none);
  auto again = both;
  again.kind = record_kind::trades;
  again.is_quote = false;
  EXPECT_EQ(desk.take(again), refusal::repeated_trade);
  EXPECT_EQ(desk.take(quoted(1, noon, record_kind::bbo, 90, 120)), refusal::not_a_trade);
  const auto events = events_of(desk.cut());
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].bid_size, 3u) << "the quote that stood, then the trade";
  EXPECT_EQ(events[1].aggressor, book_side::ask);
}

TEST(OptionDesk, OpenInterestIsStatisticNineAlone) {
  auto desk = desk_of(1);
  (void)desk.cut();
  EXPECT_EQ(desk.take(statistic(1, 1, 1'234)), refusal::unused_schema) << "an opening price";
  EXPECT_FALSE(desk.pending());
  EXPECT_EQ(desk.take(statistic(1, 9, 1'234)), refusal::none);
  EXPECT_EQ(desk.take(statistic(1, 9, 1'234, true)), refusal::none);
  EXPECT_EQ(desk.take(statistic(1, 9, INT64_MAX)), refusal::none);
  const auto events = events_of(desk.cut());
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].kind, option_record::open_interest);
  EXPECT_EQ(events[0].open_interest, quantity(1'234));
  EXPECT_EQ(events[1].open_interest, market::no_quantity) << "taken back";
  EXPECT_EQ(events[2].open_interest, market::no_quantity) << "said without an amount";
}

TEST(OptionDesk, ABaseRepeatsWhatIsKnownAtSetTimes) {
  auto desk = desk_of(2);
  desk.pass_time(noon + milliseconds(1));
  (void)desk.take(quoted(1, noon + milliseconds(1), record_kind::mbp_1, 100, 110));
  (void)desk.take(statistic(2, 9, 77));
  desk.pass_time(noon + seconds(59));
  EXPECT_EQ(desk.cut().size(), 1u) << "noon is a multiple of a minute: the next base is a minute later";
  desk.pass_time(noon + seconds(60));
  (void)desk.take(quoted(1, noon + seconds(60), record_kind::mbp_1, 101, 110));
  const auto all = desk.cut();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(all[0].base);
  EXPECT_EQ(all[0].contracts.size(), 2u);
  ASSERT_EQ(all[0].events.size(), 2u);
  EXPECT_EQ(all[0].events[0].ts_event, noon + milliseconds(1)) << "as old as it is";
  EXPECT_EQ(all[0].events[0].bid, price(1'000'000'000));
  EXPECT_EQ(all[0].events[1].open_interest, quantity(77));
  EXPECT_FALSE(all[1].base);
  ASSERT_EQ(all[1].events.size(), 1u);
  EXPECT_EQ(all[1].events[0].bid, price(1'010'000'000));
}

TEST(OptionDesk, AFrameNamesWhatItUsesFirst) {
  auto desk = desk_of(2);
  desk.pass_time(noon);
  (void)desk.cut();
  (void)desk.take(quoted(1, noon, record_kind::mbp_1, 100, 110));
  auto all = desk.cut();
  ASSERT_EQ(all[0].contracts.size(), 1u) << "listed in a frame before, used in this one";
  EXPECT_EQ(all[0].contracts[0].number, 0u);
  (void)desk.take(quoted(1, noon, record_kind::mbp_1, 101, 110));
  EXPECT_TRUE(desk.cut()[0].contracts.empty());
  desk.pass_time(noon + seconds(60));
  EXPECT_EQ(desk.cut()[0].contracts.size(), 2u);
  (void)desk.take(quoted(1, noon, record_kind::mbp_1, 102, 110));
  (void)desk.take(quoted(2, noon, record_kind::mbp_1, 102, 110));
  all = desk.cut();
  ASSERT_EQ(all[0].contracts.size(), 1u) << "the base said no more of it than its name";
  EXPECT_EQ(all[0].contracts[0].number, 1u);
}

TEST(OptionDesk, ALargeBaseIsSeveralFrames) {
  auto desk = desk_of(option_desk::base_contracts_max + 1);
  desk.pass_time(noon);
  (void)desk.cut();
  desk.pass_time(noon + seconds(60));
  const auto all = desk.cut();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(all[0].base);
  EXPECT_FALSE(all[1].base) << "the second adds to the first";
  EXPECT_EQ(all[1].contracts.size(), 1u);
  EXPECT_TRUE(all[0].continues);
  EXPECT_FALSE(all[1].continues);
}

TEST(OptionDesk, ContractsSettleAndAreWithdrawn) {
  auto desk = desk_of(2);
  EXPECT_EQ(desk.define(listing(3, noon, noon)), refusal::expired);
  (void)desk.take(quoted(1, noon, record_kind::mbp_1, 100, 110));
  (void)desk.cut();
  auto withdrawn = listing(2, noon + seconds(1));
  withdrawn.instrument.deleted = true;
  EXPECT_EQ(desk.define(withdrawn), refusal::none);
  EXPECT_EQ(desk.take(quoted(2, noon, record_kind::mbp_1, 100, 110)), refusal::expired);
  desk.pass_time(settles + seconds(5));
  EXPECT_EQ(desk.take(quoted(1, settles, record_kind::mbp_1, 101, 110)), refusal::expired);
  const auto events = events_of(desk.cut());
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].number, 1u);
  EXPECT_EQ(events[0].kind, option_record::delisted);
  EXPECT_EQ(events[1].number, 0u);
  EXPECT_EQ(events[1].ts_event, settles);
  EXPECT_EQ(desk.counts().listed, 0u);
  EXPECT_EQ(desk.define(listing(4)), refusal::expired) << "late, and settled meanwhile";
}

TEST(OptionDesk, ANumberOfTheVenueMayComeToMeanAnotherContract) {
  auto desk = desk_of(1);
  auto other = listing(1);
  other.instrument.raw_symbol = "E1AH4 C5200";
  EXPECT_EQ(desk.define(other), refusal::none);
  (void)desk.take(quoted(1, noon, record_kind::mbp_1, 100, 110));
  EXPECT_EQ(events_of(desk.cut()).back().number, 1u);
  auto moved = listing(1);
  moved.instrument.id = moved.instrument_id = 50;
  EXPECT_EQ(desk.define(moved), refusal::none);
  (void)desk.take(quoted(50, noon, record_kind::mbp_1, 100, 110));
  EXPECT_EQ(events_of(desk.cut()).back().number, 0u) << "the same name is the same contract";
}

TEST(OptionDesk, HasABoundOfContracts) {
  auto desk = desk_of(2, {.contracts_max = 2});
  EXPECT_EQ(desk.define(listing(3)), refusal::too_many_options);
  EXPECT_FALSE(desk.knows(3));
}

TEST(OptionDesk, AThousandBooksCostSomeMebibytes) {
  auto desk = desk_of(1'000);
  const auto bare = desk.memory_bytes();
  for (std::uint32_t id = 1; id <= 1'000; ++id) {
    (void)desk.take(order(id, noon, 0, book_side::none, 0, 0, book_action::clear));
    for (std::uint32_t level = 0; level < 10; ++level) {
      (void)desk.take(order(id, noon, 2 * level + 1, book_side::bid, 1'000 - 25 * level, 1));
      (void)desk.take(order(id, noon, 2 * level + 2, book_side::ask, 1'025 + 25 * level, 1));
    }
  }
  const auto each = (desk.memory_bytes() - bare) / 1'000;
  RecordProperty("bytes_per_book", static_cast<int>(each));
  std::printf("a contract: %zu bytes; with a book of 20 orders: %zu more\n", bare / 1'000, each);
  EXPECT_LT(bare / 1'000, 1'000u);
  EXPECT_LT(each, 16'384u);
}

TEST(OptionDesk, RecordsOfARefusedDefinitionAreOfNobody) {
  auto desk = desk_of(3, {.contracts_max = 3});
  auto bad = listing(1);
  bad.instrument.instrument_class = 'X';
  EXPECT_EQ(desk.define(bad), refusal::bad_value);
  EXPECT_EQ(desk.define(listing(2, noon, noon)), refusal::expired);
  auto other = listing(3);
  other.instrument.raw_symbol = "E1AH4 C5200";
  EXPECT_EQ(desk.define(other), refusal::too_many_options);
  auto gone = listing(4);
  gone.instrument.deleted = true;
  EXPECT_EQ(desk.define(gone), refusal::none);
  (void)desk.cut();
  for (std::uint32_t id = 1; id <= 5; ++id)
    for (const auto& r : {quoted(id, noon, record_kind::mbp_1, 100, 110), statistic(id, 9, 5)})
      EXPECT_EQ(desk.take(r), refusal::unknown_instrument) << id;
  EXPECT_FALSE(desk.pending());
  EXPECT_EQ(desk.define(listing(1)), refusal::none) << "and is defined again";
  EXPECT_EQ(desk.take(quoted(1, noon, record_kind::mbp_1, 100, 110)), refusal::none);
}

TEST(OptionDesk, RecordsOfADeletedContractAreExpired) {
  auto desk = desk_of(1);
  auto gone = listing(1);
  gone.instrument.deleted = true;
  gone.instrument.id = gone.instrument_id = 9;  // under another number of the venue
  EXPECT_EQ(desk.define(gone), refusal::none);
  EXPECT_EQ(desk.take(quoted(9, noon, record_kind::mbp_1, 100, 110)), refusal::expired);
  EXPECT_EQ(desk.take(quoted(1, noon, record_kind::mbp_1, 100, 110)), refusal::expired);
}

/// Good, deleted, of no option, or settled.
input_record any_listing(std::uint32_t id, timestamp at) {
  auto r = listing(id, at);
  const int what = *rc::gen::inRange(0, 6);
  if (what == 0) r.instrument.deleted = true;
  if (what == 1) r.instrument.instrument_class = 'X';
  if (what == 2) r.instrument.expiration = at;
  return r;
}

/// What the segments say, joined, is the same wherever they are cut.
RC_GTEST_PROP(OptionDesk, CutsDoNotShow, ()) {
  option_desk whole({}), parts({});
  std::vector<option_segment> one, other;
  timestamp at = noon;
  for (auto n = *rc::gen::inRange(1, 120); n > 0; --n) {
    at = at + milliseconds(*rc::gen::inRange(0, 20'000));
    const auto id = static_cast<std::uint32_t>(*rc::gen::inRange(1, 6));
    const int what = *rc::gen::inRange(0, 4);
    const auto record = what == 0   ? any_listing(id, at)
                        : what == 1 ? statistic(id, 9, *rc::gen::inRange(0, 9))
                                    : quoted(id, at, record_kind::mbp_1, *rc::gen::inRange(90, 100), 110);
    for (auto* desk : {&whole, &parts}) {
      desk->pass_time(at);
      if (what == 0)
        (void)desk->define(record);
      else
        (void)desk->take(record);
    }
    if (*rc::gen::inRange(0, 3) == 0)
      for (auto& s : parts.cut()) other.push_back(std::move(s));
  }
  for (auto& s : parts.cut()) other.push_back(std::move(s));
  one = whole.cut();
  const auto joined = [](const std::vector<option_segment>& all) {
    std::vector<option_segment> out;
    for (const auto& s : all) {
      // What follows a base in a frame of its own is news: only frames of news may join.
      const bool news = !s.base;
      if (!news || out.empty() || (out.back().base && &s == &all.front())) {
        out.push_back(s);
        continue;
      }
      auto& to = out.back();
      to.contracts.insert(to.contracts.end(), s.contracts.begin(), s.contracts.end());
      to.events.insert(to.events.end(), s.events.begin(), s.events.end());
    }
    return out;
  };
  RC_ASSERT(joined(one) == joined(other));
}

}  // namespace
}  // namespace isobar::feed_ingest
