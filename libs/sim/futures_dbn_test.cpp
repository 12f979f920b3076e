#include "sim/futures_dbn.hpp"

#include <gtest/gtest.h>

#include "sim/options.hpp"
#include "wire/dbn/convert.hpp"
#include "wire/dbn/reader.hpp"

namespace isobar::sim {
namespace {

namespace dbn = wire::dbn;

std::vector<futures_market_config> sessions(std::initializer_list<const char*> symbols) {
  options o;
  o.duration_ms = 6'000;
  o.futures.orders = 1'000;
  o.futures.auction_ms = 2'000;
  std::vector<futures_market_config> out;
  for (const char* s : symbols) out.push_back(futures_config(o, *symbol::parse(s)).value());
  return out;
}

struct recording {
  std::string bytes;
  futures_dbn_totals totals;
};

recording record_of(const std::vector<futures_market_config>& markets, futures_dbn_options o = {}) {
  recording r;
  auto out = dbn::writer::over(std::make_unique<dbn::string_sink>(r.bytes), futures_dbn_metadata(markets, o));
  r.totals = write_futures_dbn(*out, markets, o).value();
  return r;
}

dbn::reader read(const std::string& bytes) {
  return std::move(*dbn::reader::over(std::make_unique<dbn::memory_source>(bytes)));
}

TEST(FuturesDbn, ReadsBackEqual) {
  const auto markets = sessions({"ES"});
  const recording file = record_of(markets);
  futures_market alone(markets[0]);
  std::vector<market::book_event> expected;
  alone.advance(end_of_time, expected);
  const auto facts = alone.facts(start_of_time, end_of_time);

  dbn::reader in = read(file.bytes);
  std::vector<market::book_event> orders;
  std::vector<futures_fact> said;
  std::uint64_t arrived = 0;
  while (const dbn::record r = in.next()) {
    std::uint64_t now = 0;
    if (const auto* m = r.as<dbn::mbo_record>()) {
      ASSERT_EQ(dbn::to_book_event(*m, orders.emplace_back()), dbn::refusal::none);
      now = m->ts_recv;
    } else if (const auto* d = r.as<dbn::definition_v3>()) {
      market::instrument i;
      ASSERT_EQ(dbn::to_instrument(*d, i), dbn::refusal::none);
      said.emplace_back(i);
      now = d->ts_recv;
    } else if (const auto* s = r.as<dbn::statistics_v3>()) {
      market::statistic i;
      ASSERT_EQ(dbn::to_statistic(*s, i), dbn::refusal::none);
      said.emplace_back(i);
      now = s->ts_recv;
    } else if (const auto* t = r.as<dbn::status_record>()) {
      market::trading_status i;
      ASSERT_EQ(dbn::to_trading_status(*t, i), dbn::refusal::none);
      said.emplace_back(i);
      now = t->ts_recv;
    }
    EXPECT_EQ(r.header().instrument_id, markets[0].instrument_id);
    ASSERT_GE(now, arrived);  // in order of arrival, snapshots too
    arrived = now;
  }
  EXPECT_EQ(in.error(), nullptr);
  EXPECT_EQ(orders, expected);
  EXPECT_EQ(said, facts);
  EXPECT_EQ(file.totals.orders, expected.size());
  EXPECT_EQ(file.totals.facts, facts.size());
  EXPECT_EQ(file.totals.first, markets[0].start);
  EXPECT_LT(file.totals.last, markets[0].start + markets[0].duration + milliseconds(1));
}

TEST(FuturesDbn, RecordsOfAnEventArriveTogether) {
  const recording file = record_of(sessions({"ES"}));
  dbn::reader in = read(file.bytes);
  bool inside = false;
  std::uint64_t arrived = 0;
  while (const dbn::record r = in.next()) {
    const auto* m = r.as<dbn::mbo_record>();
    if (!m || (m->flags & market::event_flag::snapshot)) continue;
    ASSERT_TRUE(!inside || m->ts_recv == arrived);
    EXPECT_GT(m->ts_recv, m->hd.ts_event);
    arrived = m->ts_recv;
    inside = (m->flags & market::event_flag::last) == 0;
  }
  EXPECT_FALSE(inside);
}

TEST(FuturesDbn, SaysWhatItHolds) {
  const auto markets = sessions({"ES", "NQ"});
  const recording file = record_of(markets);
  const dbn::reader in = read(file.bytes);
  ASSERT_NE(in.metadata(), nullptr);
  EXPECT_EQ(*in.metadata(), futures_dbn_metadata(markets, {}));
  EXPECT_EQ(in.metadata()->symbols, (std::vector<std::string>{"ESH6", "NQH6"}));
  EXPECT_EQ(in.metadata()->mappings[1].intervals[0].symbol, std::to_string(markets[1].instrument_id));
}

TEST(FuturesDbn, EqualConfigurationsGiveEqualBytes) {
  EXPECT_EQ(record_of(sessions({"ES", "NQ"})).bytes, record_of(sessions({"ES", "NQ"})).bytes);
}

TEST(FuturesDbn, OrdersAloneFitEveryVersion) {
  for (const std::uint8_t version : std::initializer_list<std::uint8_t>{1, 2, 3}) {
    const recording file = record_of(sessions({"ES"}), {.facts = false, .version = version});
    dbn::reader in = read(file.bytes);
    EXPECT_EQ(in.metadata()->schema, dbn::schema::mbo);
    while (const dbn::record r = in.next()) ASSERT_NE(r.as<dbn::mbo_record>(), nullptr);
    EXPECT_EQ(in.error(), nullptr);
    EXPECT_EQ(in.records(), file.totals.orders);
  }
  const auto markets = sessions({"ES"});
  std::string bytes;
  auto out = dbn::writer::over(std::make_unique<dbn::string_sink>(bytes), futures_dbn_metadata(markets, {true, 1}));
  EXPECT_EQ(write_futures_dbn(*out, markets, {true, 1}).error().code, dbn::errc::version);
}

}  // namespace
}  // namespace isobar::sim
