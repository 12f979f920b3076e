#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>

#include "gamma-fuel/domain/naive_landscape_fixture.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace testing;

constexpr double spot = 6'900;

std::vector<option_contract> universe() {
  std::vector<option_contract> all;
  for (const auto& [expiry, root] : std::vector<std::pair<date, std::string>>{
           {today, "SPXW"}, {today + 3, "SPX"}, {today + 3, "SPXW"}, {today + 45, "SPXW"}})
    for (double k = 6'700; k <= 7'100; k += 25)
      for (const market::right r : {call, put}) all.push_back(contract(k, r, expiry, root));
  all.push_back(contract(6'902.5, call));  // off the grid: binned
  all.push_back(contract(6'898, put));
  return all;
}

/// What happened to contracts, by their place in the universe.
struct story {
  struct step {
    std::size_t contract;
    option_event event;
    std::int64_t customer = 0;
  };
  std::vector<option_contract> all = universe();
  std::vector<std::vector<step>> windows;
};

story random_story() {
  story s;
  const auto number = [&](int low, int high) { return *rc::gen::inRange(low, high); };
  for (int w = 0; w < 3; ++w) {
    auto& steps = s.windows.emplace_back();
    const timestamp t = morning + seconds(w);
    const auto tell = [&](std::size_t c, option_event e, std::int64_t customer = 0) {
      e.ts_event = t;
      steps.push_back({c, e, customer});
    };
    for (std::size_t c = 0; c < s.all.size(); ++c) {
      if (w > 0 && number(0, 3) > 0) continue;
      const market::option_id& id = s.all[c].id;
      const double years = market::years_to(s.all[c].settles_at, morning), k = to_double(id.strike);
      const double sigma = 0.12 + 0.001 * number(0, 100);
      double mid = market::black_76_price(id.right, {spot + number(-5, 6), k, years, 0.05, sigma});
      mid = std::max(0.05, std::round(mid * 20) / 20);
      double bid = mid - 0.05, ask = mid + 0.05;
      const int kind = number(0, 20);
      if (kind == 0) std::swap(bid, ask);
      if (kind == 1) bid = 0;
      option_event q = quote(0, bid, ask);
      if (kind == 2) q.ask = market::no_price;
      if (kind == 3) q.bid = q.ask = points(20'000);
      tell(c, q);
      if (number(0, 4) > 0) tell(c, interest(0, number(0, w == 0 ? 5'000 : number(0, 2) == 0 ? 100 : 5'000)));
      if (number(0, 2) == 0) tell(c, trade(0, number(1, 50)), number(-60, 60));
    }
  }
  return s;
}

void take(option_board& b, const std::vector<contract_number>& numbers, const story::step& s) {
  option_event e = s.event;
  e.contract = numbers[s.contract];
  b.apply(e);
  b.take_customer_trade(e.contract, s.customer);
}

std::optional<double> side(price p) {
  if (p == market::no_price) return std::nullopt;
  return to_double(p);
}

/// Dealers' position within a day, said once more: the net of what customers did.
void take(naive_board& b, const option_contract& of, const story::step& s) {
  naive_contract& c = b.at(of);
  switch (s.event.kind) {
    case option_event_kind::quote:
      c.bid = side(s.event.bid);
      c.ask = side(s.event.ask);
      break;
    case option_event_kind::open_interest: {
      const auto lots = static_cast<double>(s.event.open_interest.value);
      c.interest = lots;
      break;
    }
    case option_event_kind::trade:
      c.volume += static_cast<double>(s.event.size.value);
      break;
    case option_event_kind::delisted:
      break;
  }
  c.position -= static_cast<double>(s.customer);
}

void near(double ours, double naive, double size) {
  const double bound = 1e-6 * (std::abs(size) + 1e-6);
  if (!(std::abs(ours - naive) <= bound)) RC_FAIL("ours " + std::to_string(ours) + " naive " + std::to_string(naive));
}

void compare(const gex_profile& p, const naive_board& naive) {
  using nb = naive_board;
  const double per_day = 1.0 / 365;
  for (std::size_t i = 0; i < sign_models; ++i) {
    const auto m = static_cast<sign_model>(i);
    const auto total = [&](auto greek) {
      return naive.sum([&](const naive_contract& c) { return greek(naive.greeks(c)) * nb::contracts_held(c, m); });
    };
    const double size =
        naive.sum([&](const naive_contract& c) { return std::abs(naive.greeks(c).gamma * nb::contracts_held(c, m)); });
    near(p.models[i].gamma, total([](const auto& g) { return g.gamma; }), size);
    near(p.models[i].vanna, total([](const auto& g) { return g.vanna; }), 1e5 * size);
    near(p.models[i].charm, per_day * total([](const auto& g) { return g.charm; }), 1e5 * size);
  }
  for (const strike_exposure& row : p.grid) {
    const double k = to_double(row.strike);
    const auto here = [&](const naive_contract& c) {  // to the nearest multiple of 5, half up
      return std::floor((nb::strike_of(c) + 2.5) / 5) * 5 == k;
    };
    const auto of_right = [&](bool calls) {
      return naive.sum([&](const naive_contract& c) {
        if (!here(c) || nb::is_call(c) != calls) return 0.0;
        return naive.greeks(c).gamma * c.interest.value_or(0) * 100;
      });
    };
    const double calls = of_right(true), puts = of_right(false);
    near(row.call, calls, calls);
    near(row.put, puts, puts);
    near(row.volume_gamma,
         naive.sum([&](const naive_contract& c) { return here(c) ? naive.greeks(c).gamma * c.volume * 100 : 0; }),
         calls + puts + 1);
    near(row.by_model[3].gamma,
         naive.sum([&](const naive_contract& c) { return here(c) ? naive.greeks(c).gamma * c.position * 100 : 0; }),
         calls + puts + 1);
  }
}

void same(const gex_profile& a, const gex_profile& b) {
  RC_ASSERT(a.grid == b.grid);
  RC_ASSERT(a.models == b.models);
  RC_ASSERT(a.expiries == b.expiries);
  RC_ASSERT(a.left_out == b.left_out);
  RC_ASSERT(a.pins == b.pins);
  RC_ASSERT(a.priced == b.priced);
}

struct run {
  gamma_config config = spx_config();
  option_board board{config};
  gamma_fuel::landscape landscape{config};
  gex_profile profile;
  std::vector<contract_number> numbers;

  explicit run(const story& s, bool backwards = false) : numbers(s.all.size()) {
    for (std::size_t i = 0; i < s.all.size(); ++i) {
      const std::size_t c = backwards ? s.all.size() - 1 - i : i;
      numbers[c] = board.list(s.all[c]);
    }
  }
  void window(std::size_t w) {
    const timestamp start = morning + seconds(static_cast<std::int64_t>(w));
    landscape.build(start, start + seconds(1), view(spot + static_cast<double>(w), spot + static_cast<double>(w)),
                    board, profile);
  }
};

RC_GTEST_PROP(LandscapeProperty, EqualsTheDefinitionsAfterAnyEvents, ()) {
  const story s = random_story();
  run ours(s);
  naive_board naive;
  for (const option_contract& c : s.all) naive.at(c);
  for (std::size_t w = 0; w < s.windows.size(); ++w) {
    for (const story::step& step : s.windows[w]) {
      take(ours.board, ours.numbers, step);
      take(naive, s.all[step.contract], step);
    }
    ours.window(w);
    naive.price(ours.profile.end, spot + static_cast<double>(w));
    compare(ours.profile, naive);
  }
}

RC_GTEST_PROP(LandscapeProperty, ListingAndInterleavingChangeNothing, ()) {
  const story s = random_story();
  run one(s), other(s, true);
  for (std::size_t w = 0; w < s.windows.size(); ++w) {
    for (const story::step& step : s.windows[w]) take(one.board, one.numbers, step);
    std::vector<story::step> mixed = s.windows[w];
    std::stable_sort(mixed.begin(), mixed.end(), [](const auto& a, const auto& b) {
      return a.contract * 7919 % 101 < b.contract * 7919 % 101;  // one contract's events stay in order
    });
    for (const story::step& step : mixed) take(other.board, other.numbers, step);
    one.window(w);
    other.window(w);
    same(one.profile, other.profile);
  }
}

/// Expiries' shares of a strike under a model are the whole; sizes are bounded by what was summed.
void share_out(const gex_profile& p, std::size_t row, sign_model m) {
  greek_sums sum, size;
  for (const expiry_profile& e : p.expiries) {
    const greek_sums share = e.by_strike[row].under(m);
    sum.add(share);
    const exposure_sums& of = e.by_strike[row];
    for (const greek_sums& part : {of.call, of.put, of.flow})
      size.add({std::abs(part.gamma), std::abs(part.vanna), std::abs(part.charm)});
    RC_ASSERT(of.spread() >= 0);
  }
  const auto& whole = p.grid[row].by_model[static_cast<std::size_t>(m)];
  near(sum.gamma, whole.gamma, size.gamma);
  near(sum.vanna, whole.vanna, size.vanna);
  near(sum.charm, whole.charm, size.charm);
}

RC_GTEST_PROP(LandscapeProperty, ConservesAndModelsMirror, ()) {
  const story s = random_story();
  run r(s);
  for (std::size_t w = 0; w < s.windows.size(); ++w) {
    for (const story::step& step : s.windows[w]) take(r.board, r.numbers, step);
    r.window(w);
    const gex_profile& p = r.profile;
    const left_out& l = p.left_out;
    std::uint64_t out = l.no_open_interest + l.no_quote + l.one_sided + l.crossed + l.zero_bid_wide + l.stale +
                        l.no_forward + l.not_in_set;
    for (const std::uint64_t n : l.volatility) out += n;
    RC_ASSERT(p.priced + out == p.contracts);

    double gross = 0, by_expiry = 0;
    for (const ladder_strike& k : r.landscape.ladder()) gross += k.gross();
    for (const expiry_profile& e : p.expiries) by_expiry += e.total.call.gamma + e.total.put.gamma;
    near(gross, by_expiry, gross);
    near(p.models[2].gamma, -gross, gross);
    RC_ASSERT(p.models[0].gamma == -p.models[1].gamma);
    for (std::size_t i = 0; i < p.grid.size(); ++i) {
      const strike_exposure& row = p.grid[i];
      RC_ASSERT(row.by_model[0].gamma == -row.by_model[1].gamma);
      RC_ASSERT(row.by_model[0].vanna == -row.by_model[1].vanna);
      RC_ASSERT(row.by_model[0].charm == -row.by_model[1].charm);
      RC_ASSERT(row.by_model[2].gamma == -row.gross());
      RC_ASSERT(row.call >= 0 && row.put >= 0);
      RC_ASSERT(std::abs(row.imbalance) <= 1);
      double calls = 0;
      for (const expiry_profile& e : p.expiries) calls += e.by_strike[i].call.gamma;
      near(calls, row.call, row.call);
      for (std::size_t m = 0; m < sign_models; ++m) share_out(p, i, static_cast<sign_model>(m));
    }
  }
}

RC_GTEST_PROP(LandscapeProperty, ComesBackFromACheckpointAnywhere, ()) {
  const story s = random_story();
  run one(s), other(s);
  const auto cut = static_cast<std::size_t>(*rc::gen::inRange(0, 2));
  for (std::size_t w = 0; w < s.windows.size(); ++w) {
    for (const story::step& step : s.windows[w]) {
      take(one.board, one.numbers, step);
      take(other.board, other.numbers, step);
    }
    if (w == cut) {
      const std::string board = saved(other.board), landscape = saved(other.landscape);
      other.board = option_board(other.config);
      other.landscape = gamma_fuel::landscape(other.config);
      archive_reader of_board(board), of_landscape(landscape);
      of_board(other.board);
      of_landscape(other.landscape);
      RC_ASSERT(of_board.finished() && of_landscape.finished());
    }
    one.window(w);
    other.window(w);
    same(one.profile, other.profile);
    RC_ASSERT(saved(one.board) == saved(other.board));
    RC_ASSERT(saved(one.landscape) == saved(other.landscape));
  }
}

RC_GTEST_PROP(LandscapeProperty, AbsurdInputLeavesFiniteNumbers, ()) {
  gamma_config config = spx_config();
  option_board b{config};
  landscape l(config);
  gex_profile p;
  const auto any_price = [] {
    return price(*rc::gen::element<std::int64_t>(INT64_MIN, -1, 0, 1, 50'000'000, 10'000'000'000, 6'900'000'000'000,
                                                 std::int64_t{1} << 52, INT64_MAX - 1, INT64_MAX));
  };
  const auto any_number = [] {
    return *rc::gen::element<std::int64_t>(INT64_MIN, -1, 0, 1, 100, 1'000'000'000, INT64_MAX);
  };
  for (int i = 0; i < 300; ++i) {
    option_contract c = contract(6'900, *rc::gen::arbitrary<bool>() ? call : put, today + *rc::gen::inRange(-2, 900));
    c.id.strike = strike(any_price().value);
    c.multiplier = any_number();
    c.american = *rc::gen::arbitrary<bool>();
    if (*rc::gen::inRange(0, 5) == 0) c.settles_at = {any_price().value};
    if (*rc::gen::inRange(0, 3) == 0) c = contract(6'900 + *rc::gen::inRange(-100, 100), call);
    const auto n = b.list(c);
    b.apply({.ts_event = morning,
             .contract = n,
             .kind = static_cast<option_event_kind>(*rc::gen::inRange(0, 6)),
             .bid = any_price(),
             .ask = any_price(),
             .last = any_price(),
             .size = quantity(any_number()),
             .open_interest = quantity(any_number())});
    b.take_customer_trade(n, any_number());
  }
  market_view at = view(6'900, 6'900);
  at.underlying = any_price();
  if (*rc::gen::inRange(0, 3) == 0) at.reference = any_price();
  at.basis = price(*rc::gen::element<std::int64_t>(-250'000'000, 0, 7'000'000'000));
  l.build(morning, morning + seconds(1), at, b, p);
  for (const strike_exposure& row : p.grid) {
    RC_ASSERT(std::isfinite(row.call) && std::isfinite(row.put) && std::isfinite(row.imbalance));
    for (const auto& m : row.by_model) RC_ASSERT(std::isfinite(m.gamma + m.vanna + m.charm));
  }
  for (const model_profile& m : p.models) {
    RC_ASSERT(std::isfinite(m.gamma + m.vanna + m.charm));
    RC_ASSERT(std::isfinite(m.readings.bias + m.readings.liquidity_flow_index + m.readings.market_mode));
  }
}

RC_GTEST_PROP(ZeroGamma, IsWhereRepricingEveryOptionSaysSo, ()) {
  gamma_config config = spx_config();
  option_board b{config};
  naive_board naive;
  for (double k = 6'300; k <= 7'400; k += 50)
    for (const date expiry : {today + 2, today + 30})
      for (const market::right r : {call, put}) {
        const option_contract c = contract(k, r, expiry);
        const auto lots = *rc::gen::inRange(0, 3'000) * (r == call ? k > 6'900 ? 2 : 1 : k < 6'900 ? 2 : 1);
        const contract_number n = add(b, c, spot, 0.15 + 0.3 * std::abs(k / spot - 1), lots);
        naive_contract& also = naive.at(c);
        also.bid = to_double(b.row(n).bid);
        also.ask = to_double(b.row(n).ask);
        also.interest = lots;
      }
  landscape l(config);
  gex_profile p;
  l.build(morning, morning + seconds(1), view(spot, spot), b, p);
  naive.price(p.end, spot);
  const auto expected = naive.zero(sign_model::calls_positive, 0.01, 0.20);
  const auto found = p.models[0].walls.zero_gamma;
  RC_ASSERT(found.has_value() == expected.has_value());
  if (found) {
    RC_ASSERT(std::abs(to_double(*found) - *expected * spot) <= 0.016);
  }
  RC_ASSERT(p.models[1].walls.zero_gamma == found);
  RC_ASSERT(!p.models[2].walls.zero_gamma.has_value());
}

}  // namespace
}  // namespace isobar::gamma_fuel
