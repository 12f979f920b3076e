#include "sim/component.hpp"

#include <gtest/gtest.h>

namespace isobar::sim {
namespace {

/// Speaks every so many milliseconds.
class ticker final : public market_component {
 public:
  ticker(timestamp start, std::int64_t every_ms) : now_(start), next_(start), every_(milliseconds(every_ms)) {}
  void advance(timestamp until, std::vector<stamped_event>& out) override {
    for (; next_ < until; next_ = next_ + every_) out.push_back({next_, 0, market::option_event{}});
    now_ = until;
  }
  timestamp now() const override { return now_; }

 private:
  timestamp now_, next_;
  duration_ns every_;
};

TEST(MergedMarket, OrdersByTimeThenByComponent) {
  merged_market m;
  m.add(std::make_unique<ticker>(timestamp{0}, 2));
  m.add(std::make_unique<ticker>(timestamp{0}, 3));
  std::vector<stamped_event> out;
  m.advance({milliseconds(7).value}, out);
  std::vector<std::pair<std::int64_t, std::size_t>> seen;
  for (const auto& e : out) seen.emplace_back(e.ts_event.ns / 1'000'000, e.component);
  EXPECT_EQ(seen, (decltype(seen){{0, 0}, {0, 1}, {2, 0}, {3, 1}, {4, 0}, {6, 0}, {6, 1}}));
}

TEST(MergedMarket, CarriesOptionMarketsUnchanged) {
  config c;
  option_market alone(c);
  std::vector<market::option_event> expected;
  const timestamp until = c.start + milliseconds(100);
  alone.advance(until, expected);
  merged_market m;
  m.add(std::make_unique<option_component>(c));
  std::vector<stamped_event> out;
  m.advance(until, out);
  ASSERT_EQ(out.size(), expected.size());
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(std::get<market::option_event>(out[i].event), expected[i]);
}

TEST(MergedMarket, CarriesFuturesBesideOptionsInOrderOfDelivery) {
  futures_market_config f;
  f.path.start = f.start;
  f.orders = 1'000;
  f.auction = seconds(1);
  const timestamp until = f.start + seconds(2);
  futures_market alone(f);
  std::vector<market::book_event> expected;
  alone.advance(until, expected);
  config c;
  merged_market m;
  m.add(std::make_unique<futures_component>(f));
  m.add(std::make_unique<option_component>(c));
  std::vector<stamped_event> out;
  for (std::int64_t ms : {1, 999, 1'000, 1'001, 2'000}) m.advance(f.start + milliseconds(ms), out);
  std::vector<market::book_event> orders;
  std::size_t facts = 0, options = 0;
  timestamp last = f.start;
  for (const stamped_event& e : out) {
    EXPECT_GE(e.ts_event, last);
    last = e.ts_event;
    if (const auto* o = std::get_if<market::book_event>(&e.event)) orders.push_back(*o);
    facts += std::holds_alternative<std::shared_ptr<const futures_fact>>(e.event);
    options += std::holds_alternative<market::option_event>(e.event);
  }
  EXPECT_EQ(orders, expected);
  EXPECT_EQ(facts, alone.facts(f.start, until).size());
  EXPECT_EQ(facts, 8u);  // definition, settlement, volume, open interest, three statuses, opening price
  EXPECT_GT(options, 1'000u);
  EXPECT_TRUE(std::holds_alternative<std::shared_ptr<const futures_fact>>(out.front().event));
}

}  // namespace
}  // namespace isobar::sim
