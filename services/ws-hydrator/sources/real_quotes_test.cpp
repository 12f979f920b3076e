// Real data: the ES option minute quotes and trades of 2020-01-06, hydrated window by window, against rows rebuilt for
// each window from the events alone. No hydration code takes part in the rebuild.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "testing/testdata.hpp"
#include "wire/minute_quotes.hpp"
#include "ws-hydrator/domain/hydrator.hpp"
#include "ws-hydrator/sources/file_streams.hpp"

namespace isobar::ws_hydrator {
namespace {

using market::contract_state;
using market::option_event;
using market::option_id;

constexpr const char* folder = "options/minute-quotes/futureoption/cme/minute/es/202003";
constexpr duration_ns width = milliseconds(200);

market::epoch epoch_of(const std::vector<option_event>& events) {
  market::epoch e;
  e.symbol = *symbol::parse("ES");
  e.id = 1;
  e.effective_from = window_end_of(events.front().ts_event, width) - width;
  e.board.symbol = e.symbol;
  std::map<market::expiry_key, std::map<strike, std::uint8_t>> planes;
  for (const option_event& x : events) {
    std::uint8_t& listed = planes[{x.id.expiry, x.id.root}][x.id.strike];
    listed = static_cast<std::uint8_t>(listed | (1u << static_cast<unsigned>(x.id.right)));
  }
  for (const auto& [key, ladder] : planes) {
    market::expiry_plane plane;
    plane.key = key;
    for (const auto& [k, listed] : ladder) plane.strikes.push_back(k), plane.listed.push_back(listed);
    e.board.planes.push_back(std::move(plane));
  }
  e.board.finish();
  e.hash = e.board.hash();
  return e;
}

/// Newest quote and trade of each contract before a time, found anew for each window.
class rebuild {
 public:
  explicit rebuild(const std::vector<option_event>& events) {
    for (const option_event& e : events) (e.kind == option_event::kind::quote ? quotes_ : trades_)[e.id].push_back(&e);
    const auto order = [](const option_event* a, const option_event* b) {
      return std::tie(a->ts_event, a->sequence) < std::tie(b->ts_event, b->sequence);
    };
    for (auto* side : {&quotes_, &trades_})
      for (auto& [id, list] : *side) std::stable_sort(list.begin(), list.end(), order);
  }
  std::map<option_id, contract_state> at(timestamp end) const {
    std::map<option_id, contract_state> out;
    for (const auto& [id, list] : quotes_)
      if (const option_event* e = newest(list, end)) {
        contract_state& s = out[id];
        s.bid = e->bid, s.ask = e->ask, s.bid_size = e->bid_size, s.ask_size = e->ask_size;
        s.ts_quote = e->ts_event, s.quote_sequence = e->sequence;
      }
    for (const auto& [id, list] : trades_)
      if (const option_event* e = newest(list, end)) {
        contract_state& s = out[id];
        s.last = e->last, s.last_size = e->size, s.ts_trade = e->ts_event;
      }
    return out;
  }

 private:
  using event_list = std::vector<const option_event*>;
  static const option_event* newest(const event_list& l, timestamp end) {
    const auto after =
        std::lower_bound(l.begin(), l.end(), end, [](const option_event* e, timestamp t) { return e->ts_event < t; });
    return after == l.begin() ? nullptr : *(after - 1);
  }
  std::map<option_id, event_list> quotes_, trades_;
};

TEST(real_quotes, es_options_of_2020_01_06_hydrate_to_the_rows_of_a_rebuild_at_every_window) {
  ISOBAR_SKIP_WITHOUT_SHARED(folder);
  const std::vector<std::string> files{
      isobar::testing::shared_data(std::string(folder) + "/20200106_quote_american.zip"),
      isobar::testing::shared_data(std::string(folder) + "/20200106_trade_american.zip")};
  const auto events = wire::read_minute_quotes(files);
  ASSERT_TRUE(events) << events.error().evidence;
  ASSERT_GT(events->size(), 100'000u);  // MANIFEST: about 112 k quote rows
  const market::epoch epoch = epoch_of(*events);
  const rebuild rebuilt(*events);

  std::map<option_id, contract_state> rows;
  std::int64_t traded = 0;
  std::size_t windows = 0, changed = 0;
  timestamp before = start_of_time;
  hydrator h(epoch.symbol, {}, [&](const market::frozen_window& w) {
    ++windows;
    changed += w.rows.size();
    // Nothing happened in the windows that were left out.
    if (before != start_of_time && w.start > before) {
      ASSERT_EQ(rebuilt.at(w.start), rows);
    }
    before = w.end;
    if (w.base) rows.clear();
    for (const market::contract_row& r : w.rows) {
      rows[epoch.board.id_of(r.contract)] = r.state;
      traded += r.traded.value;
    }
    ASSERT_EQ(rebuilt.at(w.end), rows) << to_iso(w.end);
  });
  ASSERT_TRUE(h.apply(epoch));
  h.advance_epochs(end_of_time);
  h.advance_chains(end_of_time);
  auto stream = open_minute_quotes(files, epoch.symbol);
  ASSERT_TRUE(stream) << stream.error().evidence;
  std::vector<feed_event> slice;
  while ((*stream)->next()) {
    slice.clear();
    const timestamp watermark = (*stream)->read(slice);
    h.apply(std::span<const feed_event>(slice));
    h.advance_quotes(watermark);
  }
  h.advance_quotes(end_of_time);

  std::int64_t sizes = 0;
  for (const option_event& e : *events) sizes += e.kind == option_event::kind::trade ? e.size.value : 0;
  EXPECT_EQ(traded, sizes);
  EXPECT_EQ(h.counts().events, events->size());
  EXPECT_EQ(h.counts().unknown, 0u);
  EXPECT_EQ(h.counts().late, 0u);
  EXPECT_EQ(h.counts().applied + h.counts().superseded, events->size());
  EXPECT_GT(windows, 1000u);
  RecordProperty("windows", static_cast<int>(windows));
  RecordProperty("rows", static_cast<int>(changed));
  std::cout << "events=" << events->size() << " windows=" << windows << " rows=" << changed << " traded=" << traded
            << '\n';
}

}  // namespace
}  // namespace isobar::ws_hydrator
