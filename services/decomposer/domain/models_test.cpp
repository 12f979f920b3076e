#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "decomposer/domain/registry.hpp"

namespace isobar::decomposer {
namespace {

market::contract_row row_of(market::contract_index c) {
  market::contract_row row;
  row.contract = c;
  return row;
}

market::frozen_window window() {
  market::frozen_window w;
  w.symbol = *symbol::parse("SPX");
  w.epoch = 3;
  w.sequence = 17;
  w.start = {1'000};
  w.end = {2'000};
  w.base = true;
  w.spot = price(5);
  w.quality = market::quality::stale;
  w.rows = {row_of(1), row_of(4), row_of(6), row_of(9)};
  w.rows[1].state.bid = price(10);
  w.rows[1].state.ask = price(14);
  w.rows[1].state.ts_quote = {1'500};
  w.rows[2].state.last = price(7);
  w.rows[2].traded = quantity(3);
  w.rows[3].state.open_interest = quantity(100);
  w.rows[3].state.gamma = 0.25;
  w.prints = {{6, {1'600}, price(7), quantity(3), price(6), price(8)},
              {4, {1'700}, price(12), quantity(1), price(10), price(14)}};
  w.prints_dropped = 2;
  return w;
}

TEST(Models, CarryTheWindowTheyWereTakenFrom) {
  models::each([]<class Model>(std::size_t) {
    const auto header = Model::project(window()).header;
    EXPECT_EQ(header, (market::model_header{
                          *symbol::parse("SPX"), 3, 17, {1'000}, {2'000}, true, price(5), market::quality::stale}));
  });
}

TEST(HeatmapModel, TakesTheQuotesOfQuotedContracts) {
  EXPECT_EQ(heatmap_model::project(window()).rows,
            (std::vector<market::heatmap_row>{{4, price(10), price(14), {1'500}}}));
}

TEST(HeatmapModel, KeepsAContractWhoseQuoteWasWithdrawn) {
  auto w = window();
  w.rows[1].state.bid = w.rows[1].state.ask = market::no_price;
  EXPECT_EQ(heatmap_model::project(w).rows,
            (std::vector<market::heatmap_row>{{4, market::no_price, market::no_price, {1'500}}}));
}

TEST(GexModel, TakesQuoteInterestAndGreeks) {
  EXPECT_EQ(
      gex_model::project(window()).rows,
      (std::vector<market::gex_row>{{4, price(10), price(14), {1'500}, market::no_quantity, 0, 0},
                                    {9, market::no_price, market::no_price, start_of_time, quantity(100), 0, 0.25}}));
}

TEST(VolumeProfileModel, TakesWhatTradedInsideTheWindow) {
  EXPECT_EQ(volume_profile_model::project(window()).rows,
            (std::vector<market::volume_row>{{6, quantity(3), price(7)}}));
}

TEST(FlowModel, TakesTheTradesAndSaysHowManyAreMissing) {
  const auto flow = flow_model::project(window());
  EXPECT_EQ(flow.rows, window().prints);
  EXPECT_EQ(flow.dropped, 2u);
}

TEST(Registry, NamesEveryModelOnce) {
  EXPECT_EQ(std::set(models::names.begin(), models::names.end()).size(), models::size);
  EXPECT_EQ(models::names[0], "heatmap");
}

// No state between windows: what a model says of two windows cut from one is what it says of the whole.
RC_GTEST_PROP(Models, AreFunctionsOfEachRowOrTradeAlone, ()) {
  auto whole = window();
  const auto trade = *rc::gen::inRange<std::size_t>(0, whole.prints.size() + 1);
  const auto cut = *rc::gen::inRange<std::size_t>(0, whole.rows.size() + 1);
  auto head = whole, tail = whole;
  head.rows.assign(whole.rows.begin(), whole.rows.begin() + static_cast<std::ptrdiff_t>(cut));
  tail.rows.assign(whole.rows.begin() + static_cast<std::ptrdiff_t>(cut), whole.rows.end());
  head.prints.assign(whole.prints.begin(), whole.prints.begin() + static_cast<std::ptrdiff_t>(trade));
  tail.prints.assign(whole.prints.begin() + static_cast<std::ptrdiff_t>(trade), whole.prints.end());
  models::each([&]<class Model>(std::size_t) {
    auto joined = Model::project(head).rows;
    for (const auto& row : Model::project(tail).rows) joined.push_back(row);
    RC_ASSERT(joined == Model::project(whole).rows);
  });
}

}  // namespace
}  // namespace isobar::decomposer
