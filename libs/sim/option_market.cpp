#include "sim/option_market.hpp"

#include <algorithm>
#include <cmath>

#include "market/black_scholes.hpp"
#include "sim/option_market_state.hpp"

namespace isobar::sim {
namespace {

/// A configuration whose widest ladder would span more steps than this is refused.
constexpr double widest_ladder = 20'000;

// Uses of the seed; the path has stream 1.
constexpr std::uint64_t quote_stream = 2, listing_stream = 3, burst_stream = 4;

}  // namespace

result<void, errc> check(const config& c) {
  if (!habits_of(c.symbol.str())) return fail(errc::unknown_symbol, "symbol " + c.symbol.str());
  const auto inside = [](double v, double low, double high) { return v >= low && v <= high; };
  const auto refuse = [](const char* field) { return fail(errc::out_of_range, field); };
  if (!inside(c.spot, 1, 1e6)) return refuse("spot");
  if (!inside(c.vix, 1, 200)) return refuse("vix");
  if (!inside(c.rate, -1, 1)) return refuse("rate");
  if (!inside(c.volatility_scale, 0, 100)) return refuse("volatility_scale");
  if (c.expirations < 1 || c.expirations > 60) return refuse("expirations");
  if (!inside(c.em_multiplier * c.strike_range_scale, 0.1, 50)) return refuse("strike_range_scale");
  // Sixty trading days reach about ninety calendar days out.
  const double half_range = strike_half_range(c.spot, c.vix, 90, c.em_multiplier * c.strike_range_scale);
  for (const market::root_spec& root : market::roots_of(c.symbol.str()))
    if (4 * half_range / to_double(root.strike_step) > widest_ladder) return refuse("strike_range_scale");
  if (!inside(c.quotes_per_second, 0, 5e6)) return refuse("quotes_per_second");
  if (!inside(c.burst_quotes_per_second, 0, 5e6)) return refuse("burst_quotes_per_second");
  if (c.burst_length.value < 0 || c.burst_every.value < 0) return refuse("burst_every");
  if (!inside(c.trade_ratio, 0, 1)) return refuse("trade_ratio");
  for (const double share : {c.customers.bias, c.customers.close_ratio, c.customers.inside_ratio})
    if (!inside(share, 0, 1)) return refuse("customers");
  if (!inside(c.customers.opening_share, 0, 1)) return refuse("customers.opening_share");
  if (!inside(c.missing_quote_ratio, 0, 1)) return refuse("missing_quote_ratio");
  if (!inside(c.random_geometry_changes_per_hour, 0, 3.6e6)) return refuse("random_geometry_changes_per_hour");
  if (c.geometry_change_every.value < 0) return refuse("geometry_change_every");
  if (c.duration.value < 0) return refuse("duration");
  // 2000 to 2100: the nanosecond clock and two-digit years hold.
  if (c.start.ns < 946'684'800'000'000'000 || c.start.ns > 4'102'444'800'000'000'000) return refuse("start");
  return {};
}

option_market::impl::impl(config given)
    : cfg(std::move(given)),
      regime(market::skew_regime_of(cfg.vix)),
      path({cfg.seed, cfg.start, cfg.spot, cfg.vix, cfg.volatility_scale}, step_width),
      quotes_rng(cfg.seed, quote_stream),
      listing_rng(cfg.seed, listing_stream),
      burst_rng(cfg.seed, burst_stream),
      crowd(cfg.seed, cfg.customers),
      now(cfg.start) {
  std::sort(cfg.geometry_changes.begin(), cfg.geometry_changes.end());
  roll(cfg.start);
}

market::chain_snapshot option_market::impl::snapshot() const {
  market::chain_snapshot chain;
  chain.symbol = cfg.symbol;
  chain.source = "sim";
  chain.ts_event = now;
  chain.spot = printed_spot();
  for (const plane& p : planes) {
    market::expiry_chain& e = chain.expiries.emplace_back();
    e.key = p.key, e.settles = p.root.settles, e.settles_at = p.settles_at, e.multiplier = p.root.multiplier;
    e.atm = at_the_money(chain.spot, p.root.strike_step);
    const bool alive = p.settles_at > now;
    const expiry_market m = market_of(p, now);
    e.contracts.reserve(2 * p.rungs.size());
    for (const rung& r : p.rungs) {
      const double sigma = alive ? smile_volatility(m, r.points, regime) : 0;
      const double gamma = alive ? market::black_76_gamma({m.forward, r.points, m.years, cfg.rate, sigma}) : 0;
      for (const market::right side : {market::right::call, market::right::put}) {
        e.contracts.push_back({r.strike, side, r.legs[static_cast<std::size_t>(side)].published});
        e.contracts.back().state.implied_volatility = sigma;
        e.contracts.back().state.gamma = gamma;
      }
    }
  }
  return chain;
}

std::vector<dealer_strike> option_market::impl::dealer_gamma() const {
  std::vector<dealer_strike> out;
  for (const plane& p : planes) {
    const bool alive = p.settles_at > now;
    const expiry_market m = market_of(p, now);
    for (const rung& r : p.rungs) {
      const auto& [call, put] = r.legs;
      const double sigma = alive ? smile_volatility(m, r.points, regime) : 0;
      out.push_back({p.key, r.strike, p.root.multiplier, call.dealers, put.dealers, call.dealers_opened,
                     put.dealers_opened, market::black_76_gamma({m.forward, r.points, m.years, cfg.rate, sigma})});
    }
  }
  return out;
}

const leg* option_market::impl::find(const market::option_id& id) const {
  for (const plane& p : planes) {
    if (p.key != market::expiry_key{id.expiry, id.root}) continue;
    const auto at = std::lower_bound(p.rungs.begin(), p.rungs.end(), id.strike,
                                     [](const rung& r, isobar::strike wanted) { return r.strike < wanted; });
    if (at != p.rungs.end() && at->strike == id.strike) return &at->legs[static_cast<std::size_t>(id.right)];
  }
  return nullptr;
}

// ---- the public face

option_market::option_market(config c) {
  ISOBAR_ASSERT(check(c).has_value());
  impl_ = std::make_unique<impl>(std::move(c));
}
option_market::~option_market() = default;
option_market::option_market(option_market&&) noexcept = default;
option_market& option_market::operator=(option_market&&) noexcept = default;

void option_market::impl::advance(timestamp until, std::vector<market::option_event>& out,
                                  std::vector<customer_trade>* trades) {
  if (cfg.duration.value > 0) until = std::min(until, cfg.start + cfg.duration);
  if (until <= now) return;
  emit(until, out, trades);
  while (step_start() < until) {
    generate_step();
    emit(until, out, trades);
  }
  now = until;
}

void option_market::advance(timestamp until, std::vector<market::option_event>& out) {
  impl_->advance(until, out, nullptr);
}
void option_market::advance(timestamp until, std::vector<market::option_event>& out,
                            std::vector<customer_trade>& trades) {
  impl_->advance(until, out, &trades);
}

timestamp option_market::now() const { return impl_->now; }
bool option_market::finished() const {
  return impl_->cfg.duration.value > 0 && impl_->now >= impl_->cfg.start + impl_->cfg.duration;
}
price option_market::spot() const { return impl_->printed_spot(); }
market::chain_snapshot option_market::snapshot() const { return impl_->snapshot(); }
const market_counters& option_market::counters() const { return impl_->counters; }
const config& option_market::configuration() const { return impl_->cfg; }

std::vector<dealer_strike> option_market::dealer_gamma() const { return impl_->dealer_gamma(); }

std::int64_t option_market::dealer_position(const market::option_id& id) const {
  const leg* l = impl_->find(id);
  return l == nullptr ? 0 : l->dealers;
}

std::vector<market::option_id> option_market::listed() const {
  std::vector<market::option_id> ids;
  ids.reserve(listed_count());
  for (const plane& p : impl_->planes)
    for (const rung& r : p.rungs)
      for (const market::right side : {market::right::call, market::right::put})
        ids.push_back({p.key.root, p.key.expiry, side, r.strike});
  return ids;
}

std::size_t option_market::listed_count() const {
  std::size_t count = 0;
  for (const plane& p : impl_->planes) count += 2 * p.rungs.size();
  return count;
}

}  // namespace isobar::sim
