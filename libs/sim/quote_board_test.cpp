#include "sim/quote_board.hpp"

#include <gtest/gtest.h>

#include <set>

namespace isobar::sim {
namespace {

plane make_plane(std::vector<std::int64_t> strikes) {
  plane p;
  p.root = *market::find_root("SPXW");
  std::vector<strike> ks;
  for (const auto k : strikes) ks.push_back(strike(k * nanos_per_unit));
  list_missing(p, ks);
  return p;
}
std::vector<double> strikes_of(const plane& p) {
  std::vector<double> ks;
  for (const rung& r : p.rungs) ks.push_back(r.points);
  return ks;
}

TEST(QuoteBoard, InsertsWhatIsMissingInOrder) {
  plane p = make_plane({6910, 6900});
  EXPECT_EQ(list_missing(p, {strike(6905 * nanos_per_unit), strike(6910 * nanos_per_unit)}), 1u);
  EXPECT_EQ(strikes_of(p), (std::vector<double>{6900, 6905, 6910}));
}

TEST(QuoteBoard, ExtendsToTheNextCoarseStrikeButNotToZero) {
  plane p = make_plane({45, 60, 6912});
  EXPECT_EQ(extend(p), 1u);
  EXPECT_EQ(strikes_of(p), (std::vector<double>{45, 60, 6912, 6950}));
  p = make_plane({6900});
  EXPECT_EQ(extend(p), 2u);
  EXPECT_EQ(strikes_of(p), (std::vector<double>{6850, 6900, 6950}));
}

TEST(QuoteBoard, FillsAGapInItsMiddleAndOnlyGaps) {
  random r(1, 1);
  plane p = make_plane({6900, 6905, 6930});
  EXPECT_EQ(fill_gap(p, r), 1u);
  EXPECT_EQ(strikes_of(p), (std::vector<double>{6900, 6905, 6915, 6930}));
  p = make_plane({6900, 6905});
  EXPECT_EQ(fill_gap(p, r), 0u);
}

TEST(QuoteBoard, FindsTheNearestStrike) {
  const plane p = make_plane({6900, 6905, 6930});
  EXPECT_EQ(p.nearest(1), 0u);
  EXPECT_EQ(p.nearest(6902.4), 0u);
  EXPECT_EQ(p.nearest(6902.6), 1u);
  EXPECT_EQ(p.nearest(9999), 2u);
}

TEST(Sweep, VisitsEveryStrikeWithinEightSweepsAndTheMoneyMoreOften) {
  for (const std::size_t size : {1u, 2u, 7u, 80u})
    for (const std::size_t centre : {std::size_t{0}, size / 2, size - 1}) {
      sweep s;
      std::vector<int> visits(size);
      for (std::size_t i = 0; i < 8 * size; ++i) ++visits[s.next(size, [centre] { return centre; })];
      for (std::size_t i = 0; i < size; ++i) EXPECT_GT(visits[i], 0) << size << ' ' << centre << ' ' << i;
      EXPECT_EQ(*std::max_element(visits.begin(), visits.end()), visits[centre]);
    }
}

TEST(Sweep, SurvivesALadderThatChangesSize) {
  sweep s;
  for (int i = 0; i < 1000; ++i) {
    const std::size_t size = i % 100 < 50 ? 80 : 90;
    EXPECT_LT(s.next(size, [] { return std::size_t{40}; }), size);
  }
}

}  // namespace
}  // namespace isobar::sim
