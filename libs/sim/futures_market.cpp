#include "sim/futures_market.hpp"

#include <algorithm>
#include <cmath>

#include "sim/futures_flow.hpp"
#include "sim/futures_session.hpp"

namespace isobar::sim {

namespace {

constexpr duration_ns step_width = milliseconds(1);
constexpr double step_ns = 1e6, step_seconds = 1e-3;
/// How far ahead makers suspect the fair value, in steps.
constexpr std::size_t foresight = 150;
/// Records outside the session and before the auction, relative to the session's.
constexpr double quiet_rate = 0.2;
constexpr std::uint64_t rate_stream = 15, opening_stream = 16;
/// Activity comes in waves: logarithm's deviation, mean reversion in about a second; redrawn every so many steps.
constexpr double wave_deviation = 0.5, wave_memory = 0.98;
constexpr std::uint64_t wave_steps = 20;
/// Walls and stops are looked after every so many steps.
constexpr std::uint64_t tend_steps = 10;

/// The future's fair value in one step.
struct aim {
  double tick;
  bool jumped, in_session;
};

}  // namespace

result<void, futures_errc> check(const futures_market_config& c) {
  const auto inside = [](double v, double low, double high) { return v >= low && v <= high; };
  const auto refuse = [](const char* field) { return fail(futures_errc::out_of_range, field); };
  if (c.symbol.str().empty() || c.asset.empty()) return refuse("symbol");
  if (c.tick.value < 1 || c.tick.value > 1'000 * nanos_per_unit) return refuse("tick");
  if (c.multiplier < 1) return refuse("multiplier");
  if (c.path.start != c.start) return refuse("path.start");
  if (!inside(c.path.vix, 1, 200)) return refuse("vix");
  if (!inside(c.path.volatility_scale, 0, 100)) return refuse("volatility_scale");
  if (!inside(static_cast<double>(c.extent_ticks), 64, 20'000)) return refuse("extent_ticks");
  // The path may fall to a twentieth and rise twentyfold: ticks stay positive and the ladder finite.
  const double ticks = c.path.spot * c.ratio / to_double(c.tick);
  if (!inside(ticks, 2'000, 1e6)) return refuse("price");
  if (!inside(c.events_per_second, 0, 5e6)) return refuse("events_per_second");
  if (!inside(c.burst_events_per_second, 0, 5e6)) return refuse("burst_events_per_second");
  if (c.burst_length.value < 0 || c.burst_every.value < 0) return refuse("burst_every");
  if (c.orders < 400 || c.orders > 4'000'000) return refuse("orders");
  if (!inside(c.depth_per_level, 1, 100'000)) return refuse("depth_per_level");
  for (const double share : {c.trade_share, c.iceberg_share, c.pull_ahead})
    if (!inside(share, 0, 1)) return refuse("trade_share");
  if (!inside(c.walls_per_minute, 0, 6'000)) return refuse("walls_per_minute");
  if (!inside(c.stop_runs_per_hour, 0, 3.6e5)) return refuse("stop_runs_per_hour");
  if (c.auction.value < 0 || c.auction.value % step_width.value != 0) return refuse("auction");
  if (c.duration.value < 0) return refuse("duration");
  if (c.snapshot_age.value < 1) return refuse("snapshot_age");
  // 2000 to 2100: the nanosecond clock and two-digit years hold.
  if (c.start.ns < 946'684'800'000'000'000 || c.start.ns > 4'102'444'800'000'000'000) return refuse("start");
  return {};
}

struct futures_market::impl {
  explicit impl(futures_market_config given);

  void look_ahead();
  const aim& aim_at(std::uint64_t s) const { return aims[s % aims.size()]; }
  void open_session();
  void hold_auction(timestamp t);
  void generate_step();
  double records_per_ns(timestamp t, const aim& a);
  void emit(timestamp until, std::vector<market::book_event>& out);
  timestamp step_start() const { return cfg.start + step_width * static_cast<std::int64_t>(step); }
  double fair_ticks() const { return path.spot() * cfg.ratio / to_double(cfg.tick); }

  futures_market_config cfg;
  spot_path path;
  std::vector<aim> aims;  ///< ring: what the path says from this step to `foresight` steps ahead
  std::uint64_t path_steps = 0;
  futures_profile profile;
  futures_exchange exchange;
  futures_flow flow;
  random rate_rng;

  std::uint64_t step = 0;  ///< next to generate
  bool trading;
  timestamp burst_until = start_of_time;
  double wave = 0, activity = 1;
  double due = 1;                  ///< records' worth of time until the next event
  double records_per_event = 1.3;  ///< running mean: events of many records make room for themselves
  std::size_t emitted = 0;         ///< of exchange.records()
  std::vector<futures_fact> facts;
  timestamp now;
};

futures_market::impl::impl(futures_market_config given)
    : cfg(std::move(given)),
      path(cfg.path, step_width),
      aims(foresight + 1),
      profile(cfg),
      exchange(cfg,
               std::max<market::tick_index>(0, static_cast<market::tick_index>(fair_ticks()) - 2 * cfg.extent_ticks),
               static_cast<market::tick_index>(fair_ticks()) + 2 * cfg.extent_ticks),
      flow(cfg, profile, exchange),
      rate_rng(cfg.seed, rate_stream),
      trading(cfg.auction.value == 0),
      now(cfg.start) {
  for (std::size_t i = 0; i < foresight; ++i) look_ahead();
  facts = opening_facts(cfg, aim_at(0).tick * to_double(cfg.tick));
}

void futures_market::impl::look_ahead() {
  path.advance(cfg.start + step_width * static_cast<std::int64_t>(path_steps));
  aims[path_steps % aims.size()] = {fair_ticks(), path.jumped(), path.in_session()};
  ++path_steps;
}

void futures_market::impl::open_session() {
  std::vector<futures_exchange::entry> orders;
  std::vector<timestamp> times;
  random r(cfg.seed, opening_stream);
  profile.plan(cfg, flow.target(), r, orders, times);
  exchange.open(orders, times, cfg.clear && cfg.snapshot, cfg.snapshot);
}

void futures_market::impl::hold_auction(timestamp t) {
  exchange.at(t);
  flow.cross_at_least_once();
  const std::size_t said = exchange.records().size();
  exchange.auction(flow.target());
  const auto& records = exchange.records();
  const auto print = std::find_if(records.begin() + static_cast<std::ptrdiff_t>(said), records.end(),
                                  [](const market::book_event& e) { return e.action == market::book_action::trade; });
  if (print != records.end()) facts.emplace_back(opening_price(t + step_width, print->price));
  trading = true;
}

double futures_market::impl::records_per_ns(timestamp t, const aim& a) {
  if (step % wave_steps == 0) {
    wave = wave_memory * wave + std::sqrt(1 - wave_memory * wave_memory) * rate_rng.normal();
    activity = std::exp(wave_deviation * wave - 0.5 * wave_deviation * wave_deviation);
  }
  const double draw = rate_rng.uniform();
  double rate = a.in_session && trading ? cfg.events_per_second : quiet_rate * cfg.events_per_second;
  if (cfg.burst_every.value > 0 && a.in_session && trading) {
    if (t >= burst_until && (a.jumped || draw < step_ns / static_cast<double>(cfg.burst_every.value))) {
      burst_until = t + cfg.burst_length;
      ++exchange.counters().bursts;
    }
    if (t < burst_until) return std::max(cfg.burst_events_per_second, rate) / 1e9;
  }
  const timestamp asked = cfg.start + cfg.burst_at;
  if (cfg.burst_at.value >= 0 && t >= asked && t < asked + cfg.burst_length)
    return std::max(cfg.burst_events_per_second, rate) / 1e9;
  return rate * activity / 1e9;
}

void futures_market::impl::generate_step() {
  const timestamp t = step_start(), end = t + step_width;
  look_ahead();
  const aim& a = aim_at(step);
  flow.aim(a.tick, aim_at(path_steps - 1).tick, a.jumped && trading);
  if (step == 0) open_session();
  exchange.at(t);
  if (!trading && t - cfg.start >= cfg.auction) hold_auction(t);
  if (trading && step % tend_steps == 0) flow.tend(step_seconds * tend_steps, end);

  const double rate = records_per_ns(t, a);
  double passed = 0;  // ns of the step
  while (rate > 0 && due <= (step_ns - passed) * rate) {
    passed += due / rate;
    exchange.at(t + duration_ns{std::min(static_cast<std::int64_t>(passed), step_width.value - 1)});
    const std::size_t before = exchange.records().size();
    trading ? flow.act(end) : flow.before_open();
    records_per_event += 0.002 * (static_cast<double>(exchange.records().size() - before) - records_per_event);
    due = -std::log(1 - rate_rng.uniform()) * records_per_event;
  }
  due -= (step_ns - passed) * rate;
  ++step;
}

void futures_market::impl::emit(timestamp until, std::vector<market::book_event>& out) {
  auto& records = exchange.records();
  std::size_t upto = emitted;
  while (upto < records.size() && delivered_at(records[upto], cfg.start) < until) ++upto;
  out.insert(out.end(), records.begin() + static_cast<std::ptrdiff_t>(emitted),
             records.begin() + static_cast<std::ptrdiff_t>(upto));
  emitted = upto;
  if (emitted == records.size()) {
    records.clear();
    emitted = 0;
  }
}

// ---- the public face

futures_market::futures_market(futures_market_config c) {
  ISOBAR_ASSERT(check(c).has_value());
  impl_ = std::make_unique<impl>(std::move(c));
}
futures_market::~futures_market() = default;
futures_market::futures_market(futures_market&&) noexcept = default;
futures_market& futures_market::operator=(futures_market&&) noexcept = default;

void futures_market::advance(timestamp until, std::vector<market::book_event>& out) {
  if (impl_->cfg.duration.value > 0) until = std::min(until, impl_->cfg.start + impl_->cfg.duration);
  if (until <= impl_->now) return;
  impl_->emit(until, out);
  while (impl_->step_start() < until) {
    impl_->generate_step();
    impl_->emit(until, out);
  }
  impl_->now = until;
}

std::vector<futures_fact> futures_market::facts(timestamp from, timestamp until) const {
  std::vector<futures_fact> found;
  for (const futures_fact& f : impl_->facts)
    if (time_of(f) >= from && time_of(f) < until) found.push_back(f);
  return found;
}

timestamp futures_market::now() const { return impl_->now; }
bool futures_market::finished() const {
  return impl_->cfg.duration.value > 0 && impl_->now >= impl_->cfg.start + impl_->cfg.duration;
}
std::int64_t futures_market::fair_tick() const { return impl_->flow.target(); }
const futures_book& futures_market::book() const { return impl_->exchange.book(); }
const futures_counters& futures_market::counters() const { return impl_->exchange.counters(); }
const futures_market_config& futures_market::configuration() const { return impl_->cfg; }
const market::instrument& futures_market::instrument() const {
  return std::get<market::instrument>(impl_->facts.front());
}

}  // namespace isobar::sim
