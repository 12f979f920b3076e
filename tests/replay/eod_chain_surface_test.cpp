// The twelve days of real SPX chains through the domains of the services, file -> canonical chain -> epochs -> windows
// -> rows -> tiles: one epoch per geometry, and every tile of every window equal to brute force over the text of the
// files.

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <set>

#include "chain-ingest/domain/ingest.hpp"
#include "epoch-manager/domain/epoch_machine.hpp"
#include "surface_pipeline.hpp"
#include "testing/testdata.hpp"
#include "wire/cboe_eod.hpp"

namespace isobar::replay {
namespace {

constexpr std::int64_t window_ns = 200'000'000, hour_ns = 3'600'000'000'000;
constexpr std::array<std::int64_t, 7> widths_points{20, 25, 30, 35, 40, 45, 50};

/// A day as the file's text says it. Daylight time: 16:00 New York is 20:00 UTC, 09:30 is 13:30.
struct file_day {
  std::int64_t as_of = 0;
  std::map<std::string, truth_plane> planes;  ///< not settled at `as_of`
  std::size_t rows = 0, settled = 0;
};

file_day read_day(const std::filesystem::path& file, int yyyymmdd) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  file_day day;
  day.as_of = midnight_by_hand(yyyymmdd) + 20 * hour_ns;
  while (std::getline(in, line)) {
    const auto cells = cells_of(line);
    const std::string& ticker = cells.at(3);  // SPXW190426C00800000
    const std::size_t n = ticker.size();
    const std::string root = ticker.substr(0, n - 15);
    const std::string date = "20" + ticker.substr(n - 15, 6);
    const std::int64_t settles_at =
        midnight_by_hand(std::stoi(date)) + (root == "SPX" ? 13 * hour_ns + hour_ns / 2 : 20 * hour_ns);
    ++day.rows;
    if (settles_at <= day.as_of) {
      ++day.settled;
      continue;
    }
    truth_plane& plane = day.planes[root + "-" + date];
    plane.settles_at = settles_at;
    plane.contracts[{ticker[n - 9] == 'P', std::stoll(ticker.substr(n - 8)) * 1'000'000}] = {
        nanos_by_hand(cells.at(10)), nanos_by_hand(cells.at(11)), day.as_of};
  }
  return day;
}

/// Quotes that no model of volatility can explain, per day.
struct violations {
  std::size_t boxes = 0, box_above = 0, box_below = 0;                          ///< put-call parity of strike pairs
  std::size_t flies = 0, fly_not_positive = 0, fly_above_width = 0;             ///< bounds on the mid
  std::size_t fly_pairs = 0, fly_pair_mids_differ = 0, fly_pair_arbitrage = 0;  ///< call against put butterfly
};

/// Neighbouring strikes K1 < K2: the box (C1 - C2) + (P2 - P1) pays K2 - K1 for sure, so that what it can be sold for
/// is at most K2 - K1 and what it costs is at least zero, whatever the rate (put-call parity of the two strikes).
void report_boxes(const truth_plane& p, violations& v) {
  std::vector<std::pair<std::int64_t, std::pair<truth_quote, truth_quote>>> pairs;
  for (const auto& [contract, call] : p.contracts) {
    if (contract.first) break;
    const auto put = p.contracts.find({true, contract.second});
    if (put != p.contracts.end()) pairs.push_back({contract.second, {call, put->second}});
  }
  for (std::size_t i = 1; i < pairs.size(); ++i) {
    const auto& [k1, low] = pairs[i - 1];
    const auto& [k2, high] = pairs[i];
    ++v.boxes;
    v.box_above += *low.first.bid - *high.first.ask + *high.second.bid - *low.second.ask > k2 - k1;
    v.box_below += *low.first.ask - *high.first.bid + *high.second.ask - *low.second.bid < 0;
  }
}

void report_butterflies(const truth& t, const truth_plane& p, violations& v) {
  for (const auto& [contract, quote] : p.contracts) {
    for (const std::int64_t points : widths_points) {
      const std::int64_t w = points * nanos_per_unit;
      const auto fly = t.tile(p, shape::butterfly, contract.first, contract.second, w);
      if (!fly || (fly->reasons & (missing_leg | crossed_leg))) continue;
      ++v.flies;
      v.fly_not_positive += (fly->reasons & no_net_debit) != 0;
      v.fly_above_width += (fly->reasons & above_width) != 0;
      if (contract.first) continue;
      const auto put = t.tile(p, shape::butterfly, true, contract.second, w);
      if (!put || (put->reasons & (missing_leg | crossed_leg))) continue;
      ++v.fly_pairs;
      v.fly_pair_mids_differ += fly->mid != put->mid;
      v.fly_pair_arbitrage += fly->natural_credit > put->natural_debit || put->natural_credit > fly->natural_debit;
    }
  }
}

std::string to_string(epoch_manager::epoch_reason r) {
  constexpr std::array<const char*, 6> names{"", "first", "strike_range", "strike_spacing", "widths", "dte_set"};
  return names.at(static_cast<std::size_t>(r));
}

/// chain-ingest and epoch-manager before the hydrator, wired as the bus would: every frame to everybody, at once.
class suite {
 public:
  explicit suite(surface_pipeline& pipeline)
      : pipeline_(pipeline),
        ingest_({.symbol = spx_, .expiries_max = 0, .window_em_mult = {}}),
        epochs_({.symbol = spx_, .widths = widths(), .participants = {"ws-hydrator"}}) {}

