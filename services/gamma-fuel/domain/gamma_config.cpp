#include "gamma-fuel/domain/gamma_config.hpp"

#include <array>
#include <charconv>

#include "core/archive.hpp"
#include "core/digest.hpp"

namespace isobar::gamma_fuel {
namespace {

/// Changes whenever the same configuration and input could give other bytes.
constexpr std::uint32_t rules_version = 3;
constexpr std::int64_t price_max = std::int64_t{1} << 50;

/// First field out of its bounds.
struct checker {
  std::string wrong;

  template <class T>
  void in(const char* name, T value, T low, T high) {
    if (wrong.empty() && !(value >= low && value <= high))  // NaN is out of range too
      wrong = std::string(name) + " " + std::to_string(value) + " is not within " + std::to_string(low) + " to " +
              std::to_string(high);
  }
  void in(const char* name, price value, std::int64_t low, std::int64_t high = price_max) {
    in(name, value.value, low, high);
  }
  void in(const char* name, duration_ns value, duration_ns low, duration_ns high) {
    in(name, value.value, low.value, high.value);
  }
  void that(bool holds, const char* what) {
    if (wrong.empty() && !holds) wrong = what;
  }
};

void check(const grid_config& c, checker& bounds) {
  bounds.in("grid.step", c.step, 1'000'000);
  bounds.in("grid.half_range", c.half_range, 0);
  bounds.that(c.step.value <= 0 || c.half_range.value / c.step.value <= 1'000,
              "grid.half_range is more than 1000 grid.step");
}

void check(const pricing_config& c, checker& bounds) {
  bounds.in("pricing.rate", c.rate, -0.5, 1.0);
  bounds.in("pricing.dividend_yield", c.dividend_yield, -0.5, 1.0);
  bounds.in("pricing.zero_bid_spread_ticks", c.zero_bid_spread_ticks, 0, 1'000);
  bounds.in("pricing.quote_stale", c.quote_stale, {0}, seconds(31 * 86'400));
}

void check(const fuel_config& c, checker& bounds) {
  bounds.in("fuel.window", c.window, seconds(1), seconds(86'400));
  bounds.in("fuel.half_life", c.half_life, {0}, seconds(86'400));
  bounds.in("fuel.reach", c.reach, 0);
  bounds.in("fuel.amplify", c.amplify, -1e15, 0.0);
  bounds.in("fuel.dampen", c.dampen, 0.0, 1e15);
  bounds.in("fuel.hysteresis", c.hysteresis, 0.0, 1.0);
  bounds.in("fuel.wall", c.wall, 0.0, 1e15);
}

void check(const level_config& c, checker& bounds) {
  bounds.in("levels.round_step", c.round_step, 0);
  bounds.in("levels.reach", c.reach, 0);
  bounds.that(c.round_step.value <= 0 || c.reach.value / c.round_step.value <= 1'000,
              "levels.reach is more than 1000 levels.round_step");
  bounds.in("levels.touch_band", c.touch_band, 0);
  bounds.in("levels.monitor_band", c.monitor_band, 0);
  bounds.in("levels.confluence_band", c.confluence_band, 0);
  bounds.in("levels.levels_max", c.levels_max, std::size_t{1}, std::size_t{256});
  bounds.in("levels.user_levels_max", c.user_levels_max, std::size_t{0}, std::size_t{256});
  bounds.in("levels.opening_range", c.opening_range, seconds(1), seconds(86'400));
  bounds.in("levels.sma_bar", c.sma_bar, seconds(1), seconds(86'400));
  bounds.in("levels.sma_short", c.sma_short, 1, 100'000);
  bounds.in("levels.sma_long", c.sma_long, 1, 100'000);
  bounds.in("levels.approach_window", c.approach_window, seconds(1), seconds(86'400));
  bounds.in("levels.touch_cooldown", c.touch_cooldown, {0}, seconds(86'400));
}

void check(const signal_config& c, checker& bounds) {
  bounds.in("signals.period", c.period, milliseconds(10), seconds(60));
  bounds.in("signals.barrier_weight", c.barrier_weight, 0.0, 1.0);
  bounds.in("signals.fuel_weight", c.fuel_weight, 0.0, 1.0);
  bounds.in("signals.tape_weight", c.tape_weight, 0.0, 1.0);
  bounds.in("signals.break_above", c.break_above, 0.0, 100.0);
  bounds.in("signals.bounce_below", c.bounce_below, 0.0, 100.0);
  bounds.in("signals.release", c.release, 0.0, 100.0);
  bounds.in("signals.hold", c.hold, {0}, seconds(3'600));
  bounds.in("signals.contested_low", c.contested_low, 0.0, 100.0);
  bounds.in("signals.contested_high", c.contested_high, 0.0, 100.0);
  for (const duration_ns tau : {c.tau_score, c.tau_velocity, c.tau_liquidity, c.tau_fuel})
    bounds.in("signals: a time constant", tau, {0}, seconds(3'600));
  bounds.in("signals.full_velocity", c.full_velocity, 1e-9, 1e9);
  bounds.in("signals.approach", c.approach, 0);
  bounds.in("signals.alert_quiet", c.alert_quiet, {0}, seconds(86'400));
}

template <class Archive>
void fields(Archive& a, const gamma_config& c) {
  a(c.rules, c.symbol, c.option_symbol, c.tick, c.contract_multiplier, c.scale, c.live_basis, c.basis_half_life.value,
    c.window.value, c.expiries, c.radar_model, c.underlying_stale.value, c.regime_threshold, c.regular_hours_only,
    c.volume);
  a(c.grid.step, c.grid.half_range);
  const pricing_config& p = c.pricing;
  a(p.rate, p.dividend_yield, p.forward, p.zero_bid_spread_ticks, p.quote_stale.value);
  const fuel_config& f = c.fuel;
  a(f.window.value, f.half_life.value, f.reach, f.amplify, f.dampen, f.hysteresis, f.wall);
  const level_config& l = c.levels;
  a(l.round_step, l.reach, l.touch_band, l.monitor_band, l.confluence_band, static_cast<std::uint64_t>(l.levels_max),
    static_cast<std::uint64_t>(l.user_levels_max), l.opening_range.value, l.sma_bar.value, l.sma_short, l.sma_long,
    l.approach_window.value, l.touch_cooldown.value);
  const signal_config& s = c.signals;
  a(s.period.value, s.barrier_weight, s.fuel_weight, s.tape_weight, s.break_above, s.bounce_below, s.release,
    s.hold.value, s.contested_low, s.contested_high, s.contested_lots, s.tau_score.value, s.tau_velocity.value,
    s.tau_liquidity.value, s.tau_fuel.value, s.full_velocity, s.approach, s.alert_quiet.value);
}

std::string_view words_of(volume_source s) {
  switch (s) {
    case volume_source::none:
      return "no volume profile";
    case volume_source::trades:
      return "volume by trades";
    case volume_source::options:
      return "volume by options' trades at their underlying";
  }
  return "?";
}

std::string percent(double share) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), share * 100, std::chars_format::fixed, 2).ptr;
  return std::string(text.data(), end) + " %";
}

std::string_view words_of(sign_model m) {
  switch (m) {
    case sign_model::calls_positive:
      return "calls+ puts-; open interest";
    case sign_model::puts_positive:
      return "calls- puts+; open interest";
    case sign_model::all_short:
      return "dealers short all; open interest";
    case sign_model::flow:
      return "dealers' position by trades";
  }
  return "?";
}

}  // namespace

std::string_view name_of(sign_model m) {
  switch (m) {
    case sign_model::calls_positive:
      return "calls_positive";
    case sign_model::puts_positive:
      return "puts_positive";
    case sign_model::all_short:
      return "all_short";
    case sign_model::flow:
      return "flow";
  }
  return "?";
}

result<void, errc> check(const gamma_config& c) {
  checker bounds;
  bounds.in("tick", c.tick, 1);
  bounds.in("contract_multiplier", c.contract_multiplier, std::int64_t{1}, std::int64_t{1} << 40);
  bounds.in("scale", c.scale, 1e-6, 1e6);
  bounds.in("basis_half_life", c.basis_half_life, {0}, seconds(86'400));
  bounds.in("window", c.window, milliseconds(100), seconds(3'600));
  bounds.that(static_cast<std::size_t>(c.radar_model) < sign_models, "radar_model is none of the sign models");
  bounds.that(c.volume <= volume_source::options, "volume is none of the sources");
  bounds.in("underlying_stale", c.underlying_stale, {0}, seconds(31 * 86'400));
  bounds.in("regime_threshold", c.regime_threshold, 0.0, 1e15);
  check(c.grid, bounds);
  check(c.pricing, bounds);
  check(c.fuel, bounds);
  check(c.levels, bounds);
  check(c.signals, bounds);
  if (!bounds.wrong.empty()) return fail(errc::out_of_range, std::move(bounds.wrong));
  return {};
}

std::string assumptions_id(const gamma_config& c) {
  std::string bytes;
  archive_writer a(bytes);
  a(rules_version);
  fields(a, c);
  return (c.rules == compat::literal ? "literal-" : "corrected-") + to_hex(hash64(bytes));
}

std::string assumptions_text(const gamma_config& c, sign_model m) {
  std::string text(words_of(m));
  text.append("; ").append(words_of(c.expiries)).append("; Black-76, r ").append(percent(c.pricing.rate));
  if (c.rules == compat::literal) return text + ", three Newton steps, forward = reference; deltas per point";
  if (c.pricing.dividend_yield != 0) text.append(", q ").append(percent(c.pricing.dividend_yield));
  text.append(c.pricing.forward == forward_rule::parity ? ", forward by parity" : ", forward by carry");
  return text.append("; ").append(words_of(c.volume)).append("; deltas per point");
}

}  // namespace isobar::gamma_fuel
