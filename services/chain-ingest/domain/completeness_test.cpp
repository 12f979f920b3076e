#include "chain-ingest/domain/completeness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace isobar::chain_ingest {
namespace {

using ::testing::HasSubstr;
constexpr std::int64_t unit = nanos_per_unit;
const date friday = *make_date(2025, 12, 19), monday = *make_date(2025, 12, 22);

/// 6900 with a half-range of 100: asked 6750 to 7050.
const strike_window window{isobar::strike(6900 * unit), strike_width(100 * unit), isobar::strike(6750 * unit),
                           isobar::strike(7050 * unit)};

/// Calls of every fifth point in [from, to].
std::vector<market::raw_contract> calls(std::int64_t from, std::int64_t to, date expiry = friday) {
  std::vector<market::raw_contract> out;
  for (std::int64_t k = from; k <= to; k += 5) {
    out.push_back({{"SPXW", expiry, market::right::call, isobar::strike(k * unit)}, {}, 0});
  }
  return out;
}

class Completeness : public ::testing::Test {
 protected:
  outcome<void> page(const std::vector<market::raw_contract>& contracts, const std::string& next = "",
                     date expiry = friday) {
    return proof_.add_page(expiry, contracts, contracts.size(), next);
  }
  template <class T>
  static void expect_refused(const outcome<T>& o, refusal code, const std::string& words) {
    ASSERT_FALSE(o);
    EXPECT_EQ(o.error().code, code) << o.error().evidence;
    EXPECT_THAT(o.error().evidence, HasSubstr(words));
  }
  completeness proof_{{{friday, window}}, {.page_size = 31, .pages_max = 4}};
};

TEST_F(Completeness, AcceptsFullPagesUpToTheLast) {
  ASSERT_TRUE(page(calls(6750, 6900), "u2"));  // 31 contracts
  EXPECT_DOUBLE_EQ(proof_.ratio(), 0);
  ASSERT_TRUE(page(calls(6905, 7050)));
  EXPECT_DOUBLE_EQ(proof_.ratio(), 1);
  const auto all = proof_.finish();
  ASSERT_TRUE(all) << all.error().evidence;
  EXPECT_EQ(all->size(), 61u);
}

TEST_F(Completeness, RefusesAMissingLastPage) {
  ASSERT_TRUE(page(calls(6750, 6900), "u2"));
  expect_refused(proof_.finish(), refusal::missing_page, "2025-12-19: the last page did not come");
}

TEST_F(Completeness, RefusesAShortPageInTheMiddle) {
  expect_refused(page(calls(6750, 6895), "u2"), refusal::short_page, "30 contracts where a full page has 31");
}

TEST_F(Completeness, RefusesARepeatedPage) {
  ASSERT_TRUE(page(calls(6750, 6900), "u2"));
  expect_refused(page(calls(6750, 6900), "u3"), refusal::repeated_page, "came twice");
}

TEST_F(Completeness, RefusesACircle) {
  ASSERT_TRUE(page(calls(6750, 6900), "u2"));
  expect_refused(page(calls(6905, 7050), "u2"), refusal::repeated_page, "circle");
}

TEST_F(Completeness, RefusesMorePagesThanItsBound) {
  for (int i = 0; i < 4; ++i) {
    std::vector<market::raw_contract> same_strike;
    for (int j = 0; j < 31; ++j)
      same_strike.push_back({{std::string(1, static_cast<char>('A' + i)) + std::string(1, static_cast<char>('A' + j)),
                              friday, market::right::call, isobar::strike(6900 * unit)},
                             {},
                             0});
    ASSERT_TRUE(page(same_strike, "u" + std::to_string(i)));
  }
  expect_refused(page({}, ""), refusal::too_large, "more than 4 pages");
}

TEST_F(Completeness, RefusesDescendingStrikes) {
  auto list = calls(6750, 7050);
  std::swap(list[3], list[4]);
  expect_refused(page(list), refusal::not_monotone, "O:SPXW251219C06765000 comes after a higher strike");
}

TEST_F(Completeness, RefusesWhatWasNotAsked) {
  expect_refused(page(calls(6745, 6745)), refusal::unasked, "outside the strike window");
}

TEST_F(Completeness, RefusesContractsOfAnotherExpiry) {
  expect_refused(page(calls(6750, 6900, monday)), refusal::unasked, "another expiry");
  expect_refused(page(calls(6750, 6900, monday), "", monday), refusal::unasked, "nobody asked");
}

TEST_F(Completeness, RefusesAnUnansweredExpiry) {
  ASSERT_TRUE(page({}));
  expect_refused(proof_.finish(), refusal::unanswered, "2025-12-19: no contract");
}

TEST_F(Completeness, RefusesStrikesThatDoNotReachBothEnds) {
  ASSERT_TRUE(page(calls(6750, 6900)));
  expect_refused(proof_.finish(), refusal::window_not_covered, "strikes 6750 to 6900 do not cover 6800 to 7000");
}

TEST_F(Completeness, RefusesAnAnswerThatLacksContractsKnownBefore) {
  const auto id = [](std::int64_t k) {
    return market::option_id{"SPXW", friday, market::right::call, isobar::strike(k * unit)};
  };
  proof_.expect({id(6500), id(6900), id(6902)});  // 6500 is outside the window
  ASSERT_TRUE(page(calls(6750, 7050)));
  expect_refused(proof_.finish(), refusal::vanished, "O:SPXW251219C06902000 was there before");
}

TEST_F(Completeness, TakesALadderThatEndsWithinOneGapOfTheRange) {
  ASSERT_TRUE(page(calls(6805, 6995)));
  EXPECT_TRUE(proof_.finish());
}

}  // namespace
}  // namespace isobar::chain_ingest
