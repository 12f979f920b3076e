#include "feed-ingest/domain/directory.hpp"

#include <gtest/gtest.h>

#include "feed-ingest/domain/router.hpp"

namespace isobar::feed_ingest {
namespace {

const symbol es = *symbol::parse("ES");

instrument_directory two_futures() {
  instrument_directory all;
  all.add({.id = 1, .raw_symbol = "ESH4"});
  all.add({.id = 2, .raw_symbol = "ESM4"});
  all.add({.id = 3, .raw_symbol = "ESH4-ESM4"});
  all.add({.id = 4, .raw_symbol = "ESH4 C4800"});
  all.add({.id = 5, .raw_symbol = "ESTCH4"});
  return all;
}

TEST(InstrumentDirectory, KnowsAFutureByItsName) {
  EXPECT_TRUE(is_future_of("ESH4", "ES"));
  EXPECT_TRUE(is_future_of("ESH24", "ES"));
  EXPECT_TRUE(is_future_of("M2KU4", "M2K"));
  EXPECT_FALSE(is_future_of("ESTCH4", "ES"));
  EXPECT_FALSE(is_future_of("ESH4-ESM4", "ES"));
  EXPECT_FALSE(is_future_of("ESA4", "ES"));
  EXPECT_FALSE(is_future_of("ES", "ES"));
  EXPECT_FALSE(is_future_of("ESH4 C4800", "ES"));
}

TEST(Binding, TakesTheRawSymbolThenTheOneFutureOfTheProduct) {
  EXPECT_EQ(bind(two_futures(), *symbol::parse("ESM4"), {})->raw_symbol, "ESM4");
  instrument_directory one;
  one.add({.id = 1, .raw_symbol = "ESH4"});
  one.add({.id = 3, .raw_symbol = "ESH4-ESM4"});
  const auto bound = bind(one, es, {});
  EXPECT_EQ(bound->raw_symbol, "ESH4");
  EXPECT_EQ(bound->instruments.at(0).id, 1u);
}

TEST(Binding, RefusesAChoiceAndNamesTheCandidates) {
  const auto bound = bind(two_futures(), es, {});
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, binding_errc::ambiguous);
  EXPECT_EQ(bound.error().evidence,
            "the input has several futures of ES: ESH4, ESM4; say which with feed-ingest.contracts=ES=ESH4");
  EXPECT_EQ(bind(two_futures(), es, {.contracts = {{"ES", "ESM4"}}})->instruments.at(0).id, 2u);
  EXPECT_EQ(bind(two_futures(), es, {.contracts = {{"ES", "17077"}}})->instruments.at(0).id, 17'077u);
}

TEST(Binding, SaysWhatThereIsWhenNothingFits) {
  const auto bound = bind(two_futures(), *symbol::parse("NQ"), {});
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().evidence, "the input has no instrument NQ and no future of it; it has ESH4, ESM4, ESTCH4");
}

TEST(Binding, EverythingIsEveryOutrightWithRecords) {
  auto all = two_futures();
  EXPECT_EQ(bind_everything(all, {}).error().code, binding_errc::empty);
  for (const std::uint32_t id : {1u, 3u, 4u, 5u}) all.met(id);
  const auto bound = bind_everything(all, {});
  ASSERT_EQ(bound->size(), 2u);
  EXPECT_EQ(bound->at(0).raw_symbol, "ESH4");
  EXPECT_EQ(bound->at(1).raw_symbol, "ESTCH4");
  EXPECT_EQ(bind_everything(all, {.symbols_max = 1}).error().code, binding_errc::too_many);
}

TEST(Router, FollowsANumberThatIsGivenAgain) {
  const timestamp day{1'000}, next{2'000};
  std::vector<binding> bindings{{es, "ESH4", {{.id = 7, .raw_symbol = "ESH4", .from = day, .until = next}}},
                                {*symbol::parse("NQ"), "NQH4", {{.id = 7, .raw_symbol = "NQH4", .from = next}}}};
  router routes(bindings);
  EXPECT_EQ(routes.find(7, {1'500}), 0u);
  EXPECT_EQ(routes.find(7, {2'000}), 1u);
  EXPECT_EQ(routes.find(7, {999}), router::none);
  EXPECT_EQ(routes.find(8, {1'500}), router::none);
  EXPECT_EQ(routes.find(7, {1'500}), 0u);
}

TEST(Router, ANumberWithOneMeaningMeansItOnEveryDay) {
  router routes({{es, "ESH4", {{.id = 7, .raw_symbol = "ESH4", .from = {5}, .until = {6}}}}});
  EXPECT_EQ(routes.find(7, {100}), 0u);
}

}  // namespace
}  // namespace isobar::feed_ingest
