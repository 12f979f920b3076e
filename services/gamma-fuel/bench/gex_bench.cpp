#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <ql/pricingengines/blackcalculator.hpp>
#include <ql/pricingengines/blackformula.hpp>
#include <vector>

#include "gamma-fuel/domain/landscape.hpp"
#include "market/black_scholes.hpp"
#include "market/root.hpp"

/// What a window costs: an SPX chain (40 expiries, 0 days to two years) with its quotes, volatilities, greeks, four
/// sign models, zero gamma, walls, readings and differences; against a loop over QuantLib that finds each volatility,
/// its gamma and the sums by strike, and nothing else. One core. Budget: 3 ms for 12,000 contracts with every quote
/// changed.
namespace isobar::gamma_fuel {
namespace {

constexpr int expiries = 40;
constexpr double spot = 6'900, rate = 0.05;
constexpr timestamp begin{1'767'709'800'000'000'000};  // 2026-01-06 14:30 UTC

struct listed {
  option_contract contract;
  double years, forward;
  std::array<double, 2> mid;  ///< every other window
  std::int64_t interest;
};

/// `contracts` of them, strikes about the market as listed: dense near it, out to 60 % below and 30 % above.
std::vector<listed> chain(std::int64_t contracts) {
  std::vector<listed> all;
  const std::int64_t strikes = contracts / (2 * expiries);
  const double step = std::max(1.0, std::floor(0.9 * spot / static_cast<double>(strikes)));
  const date today = market::exchange_date(begin);
  for (int e = 0; e < expiries; ++e) {
    const date expiry = today + (e < 20 ? e : e * e / 2 - 150);
    const timestamp settles = market::settlement_time(expiry, market::settlement::pm);
    const double years = market::years_to(settles, begin), forward = spot * std::exp(rate * years);
    for (std::int64_t i = 0; i < strikes; ++i) {
      const double strike = std::floor(spot * 0.4 / step) * step + static_cast<double>(i) * step;
      const double away = std::log(strike / forward) / std::sqrt(years);
      const double sigma = 0.14 + 0.05 * std::abs(away) - 0.03 * std::tanh(away);
      for (const market::right r : {market::right::call, market::right::put}) {
        // Every contract has a volatility: nobody is timed on refusals.
        const double inside = r == market::right::call ? forward - strike : strike - forward;
        const double least = std::exp(-rate * years) * std::max(0.0, inside) + 0.05;
        const auto value = [&](double s) {
          return std::max(least, market::black_76_price(r, {forward, strike, years, rate, s}));
        };
        // Half of the contracts far away have nobody holding them, as listed chains do.
        const std::int64_t interest = std::abs(away) > 1 && i % 2 == 0 ? 0 : 500 + 37 * (i * i % 97);
        const strike_width k(std::llround(strike * 1e9));
        all.push_back({{{"SPXW", expiry, r, isobar::strike(k.value)}, settles, 100, false},
                       years,
                       forward,
                       {value(sigma), value(1.002 * sigma)},
                       interest});
      }
    }
  }
  return all;
}

struct running {
  gamma_config config;
  std::vector<listed> contracts;
  option_board board;
  gamma_fuel::landscape landscape;
  gex_profile profile;
  timestamp now = begin;

  explicit running(std::int64_t n) : contracts(chain(n)), board(config), landscape(config) {
    for (const listed& l : contracts) {
      const contract_number c = board.list(l.contract);
      board.apply({.ts_event = now,
                   .contract = c,
                   .kind = option_event_kind::open_interest,
                   .open_interest = quantity(l.interest)});
      if (c % 7 == 0) board.take_customer_trade(c, c % 2 == 0 ? 12 : -9);
    }
    quote_every(1, 0);
    window();
  }
  /// Volatilities a little up and a little down again.
  void quote_every(std::size_t stride, std::int64_t turn) {
    for (std::size_t i = 0; i < contracts.size(); i += stride) {
      const double mid = contracts[i].mid[turn % 2 == 0 ? 0 : 1];
      constexpr double half_spread = 0.025;
      const auto bid = static_cast<std::int64_t>((mid - half_spread) * 1e9);
      const auto ask = static_cast<std::int64_t>((mid + half_spread) * 1e9);
      board.apply({.ts_event = now,
                   .contract = static_cast<contract_number>(i),
                   .kind = option_event_kind::quote,
                   .bid = price(bid),
                   .ask = price(ask)});
    }
  }
  void window() {
    const timestamp start = now;
    now = now + seconds(1);
    landscape.build(start, now, {.reference = price(6'900'000'000'000), .underlying = price(6'900'000'000'000)}, board,
                    profile);
  }
};

void report(benchmark::State& state, const running& r) {
  const auto n = static_cast<double>(r.contracts.size());
  state.counters["contracts"] = n;
  state.counters["priced"] = r.profile.priced;
  state.counters["ns/contract"] =
      benchmark::Counter(n * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void every_quote_changed(benchmark::State& state) {
  running r(state.range(0));
  std::int64_t turn = 1;
  for (auto _ : state) {
    r.quote_every(1, turn++);
    r.window();
    benchmark::DoNotOptimize(r.profile.models);
  }
  report(state, r);
}

void few_quotes_changed(benchmark::State& state) {
  running r(state.range(0));
  std::int64_t turn = 1;
  for (auto _ : state) {
    r.quote_every(101, turn++);
    r.window();
    benchmark::DoNotOptimize(r.profile.models);
  }
  report(state, r);
}

void quantlib_loop(benchmark::State& state) {
  const std::vector<listed> contracts = chain(state.range(0));
  std::vector<double> by_strike(2'000);
  std::int64_t turn = 0, refused = 0;
  for (auto _ : state) {
    ++turn;
    refused = 0;
    std::fill(by_strike.begin(), by_strike.end(), 0.0);
    for (const listed& l : contracts) {
      const auto type = l.contract.id.right == market::right::call ? QuantLib::Option::Call : QuantLib::Option::Put;
      const double strike = to_double(l.contract.id.strike), discount = std::exp(-rate * l.years);
      const double mid = l.mid[turn % 2 == 0 ? 0 : 1];
      double gamma = 0;
      try {
        const double deviation = QuantLib::blackFormulaImpliedStdDev(type, strike, l.forward, mid, discount, 0.0,
                                                                     0.15 * std::sqrt(l.years), 1e-8, 100);
        gamma = QuantLib::BlackCalculator(type, strike, l.forward, deviation, discount).gammaForward();
      } catch (const std::exception&) {
        ++refused;
      }
      const double exposure = gamma * static_cast<double>(l.interest) * 100;
      by_strike[static_cast<std::size_t>(strike / 5)] +=
          l.contract.id.right == market::right::call ? exposure : -exposure;
    }
    benchmark::DoNotOptimize(by_strike.data());
  }
  state.counters["contracts"] = static_cast<double>(contracts.size());
  state.counters["refused"] = static_cast<double>(refused);
}

BENCHMARK(every_quote_changed)->Arg(12'000)->Unit(benchmark::kMillisecond);
BENCHMARK(few_quotes_changed)->Arg(12'000)->Unit(benchmark::kMillisecond);
BENCHMARK(quantlib_loop)->Arg(12'000)->Unit(benchmark::kMillisecond);
// Cost against number of contracts.
BENCHMARK(every_quote_changed)
    ->Arg(1'040)
    ->Arg(2'000)
    ->Arg(5'040)
    ->Arg(10'000)
    ->Arg(20'000)
    ->Arg(50'000)
    ->Arg(100'000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace isobar::gamma_fuel

BENCHMARK_MAIN();
