#include "heatmap-builder/domain/explain.hpp"

#include <gtest/gtest.h>

#include "heatmap-builder/domain/board_fixture.hpp"
#include "heatmap-builder/domain/held_windows.hpp"

namespace isobar::heatmap_builder {
namespace {

using namespace fixture;
using market::right;

surface_snapshot golden() {
  surface s({});
  const auto b = make_board(make_epoch(1, {{.strikes = {6870, 6900, 6930}, .listed = {3, 3, 1}}}, {30}));
  s.prepare(b);
  const double bid[] = {33.0, 0.9, 10.9, 8.6, 1.5}, ask[] = {33.4, 1.0, 11.3, 8.9, 1.6};
  std::vector<market::heatmap_row> rows;
  for (std::uint32_t i = 0; i < 5; ++i) rows.push_back({i, at(bid[i]), at(ask[i]), timestamp{i * 1'000'000}});
  s.apply(window(1, 1, true, rows));
  return *s.snapshot();
}

bool holds(const std::vector<std::string>& notes, const std::string& part) {
  return std::any_of(notes.begin(), notes.end(),
                     [&](const std::string& n) { return n.find(part) != std::string::npos; });
}

TEST(Explain, NamesLegsQuotesAndFormula) {
  const surface_snapshot s = golden();
  const tile_explanation e =
      explain(s, {0, right::call, strategy::butterfly, points(6900), wide(30)}, {0}, std::nullopt);
  EXPECT_EQ(e.formula, "C(6870) - 2 C(6900) + C(6930)");
  ASSERT_EQ(e.legs.size(), 3u);
  EXPECT_EQ(e.legs[1].ratio, -2);
  EXPECT_EQ(market::to_ticker(e.legs[0].contract), "O:SPXW251219C06870000");
  EXPECT_EQ(e.legs[2].bid, at(1.5));
  EXPECT_EQ(e.legs[2].ts_quote, timestamp{4'000'000});
  EXPECT_EQ(e.value.mid, at(12.55).value);
  EXPECT_TRUE(e.value.valid());
  EXPECT_TRUE(holds(e.notes, "no limit is set"));
}

TEST(Explain, SaysWhichLegIsNotListed) {
  const surface_snapshot s = golden();
  const tile_explanation e = explain(s, {0, right::put, strategy::vertical, points(6930), wide(30)}, {0}, std::nullopt);
  EXPECT_EQ(e.formula, "P(6930) - P(6900)");
  EXPECT_FALSE(e.tile);
  EXPECT_FALSE(e.legs[0].listed);
  EXPECT_TRUE(e.legs[1].listed);
  EXPECT_EQ(e.value.reasons, mask_of(reason::missing_leg));
  EXPECT_TRUE(holds(e.notes, "P(6930) is not listed."));
}

TEST(Explain, OrderTextsBuyTheDebitAndSellTheCredit) {
  // Options-surface 5.8's shapes; 12.55 is a multiple of neither side's 0.10 tick: the buyer pays up, the seller gives.
  const surface_snapshot s = golden();
  const tile_name fly{0, right::call, strategy::butterfly, points(6900), wide(30)};
  const tile_value v = explain(s, fly, {0}, std::nullopt).value;
  EXPECT_EQ(order_for(s.board->planes[0], fly, v, market::order_side::buy),
            "BUY +1 BUTTERFLY SPX 100 (Weeklys) 19 DEC 25 6870/6900/6930 CALL @12.60 LMT");
  EXPECT_EQ(order_for(s.board->planes[0], fly, v, market::order_side::sell),
            "SELL -1 BUTTERFLY SPX 100 (Weeklys) 19 DEC 25 6870/6900/6930 CALL @12.50 LMT");
  tile_value invalid = v;
  invalid.reasons = mask_of(reason::no_net_debit);
  EXPECT_FALSE(order_for(s.board->planes[0], fly, invalid, market::order_side::buy));
}

TEST(HeldWindows, KeepOrderAndGiveUpBeyondTheirBound) {
  held_windows held(2, 100);
  EXPECT_TRUE(held.hold(window(2, 1, true, {})));
  EXPECT_TRUE(held.hold(window(2, 2, false, {})));
  EXPECT_EQ(held.epoch(), 2u);
  auto first = held.take();
  EXPECT_EQ(first->header.window_end.ns, 200'000'000);
  held.put_back(std::move(*first));
  EXPECT_EQ(held.size(), 2u);
  EXPECT_FALSE(held.hold(window(2, 3, false, {})));
  EXPECT_EQ(held.size(), 0u);
  EXPECT_EQ(held.dropped(), 3u);
  EXPECT_FALSE(held.take());
}

}  // namespace
}  // namespace isobar::heatmap_builder
