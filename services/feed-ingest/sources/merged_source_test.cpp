#include "feed-ingest/sources/merged_source.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "feed-ingest/testing/records.hpp"

namespace isobar::feed_ingest {
namespace {

using testing::listed_source;
using testing::noon;
using testing::order;

input_record numbered(std::uint64_t number, timestamp delivered) {
  auto r = order(delivered);
  r.event.order = market::order_id{number};
  return r;
}

std::vector<std::uint64_t> read(merged_source& from) {
  std::vector<std::uint64_t> out;
  while (const auto* r = from.next()) out.push_back(static_cast<std::uint64_t>(r->event.order));
  return out;
}

std::unique_ptr<source> listed(std::vector<input_record> records, std::optional<std::string> error = {}) {
  return std::make_unique<listed_source>(std::move(records), std::move(error));
}

TEST(MergedSource, OrdersByDeliveryAndThenByFile) {
  std::vector<std::unique_ptr<source>> parts;
  parts.push_back(listed({numbered(1, noon), numbered(2, noon + seconds(2)), numbered(3, noon + seconds(2))}));
  parts.push_back(listed({numbered(4, noon), numbered(5, noon + seconds(1)), numbered(6, noon + seconds(3))}));
  merged_source merged(std::move(parts));
  EXPECT_EQ(read(merged), (std::vector<std::uint64_t>{1, 4, 5, 2, 3, 6}));
  EXPECT_FALSE(merged.error());
}

TEST(MergedSource, ASnapshotComesWhereItWasDelivered) {
  auto old = numbered(3, noon - seconds(86'400));
  old.event.flags = market::event_flag::snapshot;
  old.delivered = noon + seconds(1);
  std::vector<std::unique_ptr<source>> parts;
  parts.push_back(listed({numbered(1, noon), numbered(2, noon + seconds(2))}));
  parts.push_back(listed({old}));
  merged_source merged(std::move(parts));
  EXPECT_EQ(read(merged), (std::vector<std::uint64_t>{1, 3, 2}));
}

TEST(MergedSource, AFilesOwnOrderIsNeverChanged) {
  std::vector<std::unique_ptr<source>> parts;
  parts.push_back(listed({numbered(1, noon + seconds(5)), numbered(2, noon), numbered(3, noon + seconds(6))}));
  parts.push_back(listed({numbered(4, noon + seconds(1)), numbered(5, noon + seconds(7))}));
  merged_source merged(std::move(parts));
  EXPECT_EQ(read(merged), (std::vector<std::uint64_t>{4, 1, 2, 3, 5}));
}

TEST(MergedSource, EndsAtTheFirstError) {
  std::vector<std::unique_ptr<source>> parts;
  parts.push_back(listed({numbered(1, noon), numbered(2, noon + seconds(9))}));
  parts.push_back(listed({numbered(3, noon + seconds(1))}, "b.dbn: record 2: torn"));
  merged_source merged(std::move(parts));
  EXPECT_EQ(read(merged), (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(merged.error(), "b.dbn: record 2: torn");
}

RC_GTEST_PROP(MergedSource, IsAStableMerge, ()) {
  std::vector<std::unique_ptr<source>> parts;
  std::vector<std::pair<std::int64_t, std::uint64_t>> expected;
  std::uint64_t number = 0;
  for (int n = *rc::gen::inRange(1, 6); n > 0; --n) {
    std::vector<input_record> records;
    timestamp at = noon;
    for (int m = *rc::gen::inRange(0, 30); m > 0; --m) {
      at = at + milliseconds(*rc::gen::inRange(0, 3));
      records.push_back(numbered(++number, at));
      expected.emplace_back(at.ns, number);
    }
    parts.push_back(listed(std::move(records)));
  }
  std::stable_sort(expected.begin(), expected.end(), [](auto& a, auto& b) { return a.first < b.first; });
  std::vector<std::uint64_t> numbers;
  for (const auto& e : expected) numbers.push_back(e.second);
  merged_source merged(std::move(parts));
  RC_ASSERT(read(merged) == numbers);
}

}  // namespace
}  // namespace isobar::feed_ingest
