#include "gamma-fuel/config.hpp"

#include <algorithm>
#include <array>

#include "config/fields.hpp"
#include "core/decimal.hpp"
#include "gamma-fuel/config_fields.hpp"
#include "gamma-fuel/domain/fuel_thresholds.hpp"
#include "market/futures_product.hpp"
#include "market/root.hpp"

namespace isobar::gamma_fuel {
namespace {

const std::string prefix = "gamma-fuel.";

/// Which options a futures product is read from, and its price per price of their underlying (the live basis comes on
/// top). The first that a process serves is taken. Indices: the future's own; ETFs: one share per 1/10 or 1/40 of it.
struct option_row {
  std::string_view asset, option_symbol;
  double scale;
  bool fund = false;  ///< the options are on shares of a fund
};
constexpr std::array option_table{
    option_row{"ES", "SPX", 1},         option_row{"ES", "SPY", 10, true},  option_row{"MES", "SPX", 1},
    option_row{"MES", "SPY", 10, true}, option_row{"NQ", "NDX", 1},         option_row{"NQ", "QQQ", 40, true},
    option_row{"MNQ", "NDX", 1},        option_row{"MNQ", "QQQ", 40, true}, option_row{"RTY", "RUT", 1},
    option_row{"RTY", "IWM", 10, true}, option_row{"M2K", "RUT", 1},        option_row{"M2K", "IWM", 10, true},
    option_row{"YM", "DJX", 100, true},  // of the size of a share of its fund
};

std::unexpected<failure<errc>> refuse(std::string evidence) { return fail(errc::out_of_range, prefix + evidence); }

const auto fields = [](symbol_settings& s, auto& v) { visit_fields(s, v); };

/// Those of the product first, then those of the symbol itself.
result<symbol_settings, errc> settings_of(const options& o, const symbol& s) {
  auto out = config::overridden(o.all, o.overrides, s.str(), market::futures_product_of(s.str()), fields);
  if (!out) return refuse(out.error());
  return std::move(*out);
}

/// A decimal of points that is not negative, or `otherwise` for empty text.
result<price, errc> read_price(const char* name, const std::string& text, price otherwise) {
  if (text.empty()) return otherwise;
  const auto nanos = parse_nanos(text);
  if (!nanos || *nanos < 0) return refuse(std::string(name) + ": \"" + text + "\" is not a decimal of 0 or more");
  return price(*nanos);
}

result<expiry_choice, errc> read_expiries(const symbol_settings& s) {
  std::string why;
  if (auto read = parse_expiry_choice(s.expiries, why)) return std::move(*read);
  return refuse("expiries: " + why);
}

/// A price that the grid step scales: `tenths` of it where the text is empty.
result<void, errc> set_price(const char* name, const std::string& text, price step, std::int64_t tenths, price& to) {
  const auto read = read_price(name, text, price(step.value * tenths / 10));
  if (!read) return std::unexpected(read.error());
  to = *read;
  return {};
}

/// What a registry symbol is traded as: a known future, an option symbol by its roots, or neither.
struct product_facts {
  price tick{10'000'000}, step{5 * nanos_per_unit};
  std::int64_t multiplier = 100;
  std::string_view asset;
  bool known = false;  ///< false: all of it is a guess
};
product_facts facts_of(const symbol& s) {
  product_facts out;
  if (const auto asset = market::futures_product_of(s.str())) {
    if (const auto* p = market::find_futures_product(*asset))
      return {
          .tick = p->tick, .step = p->strike_spacing, .multiplier = p->multiplier, .asset = p->asset, .known = true};
  }
  const auto roots = market::roots_of(s.str());
  if (!roots.empty()) {
    out.step = price(roots.front().strike_step.value);
    out.multiplier = roots.front().multiplier;
    out.known = true;
  }
  return out;
}

result<void, errc> set_options(const symbol& name, const symbol_settings& s, const std::vector<symbol>& symbols,
                               const std::vector<symbol>& futures, const product_facts& facts, bool future,
                               symbol_plan& to) {
  const auto served = [&](std::string_view text) {
    return std::find_if(symbols.begin(), symbols.end(), [&](const symbol& x) { return x.str() == text; });
  };
  to.rules.option_symbol = name.str();
  to.rules.scale = 1;
  if (const auto own = served(name.str()); own != symbols.end()) {
    to.options.chains = *own;
    if (future) to.options.feed = name;
    return {};
  }
  if (s.options == "none") return {};
  if (s.options == "feed") {
    to.options.feed = name;
    return {};
  }
  const bool automatic = s.options == "auto";
  bool known = automatic;
  for (const option_row& row : option_table) {
    if (row.asset != facts.asset ||
        (automatic ? served(row.option_symbol) == symbols.end() : s.options != row.option_symbol))
      continue;
    to.rules.scale = row.scale;
    to.rules.option_symbol = row.option_symbol;
    known = true;
    break;
  }
  if (!automatic) to.rules.option_symbol = s.options;
  if (to.rules.option_symbol == name.str()) {
    to.options.feed = name;
    return {};
  }
  auto chains = symbol::parse(to.rules.option_symbol);
  if (!chains) return refuse("options: \"" + s.options + "\" is neither auto, feed, none nor a symbol");
  if (!known && s.scale.empty())
    return refuse("options: how " + name.str() + " follows from " + s.options +
                  " is not known: give scale too (points of the future per point of the options' underlying)");
  to.options.chains = *chains;
  const bool has_feed = std::find(futures.begin(), futures.end(), *chains) != futures.end();
  if (s.option_feed == chains->str() || (s.option_feed == "auto" && has_feed))
    to.options.feed = *chains;
  else if (s.option_feed != "auto" && s.option_feed != "none")
    return refuse("option-feed: \"" + s.option_feed + "\" is neither auto, none nor " + chains->str() +
                  ", whose options " + name.str() + " is read from");
  return {};
}

result<void, errc> set_prices(const symbol_settings& s, const product_facts& facts, gamma_config& c) {
  const auto tick = read_price("tick", s.tick, facts.tick);
  if (!tick) return std::unexpected(tick.error());
  const auto step = read_price("grid-step", s.grid_step, facts.step);
  if (!step) return std::unexpected(step.error());
  c.tick = *tick;
  c.grid.step = *step;
  struct row {
    const char* name;
    const std::string& text;
    std::int64_t tenths;
    price& to;
  };
  // Of ES: 60, 20, 10, 50, 0.5, 5, 2 and 2 points at 5 points a strike.
  const row rows[] = {{"grid-half-range", s.grid_half_range, 120, c.grid.half_range},
                      {"fuel-reach", s.fuel_reach, 40, c.fuel.reach},
                      {"round-step", s.round_step, 20, c.levels.round_step},
                      {"level-reach", s.level_reach, 100, c.levels.reach},
                      {"touch-band", s.touch_band, 1, c.levels.touch_band},
                      {"monitor-band", s.monitor_band, 10, c.levels.monitor_band},
                      {"confluence-band", s.confluence_band, 4, c.levels.confluence_band},
                      {"approach-band", s.approach_band, 4, c.signals.approach}};
  for (const row& r : rows)
    if (auto ok = set_price(r.name, r.text, *step, r.tenths, r.to); !ok) return ok;
  return {};
}

/// Points of a futures product per point of a share of its index's fund.
std::optional<double> share_scale(std::string_view asset) {
  for (const option_row& row : option_table)
    if (row.fund && row.asset == asset) return row.scale;
  return std::nullopt;
}

/// Of any symbol: by the table for its index or fund, else twice its strike spacing (spacings are about half a percent
/// of a share's scale: ES 5 points at 10, CL 0.5 at 1).
double share_scale(const symbol& name, const product_facts& facts, price step) {
  if (const auto known = share_scale(facts.asset)) return *known;
  for (const option_row& row : option_table) {
    if (row.option_symbol != name.str()) continue;
    if (row.fund) return 1;
    if (const auto of_future = share_scale(row.asset)) return *of_future / row.scale;
  }
  return 2 * to_double(facts.known ? facts.step : step);
}

result<void, errc> set_fuel(const symbol& name, const symbol_settings& s, const product_facts& facts, gamma_config& c) {
  double scale = share_scale(name, facts, c.grid.step);
  if (!s.fuel_scale.empty()) {
    const auto nanos = parse_nanos(s.fuel_scale);
    if (!nanos || *nanos <= 0) return refuse("fuel-scale: \"" + s.fuel_scale + "\" is not a positive decimal");
    scale = static_cast<double>(*nanos) / 1e9;
  }
  const fuel_thresholds usual = c.rules == compat::literal ? share_thresholds : thresholds_at(scale);
  c.fuel.amplify = s.fuel_amplify != 0 ? s.fuel_amplify : usual.amplify;
  c.fuel.dampen = s.fuel_dampen != 0 ? s.fuel_dampen : usual.dampen;
  c.fuel.wall = s.fuel_wall != 0 ? s.fuel_wall : usual.wall;
  return {};
}

/// Where volume by price comes from.
result<void, errc> set_volume(const symbol_settings& s, symbol_plan& to) {
  gamma_config& c = to.rules;
  const bool chains = to.options.chains.has_value();
  if (s.volume == "trades" && !to.future)
    return refuse("volume: trades are those of a future, " + c.symbol + " is none");
  if (s.volume == "options" && !chains) return refuse("volume: no option symbol is read for " + c.symbol);
  c.volume = volume_source::none;
  if (s.volume == "trades" || (s.volume == "auto" && to.future)) c.volume = volume_source::trades;
  if (s.volume == "options" || (s.volume == "auto" && !to.future && chains)) c.volume = volume_source::options;
  to.side_volume = c.volume == volume_source::options;
  return {};
}

sign_model model_of(const std::string& text) {
  if (text == "puts-positive") return sign_model::puts_positive;
  if (text == "all-short") return sign_model::all_short;
  return text == "flow" ? sign_model::flow : sign_model::calls_positive;
}

void set_rules(const symbol_settings& s, gamma_config& c) {
  c.rules = s.compat == "literal" ? compat::literal : compat::corrected;
  c.live_basis = s.live_basis && s.compat != "literal";  // literal: the fixed factor
  c.basis_half_life = milliseconds(s.basis_half_life_ms);
  c.window = milliseconds(s.window_ms);
  c.radar_model = model_of(s.radar_model);
  c.underlying_stale = milliseconds(s.underlying_stale_ms);
  c.regime_threshold = s.regime_threshold;
  c.regular_hours_only = s.regular_hours_only;
  c.pricing = {.rate = s.rate,
               .dividend_yield = s.dividend_yield,
               .forward = s.forward == "parity" ? forward_rule::parity : forward_rule::carry,
               .zero_bid_spread_ticks = static_cast<int>(s.zero_bid_spread_ticks),
               .quote_stale = milliseconds(s.quote_stale_ms)};
  c.fuel.window = milliseconds(s.fuel_window_ms);
  c.fuel.half_life = milliseconds(s.fuel_half_life_ms);
  c.fuel.hysteresis = s.fuel_hysteresis;
  c.levels.levels_max = static_cast<std::size_t>(s.levels_max);
  c.levels.user_levels_max = static_cast<std::size_t>(s.user_levels_max);
  c.levels.opening_range = milliseconds(s.opening_range_ms);
  c.levels.sma_bar = milliseconds(s.sma_bar_ms);
  c.levels.sma_short = static_cast<int>(s.sma_short);
  c.levels.sma_long = static_cast<int>(s.sma_long);
  c.levels.approach_window = milliseconds(s.approach_window_ms);
  c.levels.touch_cooldown = milliseconds(s.touch_cooldown_ms);
  signal_config& g = c.signals;
  g.period = milliseconds(s.signal_period_ms);
  g.barrier_weight = s.barrier_weight;
  g.fuel_weight = s.fuel_weight;
  g.tape_weight = s.tape_weight;
  g.break_above = s.break_above;
  g.bounce_below = s.bounce_below;
  g.release = s.release;
  g.hold = milliseconds(s.hold_ms);
  g.contested_low = s.contested_low;
  g.contested_high = s.contested_high;
  g.contested_lots = static_cast<std::uint64_t>(s.contested_lots);
  g.tau_score = milliseconds(s.tau_score_ms);
  g.tau_velocity = milliseconds(s.tau_velocity_ms);
  g.tau_liquidity = milliseconds(s.tau_liquidity_ms);
  g.tau_fuel = milliseconds(s.tau_fuel_ms);
  g.full_velocity = s.full_velocity > 0 ? s.full_velocity : to_double(c.grid.step);
  g.alert_quiet = milliseconds(s.alert_quiet_ms);
}

}  // namespace

void options::declare(config::schema& s) {
  config::declaring_fields v(s, prefix);
  visit_fields(all, v);
  s.option(prefix + "override", overrides,
           "Options of one symbol or product: SYMBOL:NAME=VALUE, comma-separated, e.g. ES:radar-model=flow");
  v.integer("history-windows", history_windows, "Landscapes kept per symbol", 1, 1'000'000);
  v.integer("history-bytes-max", history_bytes_max, "Bytes of landscapes kept per symbol", 1 << 16,
            std::int64_t{16} << 30);
  v.integer("history-expiry-bytes-max", history_expiry_bytes_max, "Bytes of landscapes by expiry kept per symbol",
            1 << 16, std::int64_t{16} << 30);
  v.integer("history-alerts", history_alerts, "Alerts kept per symbol", 1, 100'000);
  v.integer("queue-frames-max", queue_frames_max, "Frames queued per subscription and symbol", 1, 1'000'000);
  v.integer("held-frames-max", held_frames_max, "Frames of rows and of trades held while their epoch is unknown", 1,
            100'000);
  v.integer("option-events-max", option_events_max, "Option events that wait for their time, per input", 1'024,
            1 << 26);
  v.integer("market-events-max", market_events_max, "Quotes, and trades, that wait for their time", 1'024, 1 << 26);
  v.integer("level-states-max", level_states_max, "Readings of radar-physics that wait for their tick", 16, 1 << 20);
  v.integer("resync-ms", resync_ms, "First wait between two requests for a base window, ms; doubles", 1, 60'000);
  v.integer("resync-ms-max", resync_ms_max, "Longest wait between two requests for a base window, ms", 1, 600'000);
  v.integer("epoch-wait-ms", epoch_wait_ms,
            "Time after which rows of an epoch that nobody knows are dropped and flagged, ms of the clock", 100,
            3'600'000);
  v.integer("leap-max-ms", leap_max_ms,
            "Event time that an input may go forward at once before the frame must be confirmed by the next one, ms",
            60'000, std::int64_t{10} * 366 * 86'400'000);
  v.integer("lateness-ms", lateness_ms,
            "Live: windows and signals are given by the clock this long after their instant, ms; below ws-hydrator's "
            "lateness and window together every window is flagged",
            0, 60'000);
  v.integer("ready-within-ms", ready_within_ms, "Live: ready only if every symbol heard of its inputs within this, ms",
            100, 3'600'000);
  v.integer("checkpoint-windows", checkpoint_windows, "Windows between two checkpoints; 0: none", 0, 1'000'000);
  v.integer("checkpoint-ms-min", checkpoint_ms_min, "Least time between two checkpoints, ms of the clock", 0, 600'000);
  v.integer("kept-bytes-max", kept_bytes_max,
            "Replay: bytes of gex.surface, and of level.set, kept until radar-physics needs them no more", 0,
            std::int64_t{1} << 32);
  v.choice("resume", resume, {"auto", "true", "false"},
           "Go on from the checkpoint at start; auto: live, from a bus that outlives the process");
  v.flag("record", record, "Keep every frame of the gex and level subjects in the data folder");
  v.integer("session-start-minutes", session_start_minutes,
            "Recordings: a session begins so many minutes after 00:00 UTC", 0, 1'439);
  v.flag("kv", kv, "Keep the latest landscape in the key-value bucket \"gex\"");
  v.integer("streams-max", streams_max, "Subscribers of each stream at a time", 1, 100'000);
  v.integer("stream-stall-ms", stream_stall_ms, "Time after which a subscriber that does not read is ended, ms", 100,
            600'000);
  v.integer("calls-max", calls_max, "Explain and user-level requests at a time", 1, 10'000);
}

result<void, errc> options::check_overrides(const std::vector<symbol>& symbols,
                                            const std::vector<symbol>& futures) const {
  for (const std::string& text : overrides) {
    symbol_settings with = all;
    const auto e = config::apply_override(text, with, fields);
    if (!e) return refuse(e.error());
    gamma_config scratch;
    if (const auto ok = read_expiries(with); !ok) return std::unexpected(ok.error());
    if (auto ok = set_prices(with, {}, scratch); !ok) return ok;
    const auto meant = [&](const symbol& s) {
      return s.str() == e->who || market::futures_product_of(s.str()) == e->who;
    };
    const bool known = market::find_futures_product(e->who) != nullptr ||
                       std::any_of(symbols.begin(), symbols.end(), meant) ||
                       std::any_of(futures.begin(), futures.end(), meant);
    if (!known)
      return refuse("override: \"" + text + "\": \"" + std::string(e->who) +
                    "\" is neither a known product nor a symbol of this process");
  }
  return {};
}

resume_mode options::resume_at_start() const {
  return resume == "auto" ? resume_mode::automatic : resume == "true" ? resume_mode::yes : resume_mode::no;
}

merge_limits options::queues() const {
  return {.option_items = static_cast<std::size_t>(option_events_max),
          .market_items = static_cast<std::size_t>(market_events_max),
          .level_states = static_cast<std::size_t>(level_states_max)};
}

result<symbol_plan, errc> options::plan(const symbol& name, bool future, const std::vector<symbol>& symbols,
                                        const std::vector<symbol>& futures) const {
  const auto s = settings_of(*this, name);
  if (!s) return std::unexpected(s.error());
  if (resync_ms > resync_ms_max) return refuse("resync-ms is above gamma-fuel.resync-ms-max");
  const product_facts facts = facts_of(name);
  if (future && facts.asset.empty() && (s->tick.empty() || s->multiplier == 0 || s->grid_step.empty()))
    return refuse("override: the product of " + name.str() + " is not known; give " + name.str() + ":tick=POINTS, " +
                  name.str() + ":multiplier=UNITS and " + name.str() + ":grid-step=POINTS");
  symbol_plan out;
  out.future = future;
  gamma_config& c = out.rules;
  c.symbol = name.str();
  if (auto ok = set_options(name, *s, symbols, futures, facts, future, out); !ok) return std::unexpected(ok.error());
  if (auto ok = set_prices(*s, facts, c); !ok) return std::unexpected(ok.error());
  c.contract_multiplier = s->multiplier != 0 ? s->multiplier : facts.multiplier;
  set_rules(*s, c);
  auto expiries = read_expiries(*s);
  if (!expiries) return std::unexpected(expiries.error());
  c.expiries = std::move(*expiries);
  if (auto ok = set_fuel(name, *s, facts, c); !ok) return std::unexpected(ok.error());
  if (auto ok = set_volume(*s, out); !ok) return std::unexpected(ok.error());
  if (!s->scale.empty()) {
    const auto nanos = parse_nanos(s->scale);
    if (!nanos || *nanos <= 0) return refuse("scale: \"" + s->scale + "\" is not a positive decimal");
    c.scale = static_cast<double>(*nanos) / 1e9;
  }
  out.side_chain = s->side_chain;
  out.side_rows = s->side_rows;
  out.side_flow = s->side_flow;
  out.side_radar = s->side_radar && future;
  if (auto ok = check(c); !ok) return refuse(name.str() + ": " + ok.error().evidence);
  return out;
}

}  // namespace isobar::gamma_fuel
