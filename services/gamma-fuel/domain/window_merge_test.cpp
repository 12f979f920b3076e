#include "gamma-fuel/domain/window_merge.hpp"

#include <gtest/gtest.h>

#include "core/archive.hpp"

namespace isobar::gamma_fuel {
namespace {

merge_item item(std::int64_t at, contract_number n) { return {.at = {at}, .what = listing{n, {}}}; }
/// The next listing's contract.
contract_number next(window_merge& m, timestamp t) {
  input from{};
  const merge_item* i = m.next(t, from);
  if (i == nullptr) return no_contract;
  const contract_number n = std::get<listing>(i->what).contract;
  m.pop(from);
  return n;
}

TEST(WindowMerge, GivesBackByTimeThenInputThenArrival) {
  window_merge m({});
  m.push(input::rows, item(10, 4));
  m.push(input::rows, item(10, 5));
  m.push(input::chain, item(20, 6));
  m.push(input::flow, item(10, 3));
  m.push(input::quotes, item(5, 1));
  EXPECT_EQ(m.first(), timestamp{5});
  for (const contract_number n : {1u, 3u, 4u, 5u}) EXPECT_EQ(next(m, {20}), n);
  EXPECT_EQ(next(m, {20}), no_contract);  // an item at the end is of the next window
  EXPECT_EQ(next(m, {21}), 6u);
  EXPECT_EQ(m.first(), end_of_time);
}

TEST(WindowMerge, AnInputDoesNotGoBackInTime) {
  window_merge m({});
  EXPECT_EQ(m.push(input::trades, item(10, 1)), window_merge::outcome::taken);
  EXPECT_EQ(m.push(input::trades, item(9, 2)), window_merge::outcome::backwards);
  EXPECT_EQ(next(m, {10}), no_contract);
  EXPECT_EQ(next(m, {11}), 1u);
  EXPECT_EQ(next(m, {11}), 2u);
}

TEST(WindowMerge, EachQueueHasItsBound) {
  window_merge m({.option_items = 2, .market_items = 1});
  for (const input i : {input::chain, input::flow, input::rows, input::option_feed}) {
    EXPECT_EQ(m.push(i, item(1, 0)), window_merge::outcome::taken);
    EXPECT_EQ(m.push(i, item(1, 0)), window_merge::outcome::taken);
    EXPECT_EQ(m.push(i, item(1, 0)), window_merge::outcome::full);
  }
  EXPECT_EQ(m.push(input::quotes, item(1, 0)), window_merge::outcome::taken);
  EXPECT_EQ(m.push(input::quotes, item(1, 0)), window_merge::outcome::full);
}

TEST(WindowMerge, ItemsOfEveryKindGoIntoBytesAndBack) {
  const std::vector<merge_item> all{
      {.at = {1}, .what = option_event{.ts_event = {1}, .contract = 3}},
      item(2, 7),
      {.at = {3}, .what = underlying_price{{.ts_event = {3}, .bid = price(5), .ask = price(6), .trusted = true}}},
      {.at = {4}, .what = symbol_price{{.ts_event = {4}, .bid = price(7), .ask = price(8), .trusted = true}}},
      {.at = {5}, .what = underlying_trade{.ts_event = {5}, .price = price(9), .size = 2}},
      {.at = {6}, .what = market::quality::gap}};
  window_merge m({}), back({});
  for (const merge_item& i : all) m.push(input::chain, i);
  std::string bytes;
  archive_writer writer(bytes);
  writer(m);
  archive_reader reader(bytes);
  reader(back);
  ASSERT_TRUE(reader.finished());
  for (const merge_item& i : all) {
    input from{};
    const merge_item* got = back.next({100}, from);
    ASSERT_NE(got, nullptr);
    EXPECT_EQ(got->at, i.at);
    EXPECT_EQ(got->what.index(), i.what.index());
    back.pop(from);
  }
}

TEST(WindowMerge, AnUnknownKindIsRefused) {
  std::string bytes;
  archive_writer writer(bytes);
  writer(item(2, 7));
  bytes[8] = 99;
  archive_reader reader(bytes);
  merge_item into;
  reader(into);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace isobar::gamma_fuel
