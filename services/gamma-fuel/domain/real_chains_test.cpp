#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>

#include "gamma-fuel/domain/naive_landscape_fixture.hpp"
#include "testing/testdata.hpp"
#include "wire/cboe_delayed.hpp"
#include "wire/cboe_eod.hpp"

/// Landscapes of real SPX chains: against the gammas that the files state, and against the definitions written down
/// plainly (naive_landscape_fixture.hpp). The tables printed are those of docs/numerics.md.
namespace isobar::gamma_fuel {
namespace {

using namespace testing;

constexpr std::string_view eod_folder = "options/spx-eod-2019", delayed_folder = "options/cboe-delayed-quotes";

std::vector<market::raw_chain> chains_in(std::string_view folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(isobar::testing::shared_data(folder)))
    if (entry.path().extension() == ".csv") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<market::raw_chain> chains;
  for (const auto& file : files) {
    const auto bytes = wire::read_file(file.string());
    if (!bytes) {
      ADD_FAILURE() << bytes.error().evidence;
      continue;
    }
    if (wire::is_cboe_delayed(*bytes)) {
      if (auto chain = wire::parse_cboe_delayed(*bytes, file.filename().string())) chains.push_back(std::move(*chain));
    } else if (auto days = wire::parse_cboe_eod(*bytes, file.filename().string())) {
      for (market::raw_chain& day : *days) chains.push_back(std::move(day));
    }
  }
  return chains;
}

struct real_landscape {
  gamma_config config = spx_config();
  option_board board{config};
  gamma_fuel::landscape landscape{config};
  gex_profile profile;
  naive_board naive;
  double spot;
  std::map<contract_number, double> stated_gamma;

