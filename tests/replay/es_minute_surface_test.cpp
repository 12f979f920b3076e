// Hydration driven by real minute quotes: at every window that is emitted, the incremental surface equals a full
// rebuild by another code path, which unpacks and reads the files by itself.

#include <gtest/gtest.h>
#include <zip.h>

#include <algorithm>
#include <iostream>
#include <set>

#include "market/root.hpp"
#include "surface_pipeline.hpp"
#include "testing/testdata.hpp"
#include "wire/minute_quotes.hpp"

namespace isobar::replay {
namespace {

constexpr std::int64_t window_ns = 200'000'000, minute_ns = 60'000'000'000;

/// One bar of a file, read by hand: when it ends, of which contract, and its closing quote.
struct bar {
  std::int64_t ts;
  std::string plane;
  truth_contract contract;
  truth_quote quote;
  bool is_quote;
};

struct folder {
  const char* path;
  std::int64_t price_scale;
  std::int64_t zone_ns;  ///< added to file time to get UTC
};
/// Futures files are in UTC and points; index-option files in 1/10,000 and New York time (UTC - 5 h in January).
constexpr folder es{"options/minute-quotes/futureoption/cme/minute/es/202003", 1, 0};
constexpr folder spx{"options/minute-quotes/indexoption/usa/minute/spx", 10'000, 5 * 60 * minute_ns};
constexpr folder spxw{"options/minute-quotes/indexoption/usa/minute/spxw", 10'000, 5 * 60 * minute_ns};

/// "20210104_spxw_minute_quote_european_call_37000000_20210106.csv" and its lines.
void read_entry(const folder& from, const std::string& name, const std::string& text, std::vector<bar>& out) {
  const auto words = cells_of(name.substr(0, name.size() - 4), '_');
  std::string root = words.at(1);
  for (char& c : root) c = static_cast<char>(c - 'a' + 'A');
  bar b;
  b.plane = root + "-" + words.at(7);
  b.contract = {words.at(5) == "put", std::stoll(words.at(6)) * 100'000};
  b.is_quote = words.at(3) == "quote";
  const std::int64_t midnight = midnight_by_hand(std::stoi(words.at(0))) + from.zone_ns;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const auto cells = cells_of(text.substr(at, end - at));
    at = end + 1;
    b.ts = midnight + std::stoll(cells.at(0)) * 1'000'000 + minute_ns;
    b.quote = {};
    b.quote.ts = b.ts;
    if (b.is_quote && !cells.at(4).empty()) b.quote.bid = nanos_by_hand(cells.at(4), from.price_scale);
    if (b.is_quote && !cells.at(9).empty()) b.quote.ask = nanos_by_hand(cells.at(9), from.price_scale);
    out.push_back(b);
  }
}

void read_zip(const folder& from, const std::string& path, std::vector<bar>& out) {
  zip_t* zip = zip_open(path.c_str(), ZIP_RDONLY, nullptr);
  ASSERT_NE(zip, nullptr) << path;
  for (zip_int64_t i = 0; i < zip_get_num_entries(zip, 0); ++i) {
    zip_stat_t stat;
    ASSERT_EQ(zip_stat_index(zip, static_cast<zip_uint64_t>(i), 0, &stat), 0);
    std::string text(stat.size, '\0');
    zip_file_t* file = zip_fopen_index(zip, static_cast<zip_uint64_t>(i), 0);
    ASSERT_EQ(zip_fread(file, text.data(), text.size()), static_cast<zip_int64_t>(text.size()));
    zip_fclose(file);
    read_entry(from, stat.name, text, out);
  }
  zip_discard(zip);
}

struct session {
  const char* symbol;
  std::vector<std::pair<folder, const char*>> archives;
  std::vector<std::int64_t> widths;  ///< points
};

std::string path_of(const std::pair<folder, const char*>& a) {
  return isobar::testing::shared_data(a.first.path) / a.second;
}

/// The geometry of every contract that has a file.
market::epoch epoch_of(const session& s, const std::vector<market::option_event>& events) {
  std::map<market::expiry_key, std::map<strike, std::uint8_t>> ladders;
  for (const auto& e : events)
    ladders[{e.id.expiry, e.id.root}][e.id.strike] |=
        static_cast<std::uint8_t>(1u << static_cast<unsigned>(e.id.right));
  market::epoch out;
  out.symbol = out.board.symbol = *symbol::parse(s.symbol);
  out.id = 1;
  for (const auto& [key, ladder] : ladders) {
    market::expiry_plane p;
    p.key = key;
    p.settles = market::find_root(key.root)->settles;
    p.settles_at = market::settlement_time(key.expiry, p.settles);
    for (const auto& [k, sides] : ladder) {
      p.strikes.push_back(k);
      p.listed.push_back(sides);
    }
    out.board.planes.push_back(std::move(p));
  }
  for (const std::int64_t w : s.widths) out.board.widths.push_back(strike_width(w * nanos_per_unit));
  out.board.finish();
  out.hash = out.board.hash();
  out.effective_from = {floor_div(events.front().ts_event.ns, window_ns) * window_ns};
  return out;
}

/// Bars in order of time, handed out up to an instant.
class bar_tape {
 public:
  bar_tape(const session& s, std::int64_t stale_after) {
    for (const auto& archive : s.archives) read_zip(archive.first, path_of(archive), bars_);
    std::stable_sort(bars_.begin(), bars_.end(), [](const bar& a, const bar& b) { return a.ts < b.ts; });
    now.stale_after = stale_after;
    for (const bar& b : bars_) {
      truth_plane& p = now.planes[b.plane];
      p.contracts[b.contract];
      const auto dash = b.plane.find('-');
      // PM roots settle at 16:00, AM roots at 09:30 New York: 21:00 and 14:30 UTC in winter; in the last week of the
      // ES quarter New York is an hour nearer, and the data end months before.
      const std::int64_t settles = b.plane.substr(0, dash) == "SPXW" ? 21 * 60 : 14 * 60 + 30;
      p.settles_at = midnight_by_hand(std::stoi(b.plane.substr(dash + 1))) + settles * minute_ns;
    }
  }
  void forward(std::int64_t until) {
    for (; next_ < bars_.size() && bars_[next_].ts < until; ++next_) {
      const bar& b = bars_[next_];
      if (b.is_quote) now.planes[b.plane].contracts[b.contract] = b.quote;
    }
    now.now = until;
  }
  std::size_t windows() const {
    std::set<std::int64_t> ends;
    for (const bar& b : bars_) ends.insert((b.ts / window_ns + 1) * window_ns);
    return ends.size();
  }
  std::size_t size() const { return bars_.size(); }
  truth now;

 private:
  std::vector<bar> bars_;
  std::size_t next_ = 0;
};

void replay(const session& s, std::int64_t stale_minutes, std::size_t batch) {
  std::vector<std::string> paths;
  for (const auto& archive : s.archives) paths.push_back(path_of(archive));
  const auto events = wire::read_minute_quotes(paths);
  ASSERT_TRUE(events) << events.error().evidence;
  bar_tape tape(s, stale_minutes * minute_ns);
  ASSERT_EQ(events->size(), tape.size());

  comparison tally;
  surface_pipeline run(*symbol::parse(s.symbol), {.stale_after = {stale_minutes * minute_ns}},
                       [&](surface_pipeline& p) {
                         if (::testing::Test::HasFatalFailure()) return;
                         tape.forward(p.surface().snapshot()->window_end.ns);
                         expect_equal(p, tape.now, tally);
                       });
  run.announce(epoch_of(s, *events));
  run.hydrator().advance_chains(end_of_time);
  run.hydrator().advance_epochs(end_of_time);
  for (std::size_t at = 0; at < events->size(); at += batch)
    run.hydrator().apply(std::span(*events).subspan(at, std::min(batch, events->size() - at)));
  run.hydrator().advance_quotes(end_of_time);

  const auto& counts = run.hydrator().counts();
  EXPECT_EQ(counts.events, events->size());
  EXPECT_EQ(counts.applied, events->size());
  EXPECT_EQ(tally.windows, tape.windows());
  EXPECT_GT(tally.valid, 0u);
  std::cout << s.symbol << ": " << events->size() << " events, stale after " << stale_minutes << " min, batches of "
            << batch << ": " << tally.windows << " windows, " << tally.tiles << " tiles compared, " << tally.valid
            << " of them valid\n";
}

const session es_day{
    "ES", {{es, "20200106_quote_american.zip"}, {es, "20200106_trade_american.zip"}}, {5, 10, 20, 25, 30, 40, 50, 100}};
/// Strikes 3200, 3700, 3800, 4200, 4250 of one AM root and seven expiries of the weekly root, four of which settle on
/// the way.
const session spx_week{"SPX",
                       {{spx, "20210104_quote_european.zip"},
                        {spxw, "20210104_quote_european.zip"},
                        {spxw, "20210105_quote_european.zip"},
                        {spxw, "20210106_quote_european.zip"},
                        {spxw, "20210107_quote_european.zip"},
                        {spxw, "20210108_quote_european.zip"},
                        {spx, "20210114_quote_european.zip"}},
                       {50, 100, 400, 500}};

TEST(MinuteSurface, EsOptionsEqualAFullRebuildAtEveryWindow) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/minute-quotes");
  replay(es_day, 0, 1000);
}

TEST(MinuteSurface, EsOptionsEqualAFullRebuildWhenQuotesGetStale) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/minute-quotes");
  replay(es_day, 3, 7);
}

TEST(MinuteSurface, SpxOptionsOfAWeekEqualAFullRebuildWhileExpiriesSettle) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/minute-quotes");
  replay(spx_week, 0, 1);
  replay(spx_week, 5, 100'000);
}

}  // namespace
}  // namespace isobar::replay
