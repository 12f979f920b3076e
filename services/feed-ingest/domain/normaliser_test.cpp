#include "feed-ingest/domain/normaliser.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "feed-ingest/testing/records.hpp"

namespace isobar::feed_ingest {
namespace {

using testing::batches_of;
using testing::definition;
using testing::noon;
using testing::order;
using testing::print;
namespace flag = market::event_flag;
using enum market::book_action;

constexpr normaliser_options two{.frame_records = 2, .frame_span = seconds(3'600), .open_event_span = seconds(3'600)};

std::vector<std::size_t> sizes(const std::vector<std::unique_ptr<batch>>& all) {
  std::vector<std::size_t> out;
  for (const auto& b : all) out.push_back(b->size());
  return out;
}

TEST(Normaliser, CutsOnlyBehindTheEndOfAnEvent) {
  const auto all = batches_of({order(noon, 0), order(noon, 0), order(noon, 0), order(noon), order(noon)}, two);
  EXPECT_EQ(sizes(all), (std::vector<std::size_t>{4, 1}));
  EXPECT_FALSE(all[0]->event_open);
  EXPECT_EQ(all[0]->ordinal, 1u);
  EXPECT_EQ(all[0]->records, 4u);
  EXPECT_EQ(all[1]->ordinal, 2u);
  EXPECT_EQ(all[1]->watermark, noon);
}

TEST(Normaliser, CutsInsideAnEventThatIsLongerThanAFrameMayBe) {
  std::vector<input_record> records(frame_records_max + 3, order(noon, 0));
  records.push_back(order(noon));
  const auto all = batches_of(records, two);
  EXPECT_EQ(sizes(all), (std::vector<std::size_t>{frame_records_max, 4}));
  EXPECT_TRUE(all[0]->event_open);
  EXPECT_FALSE(all[1]->event_open);
}

TEST(Normaliser, CutsWhenInputTimePasses) {
  const normaliser_options options{
      .frame_records = 100, .frame_span = milliseconds(10), .open_event_span = milliseconds(100)};
  const auto all =
      batches_of({order(noon), order(noon + milliseconds(10)), order(noon + milliseconds(11), 0),
                  order(noon + milliseconds(60)), order(noon + milliseconds(80), 0), order(noon + milliseconds(200))},
                 options);
  EXPECT_EQ(sizes(all), (std::vector<std::size_t>{2, 2, 1, 1}));
  EXPECT_TRUE(all[2]->event_open) << "an event that never ends must not hold its records for ever";
  EXPECT_EQ(all[1]->paced_until, noon + milliseconds(60));
}

TEST(Normaliser, ASnapshotIsABatchOfItsOwnAndMovesNoTime) {
  const timestamp yesterday = noon - seconds(86'400);
  const auto all = batches_of({order(yesterday, flag::snapshot), order(yesterday + seconds(9), flag::snapshot),
                               order(noon), order(yesterday, flag::snapshot | flag::last)},
                              {.frame_records = 100});
  EXPECT_EQ(sizes(all), (std::vector<std::size_t>{2, 1, 1}));
  EXPECT_EQ(all[0]->watermark, start_of_time);
  EXPECT_FALSE(all[0]->event_open) << "a snapshot without LAST ends with its last record";
  EXPECT_EQ(all[1]->watermark, noon);
  EXPECT_EQ(all[2]->watermark, noon);
  EXPECT_EQ(all[2]->odd.backwards, 0u);
  EXPECT_EQ(all[2]->odd.snapshot, 3u);
}

TEST(Normaliser, TheTickChangesBetweenBatchesOnly) {
  const auto all = batches_of({order(noon), definition(noon, 250'000'000), order(noon), definition(noon, 250'000'000),
                               order(noon), definition(noon, 50'000'000), order(noon)},
                              {.frame_records = 100});
  EXPECT_EQ(sizes(all), (std::vector<std::size_t>{1, 4, 2}));
  EXPECT_EQ(all[0]->tick, price(0));
  EXPECT_EQ(all[1]->tick, price(250'000'000));
  EXPECT_EQ(all[2]->tick, price(50'000'000));
}

TEST(Normaliser, TradesComeFromTheFirstSchemaThatTellsOfOne) {
  const auto all =
      batches_of({order(noon, flag::last, trade), print(noon), print(noon, record_kind::mbp_1), order(noon)},
                 {.frame_records = 100});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]->trades.size(), 1u);
  EXPECT_EQ(all[0]->events.size(), 2u);
  EXPECT_EQ(all[0]->counts.refused[static_cast<std::size_t>(refusal::repeated_trade)], 2u);
  EXPECT_EQ(all[0]->counts.total(), 4u);
  const auto by_price = batches_of({print(noon, record_kind::mbp_1), order(noon, flag::last, trade)}, {});
  EXPECT_EQ(by_price[0]->trades.size(), 1u);
  EXPECT_EQ(by_price[0]->events.size(), 1u) << "the book has every record whatever tells of trades";
}

TEST(Normaliser, CountsWhatIsUnusualAndDropsNothing) {
  auto jump = order(noon);
  jump.event.sequence = 9;
  auto reset = order(noon + milliseconds(1), flag::last | flag::maybe_bad_book | flag::bad_ts_recv);
  reset.event.sequence = 2;
  auto early = order(noon, flag::last | flag::maybe_bad_book);
  early.event.sequence = 3;
  early.event.price = price(4'800'100'000'000);
  auto bare = order(noon);
  bare.event.price = market::no_price;
  auto cleared = order(noon, flag::last, clear);
  cleared.event.price = market::no_price;
  const auto all = batches_of({definition(noon, 250'000'000), order(noon), jump, reset, early, bare, cleared}, {});
  ASSERT_EQ(all.size(), 1u);
  const auto& odd = all[0]->odd;
  EXPECT_EQ(all[0]->events.size(), 6u);
  EXPECT_EQ(odd.sequence_jumps, 1u);
  EXPECT_EQ(odd.sequence_resets, 2u);
  EXPECT_EQ(odd.backwards, 1u);
  EXPECT_EQ(odd.maybe_bad_book, 2u);
  EXPECT_EQ(odd.bad_ts_recv, 1u);
  EXPECT_EQ(odd.off_tick, 1u);
  EXPECT_EQ(odd.undefined_prices, 1u) << "a clear has no price to miss";
  ASSERT_EQ(all[0]->gaps.size(), 4u);
  EXPECT_EQ(all[0]->gaps[0], (gap{noon + milliseconds(1), "maybe_bad_book", "record 4"}));
  EXPECT_EQ(all[0]->gaps[1], (gap{noon + milliseconds(1), "sequence_reset", "record 4: 9 then 2"}));
  EXPECT_EQ(all[0]->gaps[2], (gap{noon, "backwards", "record 5: 1000000 ns before the record before"}));
}

TEST(Normaliser, SimulatedTimeRaisesTheWatermarkWithoutRecords) {
  normaliser core(*symbol::parse("ES"), {});
  core.pass_time(noon);
  const auto news = core.cut(0);
  ASSERT_TRUE(news);
  EXPECT_EQ(news->watermark, noon);
  EXPECT_EQ(news->ordinal, 0u);
  EXPECT_FALSE(core.cut(0)) << "nothing new";
}

input_record any_record(timestamp& at) {
  at = at + milliseconds(*rc::gen::weightedElement<std::int64_t>({{20, 0}, {10, 3}, {3, 90}, {1, 5'000}, {1, -2}}));
  const auto flags = static_cast<std::uint8_t>(*rc::gen::element<int>(0, 0, 128, 128, 128, 32, 160, 132));
  switch (*rc::gen::inRange(0, 12)) {
    case 0:
      return definition(at, *rc::gen::element<std::int64_t>(0, 250'000'000, 100'000'000));
    case 1:
      return print(at);
    case 2:
      return order(at, flags, trade);
    default:
      return order(at, flags);
  }
}

/// Everything that batches hold, end to end; each event with the tick that stood when it came.
struct joined {
  std::vector<market::book_event> events;
  std::vector<std::int64_t> ticks;
  std::vector<market::trade_event> trades;
  std::vector<market::instrument> definitions;
  std::vector<gap> gaps;
  record_counts counts;
  oddities odd;
  timestamp watermark;
  bool operator==(const joined&) const = default;
};

joined join(const std::vector<std::unique_ptr<batch>>& all) {
  joined out;
  for (const auto& b : all) {
    out.events.insert(out.events.end(), b->events.begin(), b->events.end());
    out.ticks.insert(out.ticks.end(), b->events.size(), b->tick.value);
    out.trades.insert(out.trades.end(), b->trades.begin(), b->trades.end());
    out.definitions.insert(out.definitions.end(), b->definitions.begin(), b->definitions.end());
    out.gaps.insert(out.gaps.end(), b->gaps.begin(), b->gaps.end());
    out.counts = b->counts;
    out.odd = b->odd;
    out.watermark = b->watermark;
  }
  return out;
}

RC_GTEST_PROP(Normaliser, WhatBatchesHoldDoesNotDependOnWhereTheyAreCut, ()) {
  std::vector<input_record> records;
  timestamp at = noon;
  for (int n = *rc::gen::inRange(1, 400); n > 0; --n) records.push_back(any_record(at));
  const auto whole = join(batches_of(records, {.frame_records = 1'000'000, .frame_span = seconds(1'000'000)}));
  const normaliser_options options{.frame_records = static_cast<std::size_t>(*rc::gen::inRange(1, 50)),
                                   .frame_span = milliseconds(*rc::gen::inRange(1, 200)),
                                   .open_event_span = milliseconds(*rc::gen::inRange(1, 400))};
  const auto parts = batches_of(records, options);
  RC_ASSERT(join(parts) == whole);
  RC_ASSERT(whole.counts.total() == records.size());
  std::uint64_t ordinal = 0;
  for (const auto& b : parts) RC_ASSERT(b->ordinal == (ordinal += b->size() > 0 ? 1 : 0));
  for (std::size_t i = 1; i < parts.size(); ++i) RC_ASSERT(parts[i]->watermark >= parts[i - 1]->watermark);
}

}  // namespace
}  // namespace isobar::feed_ingest