  void take(market::raw_chain raw) {
    auto chain = ingest_.apply({.chain = std::move(raw), .asked = {}});
    ASSERT_TRUE(chain) << chain.error().evidence;
    pipeline_.hydrator().apply(*chain);
    auto said = epochs_.on_chain({.chain = *chain, .watermark = (*chain)->ts_event});
    ASSERT_EQ(said.what, epoch_manager::verdict::accepted);
    perform(std::move(said.todo));
  }
  void end() {
    pipeline_.hydrator().advance_chains(end_of_time);
    perform(epochs_.on_chain({.chain = nullptr, .watermark = end_of_time}).todo);
  }
  const chain_ingest::ingest& ingest() const { return ingest_; }
  std::vector<market::epoch> announced;

 private:
  static std::vector<strike_width> widths() {
    std::vector<strike_width> out;
    for (const std::int64_t w : widths_points) out.push_back(strike_width(w * nanos_per_unit));
    return out;
  }
  void perform(epoch_manager::effects todo) {
    for (auto& effect : todo) {
      if (const auto* p = std::get_if<epoch_manager::publish_epoch>(&effect)) {
        pipeline_.announce(p->record.epoch);
        pipeline_.hydrator().advance_epochs(p->watermark);
        if (p->record.epoch.state == market::epoch::state::preparing) announced.push_back(p->record.epoch);
      } else if (const auto* h = std::get_if<epoch_manager::publish_heartbeat>(&effect)) {
        pipeline_.hydrator().advance_epochs(h->watermark);
      } else if (const auto* a = std::get_if<epoch_manager::await_acks>(&effect)) {
        perform(epochs_.on_ack(a->epoch_id, "ws-hydrator").todo);
      }
    }
  }
  const symbol spx_ = *symbol::parse("SPX");
  surface_pipeline& pipeline_;
  chain_ingest::ingest ingest_;
  epoch_manager::epoch_machine epochs_;
};

void print_epoch(const market::epoch& e) {
  std::cout << "epoch " << e.id << " from " << to_iso(e.effective_from) << ":";
  for (const auto r : e.reasons) std::cout << ' ' << to_string(r);
  std::cout << "; " << e.board.planes.size() << " expiries, " << e.board.listed_count() << " contracts\n";
}

void print_day(const std::string& day, const violations& v) {
  std::cout << day << ": boxes=" << v.boxes << " above width=" << v.box_above << " below zero=" << v.box_below
            << "; butterflies=" << v.flies << " mid<=0: " << v.fly_not_positive << " mid>width: " << v.fly_above_width
            << "; call/put pairs=" << v.fly_pairs << " mids differ=" << v.fly_pair_mids_differ
            << " arbitrage=" << v.fly_pair_arbitrage << '\n';
}

TEST(EodChainSurface, TwelveDaysGiveOneEpochPerGeometryAndTheBruteForceSurfaces) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/spx-eod-2019");
  std::set<std::filesystem::path> files;
  for (const auto& f : std::filesystem::directory_iterator(isobar::testing::shared_data("options/spx-eod-2019")))
    if (f.path().extension() == ".csv") files.insert(f.path());
  ASSERT_EQ(files.size(), 12u);

