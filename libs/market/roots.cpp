#include <algorithm>
#include <array>

#include "market/root.hpp"

namespace isobar::market {

namespace {

constexpr price cents(std::int64_t n) { return price(n * 10'000'000); }
constexpr strike_width points(std::int64_t n) { return strike_width(n * nanos_per_unit); }
constexpr price no_bound{INT64_MAX};

/// Cboe SPX/SPXW/RUT and Nasdaq NDX/NDXP contract specifications: 0.05 below 3.00, 0.10 at or above.
constexpr std::array nickel_dime{tick_rule{cents(300), cents(5)}, tick_rule{no_bound, cents(10)}};
/// Penny Interval Program classes that trade in 0.01 at every price: SPY, QQQ, IWM; Cboe specification of XSP.
constexpr std::array penny{tick_rule{no_bound, cents(1)}};
/// CME Rulebook 358A and product page of ES options: 0.05 up to 5.00, 0.25 above. The recorded session of 2020-01-06
/// holds to it (nothing between 5 and 10 off the 0.25 grid); a later, finer rule would contain this grid.
constexpr std::array es_option{tick_rule{cents(500), cents(5)}, tick_rule{no_bound, cents(25)}};

/// Minute-quote files hold option prices of shares and indices in 1/10,000 and those of futures as they are.
constexpr std::int64_t scaled = 10'000, plain = 1;

constexpr settlement am = settlement::am, pm = settlement::pm;

/// CME Rulebook 358A until 2021: the quarterly options of ES (the root's only ones here) were American. Options on
/// shares and funds are too, but their early exercise hangs on dividends, which no input states: they count as
/// European, whose error is the premium of dividends before expiry.
constexpr bool american = true;

// root, symbol, vendor underlying, order symbol, weekly tag, settlement, multiplier, ticks, strike step, file scale[,
// american]
constexpr std::array roots{
    root_spec{"SPX", "SPX", "I:SPX", "SPX", false, am, 100, nickel_dime, points(5), scaled},
    root_spec{"SPXW", "SPX", "I:SPX", "SPX", true, pm, 100, nickel_dime, points(5), scaled},
    root_spec{"SPXM", "SPX", "I:SPX", "SPX", false, pm, 100, nickel_dime, points(5), scaled},
    root_spec{"NDX", "NDX", "I:NDX", "NDX", false, am, 100, nickel_dime, points(10), scaled},
    root_spec{"NDXP", "NDX", "I:NDX", "NDX", true, pm, 100, nickel_dime, points(10), scaled},
    root_spec{"RUT", "RUT", "I:RUT", "RUT", false, am, 100, nickel_dime, points(5), scaled},
    root_spec{"RUTW", "RUT", "I:RUT", "RUT", true, pm, 100, nickel_dime, points(5), scaled},
    root_spec{"XSP", "XSP", "I:XSP", "XSP", false, pm, 100, penny, points(1), scaled},
    root_spec{"SPY", "SPY", "SPY", "SPY", false, pm, 100, penny, points(1), scaled},
    root_spec{"QQQ", "QQQ", "QQQ", "QQQ", false, pm, 100, penny, points(1), scaled},
    root_spec{"IWM", "IWM", "IWM", "IWM", false, pm, 100, penny, points(1), scaled},
    root_spec{"ES", "ES", "ES", "ES", false, am, 50, es_option, points(5), plain, american},
};

}  // namespace

std::optional<root_spec> find_root(std::string_view root) {
  const auto found = std::find_if(roots.begin(), roots.end(), [root](const root_spec& r) { return r.root == root; });
  if (found == roots.end()) return std::nullopt;
  return *found;
}

std::vector<root_spec> roots_of(std::string_view symbol) {
  std::vector<root_spec> found;
  std::copy_if(roots.begin(), roots.end(), std::back_inserter(found),
               [symbol](const root_spec& r) { return r.symbol == symbol; });
  return found;
}

price round_to_tick(price p, const root_spec& root, rounding how) {
  if (p == no_price) return p;
  const std::int64_t size = p.value < 0 ? -p.value : p.value;
  const auto rule = std::find_if(root.ticks.begin(), root.ticks.end() - 1,
                                 [size](const tick_rule& t) { return size < t.under.value; });
  const std::int64_t tick = rule->tick.value;
  switch (how) {
    case rounding::up:
      return price(ceil_div(p.value, tick) * tick);
    case rounding::down:
      return price(floor_div(p.value, tick) * tick);
    case rounding::nearest:
      break;
  }
  return price(round_div(p.value, tick) * tick);
}

}  // namespace isobar::market
