#include "market/geometry.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace isobar::market {
namespace {

strike points(std::int64_t n) { return strike(n * nanos_per_unit); }

expiry_plane plane(const char* root, int days, std::vector<std::int64_t> strikes) {
  expiry_plane p;
  p.key = {*make_date(2025, 12, 19) + days, root};
  for (const std::int64_t k : strikes) p.strikes.push_back(points(k)), p.listed.push_back(3);
  return p;
}

geometry board() {
  geometry g;
  g.symbol = *symbol::parse("SPX");
  g.planes = {plane("SPX", 0, {6800, 6900}), plane("SPXW", 0, {6890, 6895, 6900, 6910}), plane("SPXW", 3, {6900})};
  g.widths = {strike_width(5 * nanos_per_unit), strike_width(10 * nanos_per_unit)};
  g.planes[1].listed[1] = 2;  // 6895: the put only
  g.finish();
  return g;
}

TEST(Geometry, NumbersSlotsDenselyOverPlanes) {
  const geometry g = board();
  EXPECT_EQ(g.contract_count(), 14u);
  EXPECT_EQ(g.listed_count(), 13u);
  EXPECT_EQ(g.planes[1].first_contract, 4u);
  EXPECT_EQ(g.planes[2].first_contract, 12u);
  EXPECT_EQ(geometry{}.contract_count(), 0u);
}

TEST(Geometry, FindsExactlyWhatIsListed) {
  const geometry g = board();
  for (contract_index c = 0; c < g.contract_count(); ++c) {
    const auto found = g.find(g.id_of(c));
    if (g.is_listed(c))
      EXPECT_EQ(found, c);
    else
      EXPECT_FALSE(found) << c;
  }
  option_id id = g.id_of(0);
  id.root = "SPXM";
  EXPECT_FALSE(g.find(id));
  id = g.id_of(0);
  id.strike = points(6805);
  EXPECT_FALSE(g.find(id));
  id = g.id_of(0);
  id.expiry = id.expiry + 30;
  EXPECT_FALSE(g.find(id));
}

TEST(Geometry, KeepsTwoRootsOfOneDateApart) {
  const geometry g = board();
  const date third_friday = *make_date(2025, 12, 19);
  const auto am = g.find({"SPX", third_friday, right::call, points(6900)});
  const auto pm = g.find({"SPXW", third_friday, right::call, points(6900)});
  ASSERT_TRUE(am && pm);
  EXPECT_NE(*am, *pm);
}

TEST(Geometry, SpacingIsTheMostFrequentGapTiesToTheSmaller) {
  const geometry g = board();
  EXPECT_EQ(g.planes[0].spacing, strike_width(100 * nanos_per_unit));
  EXPECT_EQ(g.planes[1].spacing, strike_width(5 * nanos_per_unit));
  EXPECT_EQ(g.planes[2].spacing, strike_width{});
  geometry tie;
  tie.planes = {plane("SPXW", 0, {6800, 6810, 6815})};
  tie.finish();
  EXPECT_EQ(tie.planes[0].spacing, strike_width(5 * nanos_per_unit));
}

TEST(Geometry, PlanesWithoutStrikesHoldNoSlot) {
  geometry g = board();
  g.planes.insert(g.planes.begin() + 1, plane("SPXM", 0, {}));
  g.planes.push_back(plane("SPXW", 9, {}));
  g.finish();
  EXPECT_EQ(g.contract_count(), 14u);
  EXPECT_EQ(g.plane_of(4).key.root, "SPXW");
  EXPECT_EQ(g.plane_of(13).key.expiry, *make_date(2025, 12, 22));
}

TEST(GeometryHash, DependsOnlyOnTheCanonicalForm) {
  geometry g = board();
  const std::uint64_t hash = g.hash();
  g.planes[1].settles_at = {5};    // derived from key and settlement
  g.planes[1].first_contract = 9;  // set by finish()
  g.planes[1].spacing = {};
  EXPECT_EQ(g.hash(), hash);
  // First seen on x86-64; stands for every machine, as epochs persist it.
  EXPECT_EQ(hash, 0x59254e40c1ea2803u);
}

TEST(GeometryHash, ChangesWithEveryPart) {
  std::set<std::uint64_t> hashes{board().hash()};
  const auto differs = [&hashes](auto change) {
    geometry g = board();
    change(g);
    return hashes.insert(g.hash()).second;
  };
  EXPECT_TRUE(differs([](geometry& g) { g.symbol = *symbol::parse("NDX"); }));
  EXPECT_TRUE(differs([](geometry& g) { g.planes[0].key.root = "SPXM"; }));
  EXPECT_TRUE(differs([](geometry& g) { g.planes[2].key.expiry = g.planes[2].key.expiry + 1; }));
  EXPECT_TRUE(differs([](geometry& g) { g.planes[0].settles = settlement::am; }));
  EXPECT_TRUE(differs([](geometry& g) { g.planes[0].multiplier = 10; }));
  EXPECT_TRUE(differs([](geometry& g) { g.planes[0].strikes[0] = points(6801); }));
  EXPECT_TRUE(differs([](geometry& g) { g.planes[0].listed[0] = 1; }));
  EXPECT_TRUE(differs([](geometry& g) { g.widths.pop_back(); }));
  EXPECT_TRUE(differs([](geometry& g) { g.planes.pop_back(); }));
  // A strike that moves from one plane to the next keeps the concatenation but not the hash.
  EXPECT_TRUE(differs([](geometry& g) {
    g.planes[1].strikes.insert(g.planes[1].strikes.begin(), g.planes[0].strikes.back());
    g.planes[1].listed.insert(g.planes[1].listed.begin(), 3);
    g.planes[0].strikes.pop_back(), g.planes[0].listed.pop_back();
  }));
}

RC_GTEST_PROP(Geometry, RoundTripsEverySlot, ()) {
  geometry g;
  const int planes = *rc::gen::inRange(0, 6);
  for (int i = 0; i < planes; ++i) {
    const auto ladder = *rc::gen::container<std::set<std::int64_t>>(rc::gen::inRange<std::int64_t>(1, 9999));
    g.planes.push_back(plane("SPXW", i, {ladder.begin(), ladder.end()}));
  }
  g.finish();
  for (contract_index c = 0; c < g.contract_count(); ++c) RC_ASSERT(g.find(g.id_of(c)) == c);
}

}  // namespace
}  // namespace isobar::market