  explicit real_landscape(const market::raw_chain& chain) : spot(to_double(chain.spot)) {
    for (const market::raw_contract& r : chain.contracts) {
      const auto root = market::find_root(r.id.root);
      if (!root) continue;
      const option_contract of{r.id, market::settlement_time(r.id.expiry, root->settles), root->multiplier, false};
      const contract_number n = board.list(of);
      board.apply({.ts_event = chain.ts_event,
                   .contract = n,
                   .kind = option_event_kind::quote,
                   .bid = r.state.bid,
                   .ask = r.state.ask});
      board.apply({.ts_event = chain.ts_event,
                   .contract = n,
                   .kind = option_event_kind::open_interest,
                   .open_interest = r.state.open_interest});
      stated_gamma[n] = r.state.gamma;
      naive_contract& also = naive.at(of);
      if (r.state.bid != market::no_price) also.bid = to_double(r.state.bid);
      if (r.state.ask != market::no_price) also.ask = to_double(r.state.ask);
      if (r.state.open_interest.value >= 0) also.interest = static_cast<double>(r.state.open_interest.value);
    }
    landscape.build(chain.ts_event - seconds(1), chain.ts_event, {.reference = chain.spot, .underlying = chain.spot},
                    board, profile);
    naive.price(chain.ts_event, spot);
  }
};

/// Relative deviations of our gamma from a file's, beyond the rounding of its four decimals.
struct deviations {
  std::vector<double> all;
  double at(double share) {
    if (all.empty()) return 0;
    std::sort(all.begin(), all.end());
    return all[std::min(all.size() - 1, static_cast<std::size_t>(share * static_cast<double>(all.size())))];
  }
};

constexpr std::array<std::pair<double, const char*>, 5> classes{
    {{7, "up to 7 days"}, {30, "8 to 30 days"}, {90, "31 to 90 days"}, {365, "91 to 365 days"}, {1e9, "over a year"}}};

/// By class of expiry, settlement, and whether the file agrees with itself: parity wants one volatility, so one gamma,
/// for the call and the put of a strike. On 2019-04-26 and -29 a third and a half of its pairs do not have one; why is
/// not known. What grows with the term among those that agree is the configured rate: at 2.4 % instead of 5 % (and the
/// market of 2019 nearer to that) the p95 of 91 to 365 days falls from 1.8 % to 0.0 %.
using table = std::map<std::tuple<bool, std::size_t, std::string>, deviations>;

/// Two-sided, spread within a tenth of the mid, not so far in the money that the mid says nothing of volatility.
bool is_liquid(const board_row& row) {
  if (row.state != standing::priced || row.bid.value <= 0) return false;
  const double bid = to_double(row.bid), ask = to_double(row.ask), delta = std::abs(row.delta);
  return ask - bid <= 0.1 * (ask + bid) / 2 && delta >= 0.05 && delta <= 0.65;
}

bool agrees_with_itself(const real_landscape& r, const option_contract& of, double stated) {
  market::option_id other = of.id;
  other.right = of.id.right == call ? put : call;
  const auto n = r.board.find(other);
  return n && std::abs(r.stated_gamma.at(*n) - stated) <= 1e-4 + 0.03 * stated;
}

void add_deviations(const real_landscape& r, timestamp as_of, table& to) {
  constexpr double rounding = 5e-5, smallest = 1e-3;
  for (const auto& [n, stated] : r.stated_gamma) {
    const board_row row = r.board.row(n);
    if (stated < smallest || !is_liquid(row)) continue;
    const double days = 365 * market::years_to(row.contract.settles_at, as_of);
    const auto kind = static_cast<std::size_t>(
        std::find_if(classes.begin(), classes.end(), [days](const auto& c) { return days <= c.first; }) -
        classes.begin());
    const double off = std::max(0.0, std::abs(row.gamma - stated) - rounding) / stated;
    to[{agrees_with_itself(r, row.contract, stated), kind, row.contract.id.root == "SPX" ? "AM" : "PM"}].all.push_back(
        off);
  }
}

void print(const char* title, table& t) {
  std::printf(
      "\n%s\n| file's call and put | expiry | settles | contracts | median | p95 | p99 | max "
      "|\n|---|---|---|---|---|---|---|---|\n",
      title);
  for (auto& [key, d] : t)
    std::printf("| %s | %s | %s | %zu | %.2f %% | %.2f %% | %.2f %% | %.2f %% |\n",
                std::get<0>(key) ? "agree" : "disagree", classes[std::get<1>(key)].second, std::get<2>(key).c_str(),
                d.all.size(), 100 * d.at(0.5), 100 * d.at(0.95), 100 * d.at(0.99), 100 * d.at(1));
}

void print_landscape(const market::raw_chain& chain, const real_landscape& r) {
  const gex_profile& p = r.profile;
  const walls& w = p.models[0].walls;
  const auto text = [](std::optional<price> at) {
    std::array<char, 32> out{};
    if (at) std::snprintf(out.data(), out.size(), "%.2f", to_double(*at));
    return std::string(at ? out.data() : "none");
  };
  std::printf("| %s | %.2f | %s | %s | %s | %s | %s | %.0f | %.0f | %.0f | %.0f | %u of %u |\n",
              to_iso(chain.ts_event).substr(0, 10).c_str(), r.spot, text(w.call_wall).c_str(), text(w.put_wall).c_str(),
              text(w.absolute_max).c_str(), text(w.zero_gamma).c_str(), text(w.strike_flip).c_str(), p.models[0].gamma,
              p.models[0].readings.bias, p.models[0].readings.liquidity_flow_index, p.models[0].readings.market_mode,
              p.priced, p.contracts);
}

/// Exposure by grid strike, from the naive board.
std::map<double, std::array<double, 2>> by_strike(const naive_board& naive) {
  std::map<double, std::array<double, 2>> sums;
  for (const auto& [key, c] : naive.contracts) {
    if (!c.priced || !c.interest) continue;
    const double k = std::floor((naive_board::strike_of(c) + 2.5) / 5) * 5;
    sums[k][naive_board::is_call(c) ? 0 : 1] += naive.greeks(c).gamma * *c.interest * 100;
  }
  return sums;
}

/// Strike of the largest; its runner-up within 1e-6 would be a tie that bisection may turn round.
double largest(const std::map<double, std::array<double, 2>>& sums, const auto& size) {
  double best = 0, at = 0;
  for (const auto& [k, s] : sums)
    if (size(k, s) > best) best = size(k, s), at = k;
  return at;
}

void compare(const real_landscape& r) {
  const auto sums = by_strike(r.naive);
  const walls& w = r.profile.models[0].walls;
  const double spot = r.spot;
  ASSERT_TRUE(w.call_wall && w.put_wall && w.absolute_max && w.call_max && w.put_max);
  EXPECT_EQ(to_double(*w.call_wall), largest(sums, [&](double k, const auto& s) { return k >= spot ? s[0] : 0; }));
  EXPECT_EQ(to_double(*w.put_wall), largest(sums, [&](double k, const auto& s) { return k <= spot ? s[1] : 0; }));
  EXPECT_EQ(to_double(*w.call_max), largest(sums, [&](double, const auto& s) { return s[0]; }));
  EXPECT_EQ(to_double(*w.put_max), largest(sums, [&](double, const auto& s) { return s[1]; }));
  EXPECT_EQ(to_double(*w.absolute_max), largest(sums, [&](double, const auto& s) { return std::abs(s[0] - s[1]); }));
  for (const strike_exposure& row : r.profile.grid) {
    const auto at = sums.find(to_double(row.strike));
    const double calls = at == sums.end() ? 0 : at->second[0], puts = at == sums.end() ? 0 : at->second[1];
    EXPECT_NEAR(row.call, calls, 1e-6 * (1 + calls));
    EXPECT_NEAR(row.put, puts, 1e-6 * (1 + puts));
  }
  double total = 0, gross = 0;
  for (const auto& [k, s] : sums) total += s[0] - s[1], gross += s[0] + s[1];
  EXPECT_NEAR(r.profile.models[0].gamma, total, 1e-6 * gross);
  const auto zero = r.naive.zero(sign_model::calls_positive, 0.01, 0.20);
  ASSERT_EQ(w.zero_gamma.has_value(), zero.has_value());
  if (zero) {
    EXPECT_NEAR(to_double(*w.zero_gamma), *zero * spot, 0.03);
  }
  // Sanity: walls of a liquid index lie near it.
  EXPECT_NEAR(to_double(*w.call_wall) / spot, 1, 0.10);
  EXPECT_NEAR(to_double(*w.put_wall) / spot, 1, 0.10);
}

void study(std::string_view folder, std::size_t chains_expected, table& t) {
  const std::vector<market::raw_chain> chains = chains_in(folder);
  ASSERT_EQ(chains.size(), chains_expected);
  std::printf(
      "| as of | spot | call wall | put wall | absolute | zero gamma | strike flip | total gamma | bias | index | mode "
      "| priced |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (const market::raw_chain& chain : chains) {
    SCOPED_TRACE(chain.origin);
    const real_landscape r(chain);
    compare(r);
    add_deviations(r, chain.ts_event, t);
    print_landscape(chain, r);
  }
}

void expect_within(table& t, double median, double p95) {
  for (auto& [key, d] : t) {
    const auto& [agrees, kind, settles] = key;
    if (!agrees || d.all.size() < 20) continue;
    EXPECT_LE(d.at(0.5), median) << classes[kind].second << ' ' << settles;
    EXPECT_LE(d.at(0.95), p95) << classes[kind].second << ' ' << settles;
  }
}

TEST(RealChains, TwelveDaysOf2019) {
  ISOBAR_SKIP_WITHOUT_SHARED(eod_folder);
  table t;
  study(eod_folder, 12, t);
  print("Our gamma against the file's, 2019:", t);
  expect_within(t, 0.01, 0.05);
}

TEST(RealChains, FourDelayedDownloads) {
  ISOBAR_SKIP_WITHOUT_SHARED(delayed_folder);
  table t;
  study(delayed_folder, 4, t);
  print("Our gamma against the file's, delayed downloads:", t);
  expect_within(t, 0.01, 0.05);
}

}  // namespace
}  // namespace isobar::gamma_fuel