  truth now;  // planes: of the epoch that must be in force; quotes: the newest of each contract
  comparison tally;
  surface_pipeline pipeline(*symbol::parse("SPX"), {}, [&](surface_pipeline& p) {
    if (::testing::Test::HasFatalFailure()) return;
    now.now = p.surface().snapshot()->window_end.ns;
    expect_equal(p, now, tally);
  });
  suite all(pipeline);
  std::optional<file_day> before;
  std::size_t geometries = 0, windows = 0;
  for (const auto& file : files) {
    const int yyyymmdd = std::stoi(file.stem().string().substr(4));  // SPX_20190425
    const file_day day = read_day(file, yyyymmdd);
    std::ifstream in(file, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    auto chains = wire::parse_cboe_eod(bytes, file.filename().string());
    ASSERT_TRUE(chains) << chains.error().evidence;
    ASSERT_EQ(chains->size(), 1u);
    const std::size_t epochs_before = all.announced.size();

    // The window that holds the chain still has the board of the day before.
    if (before) {
      for (auto& [name, plane] : now.planes)
        if (const auto p = day.planes.find(name); p != day.planes.end())
          for (auto& [contract, quote] : plane.contracts)
            if (const auto q = p->second.contracts.find(contract); q != p->second.contracts.end()) quote = q->second;
      pipeline.hydrator().advance_quotes({day.as_of});
    }
    all.take(std::move(chains->front()));
    EXPECT_EQ(all.ingest().rows().rows, day.rows);
    EXPECT_EQ(all.ingest().rows().expired, day.settled);
    EXPECT_EQ(all.ingest().rows().kept, day.rows - day.settled);
    ASSERT_EQ(all.announced.size(), epochs_before + 1) << file << ": an expiry leaves every trading day";
    print_epoch(all.announced.back());
    EXPECT_EQ(all.announced.back().effective_from.ns, day.as_of + window_ns);
    pipeline.hydrator().advance_chains({day.as_of + window_ns});
    pipeline.hydrator().advance_quotes({day.as_of + window_ns});
    windows += before ? 1 : 0;
    ASSERT_EQ(tally.windows, windows);

    // The first window of the new board: the day itself.
    now.planes = day.planes;
    pipeline.hydrator().advance_chains({day.as_of + 2 * window_ns});
    pipeline.hydrator().advance_quotes({day.as_of + 2 * window_ns});
    pipeline.hydrator().advance_epochs({day.as_of + 2 * window_ns});
    ASSERT_EQ(tally.windows, ++windows);
    ASSERT_FALSE(HasFatalFailure());

    violations v;
    for (const auto& [name, plane] : day.planes) {
      report_boxes(plane, v);
      report_butterflies(now, plane, v);
    }
    print_day(std::to_string(yyyymmdd), v);
    ++geometries;
    before = day;
  }
  all.end();
  pipeline.hydrator().advance_quotes(end_of_time);
  EXPECT_EQ(all.announced.size(), geometries);
  for (std::size_t i = 0; i < all.announced.size(); ++i) EXPECT_EQ(all.announced[i].id, i + 1);
  for (std::size_t i = 1; i < all.announced.size(); ++i) EXPECT_NE(all.announced[i].hash, all.announced[i - 1].hash);
  EXPECT_EQ(pipeline.hydrator().closed_until(), end_of_time);
  EXPECT_GT(tally.valid, 500'000u);
  std::cout << geometries << " epochs, " << tally.windows << " windows, " << tally.tiles << " tiles compared, "
            << tally.valid << " of them valid\n";
}

}  // namespace
}  // namespace isobar::replay
