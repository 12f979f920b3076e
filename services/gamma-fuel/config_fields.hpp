#pragma once
#include "gamma-fuel/config.hpp"

namespace isobar::gamma_fuel {

/// Calls `v` once for each of the settings with its name, help and bounds: declaration and overrides follow the one
/// list.
template <class Visitor>
void visit_fields(symbol_settings& s, Visitor&& v) {
  constexpr std::int64_t day_ms = 86'400'000;
  v.choice("compat", s.compat, {"corrected", "literal"}, "Rules: corrected, or those of the earlier systems");
  v.text("options", s.options,
         "Whose options a future is read from: auto (the product's option symbol where it is served, else its own "
         "feed), feed, none, or an option symbol");
  v.text("option-feed", s.option_feed,
         "Option trades and quotes of feed.options beside the chains that a future is read from: auto (of their symbol "
         "where it is one of --futures), none, or their symbol");
  v.choice("radar-model", s.radar_model, {"calls-positive", "puts-positive", "all-short", "flow"},
           "Sign model of signals and of what the radar is told");
  v.text("expiries", s.expiries,
         "Expiries that take part: all, zero-dte, nearest, max-dte:DAYS, or dates 2025-12-19+2026-01-16");
  v.choice("volume", s.volume, {"auto", "trades", "options", "none"},
           "Volume by price: the future's trades, option trades at their underlying, or none; auto: a future's trades, "
           "else options");
  v.choice("forward", s.forward, {"parity", "carry"}, "Forward of an expiry: put-call parity, or carry alone");
  v.text("tick", s.tick, "Price step of the symbol, points; empty: the product's");
  v.text("scale", s.scale, "Price of the symbol per price of the options' underlying; empty: the product's");
  v.text("grid-step", s.grid_step, "Strike grid's step, points; empty: the product's");
  v.text("grid-half-range", s.grid_half_range, "Strikes within so much of the market, points; empty: 12 steps");
  v.text("fuel-reach", s.fuel_reach, "Fuel: strikes within so much of a level, points; empty: 4 grid steps");
  v.text("fuel-scale", s.fuel_scale,
         "Points of the symbol per point of a share that fuel's thresholds are stated for (SPY); empty: the product's");
  v.text("round-step", s.round_step, "Round levels, points; 0: none; empty: 2 grid steps");
  v.text("level-reach", s.level_reach, "Levels within so much of the market, points; empty: 10 grid steps");
  v.text("touch-band", s.touch_band, "A level is touched within, points; empty: a tenth of the grid step");
  v.text("monitor-band", s.monitor_band, "Levels within are scored, points; empty: the grid step");
  v.text("confluence-band", s.confluence_band, "Confluence: levels within, points; empty: 0.4 grid steps");
  v.text("approach-band", s.approach_band, "Alert: the market is this near, points; empty: 0.4 grid steps");
  v.integer("multiplier", s.multiplier, "Units per contract of the symbol; 0: the product's", 0, 1'000'000);
  v.integer("window-ms", s.window_ms, "Window, ms of event time", 100, 60'000);
  v.flag("live-basis", s.live_basis, "The symbol's price over scale x underlying is followed; false: it is 0");
  v.integer("basis-half-life-ms", s.basis_half_life_ms, "Half-life of the basis, ms of event time", 1, day_ms);
  v.integer("underlying-stale-ms", s.underlying_stale_ms, "Age at which the options' underlying is stale, ms", 100,
            day_ms);
  v.flag("regular-hours-only", s.regular_hours_only, "Windows outside the New York session are not built");
  v.number("regime-threshold", s.regime_threshold, "|total dealer gamma| that names a regime, deltas per point", 0,
           1e15);
  v.number("rate", s.rate, "Interest rate, continuous, per year", -0.5, 1);
  v.number("dividend-yield", s.dividend_yield, "Dividend yield, continuous, per year", -0.5, 1);
  v.integer("zero-bid-spread-ticks", s.zero_bid_spread_ticks,
            "An option without bid is priced when its spread is at most so many ticks", 0, 1'000);
  v.integer("quote-stale-ms", s.quote_stale_ms, "Option quotes older are not used, ms; 0: any age", 0, 31 * day_ms);
  v.integer("fuel-window-ms", s.fuel_window_ms, "Fuel: option trades count for so long, ms", 1'000, day_ms);
  v.integer("fuel-half-life-ms", s.fuel_half_life_ms, "Fuel: and lose half their weight in so long, ms; 0: none", 0,
            day_ms);
  v.number("fuel-amplify", s.fuel_amplify,
           "Net dealer gamma below which hedging amplifies, deltas per point; 0: -10000 / fuel-scale^2, literal -10000",
           -1e15, 0);
  v.number("fuel-dampen", s.fuel_dampen,
           "Net dealer gamma above which hedging dampens, deltas per point; 0: 10000 / fuel-scale^2, literal 10000", 0,
           1e15);
  v.number("fuel-hysteresis", s.fuel_hysteresis, "Share of the threshold that it must come back by", 0, 1);
  v.number("fuel-wall", s.fuel_wall,
           "Dealer gamma of a wall by flow, deltas per point; 0: 50000 / fuel-scale^2, literal 50000", 0, 1e15);
  v.integer("levels-max", s.levels_max, "Levels at a time", 1, 256);
  v.integer("user-levels-max", s.user_levels_max, "User levels at a time", 0, 256);
  v.integer("opening-range-ms", s.opening_range_ms, "Opening range from 09:30, ms", 1'000, day_ms);
  v.integer("sma-bar-ms", s.sma_bar_ms, "Bar of the moving averages, ms", 1'000, day_ms);
  v.integer("sma-short", s.sma_short, "Bars of the short moving average", 1, 100'000);
  v.integer("sma-long", s.sma_long, "Bars of the long moving average", 1, 100'000);
  v.integer("approach-window-ms", s.approach_window_ms, "Approach is looked at over, ms", 1'000, day_ms);
  v.integer("touch-cooldown-ms", s.touch_cooldown_ms, "A touch is new when the band was left for, ms", 0, day_ms);
  v.integer("signal-period-ms", s.signal_period_ms, "Signals are given so often, ms of event time", 10, 60'000);
  v.number("barrier-weight", s.barrier_weight, "Weight of the barrier in the break score", 0, 1);
  v.number("fuel-weight", s.fuel_weight, "Weight of fuel in the break score", 0, 1);
  v.number("tape-weight", s.tape_weight, "Weight of the tape in the break score", 0, 1);
  v.number("break-above", s.break_above, "Score above which a level breaks", 0, 100);
  v.number("bounce-below", s.bounce_below, "Score below which a level holds", 0, 100);
  v.number("release", s.release, "Points of score by which a signal must be left", 0, 100);
  v.integer("hold-ms", s.hold_ms, "Time that a score must hold, ms", 0, 3'600'000);
  v.number("contested-low", s.contested_low, "Contested levels: least score", 0, 100);
  v.number("contested-high", s.contested_high, "Contested levels: largest score", 0, 100);
  v.integer("contested-lots", s.contested_lots, "Contested levels: lots near the level", 0, 1'000'000'000);
  v.integer("tau-score-ms", s.tau_score_ms, "Time constant of the score, ms", 0, 3'600'000);
  v.integer("tau-velocity-ms", s.tau_velocity_ms, "Time constant of the tape's velocity, ms", 0, 3'600'000);
  v.integer("tau-liquidity-ms", s.tau_liquidity_ms, "Time constant of the change of liquidity, ms", 0, 3'600'000);
  v.integer("tau-fuel-ms", s.tau_fuel_ms, "Time constant of fuel, ms", 0, 3'600'000);
  v.number("full-velocity", s.full_velocity, "Points per second that count whole; 0: the grid step", 0, 1e9);
  v.integer("alert-quiet-ms", s.alert_quiet_ms, "One alert of a kind and level in so long, ms", 0, day_ms);
  v.flag("side-chain", s.side_chain, "Chains are taken, and windows wait for them");
  v.flag("side-rows", s.side_rows, "Rows of decomposer are taken, and windows wait for them");
  v.flag("side-flow", s.side_flow, "Option trades of decomposer are taken, and windows wait for them");
  v.flag("side-radar", s.side_radar, "Futures: signals wait for radar.levels (windows never do)");
}

}  // namespace isobar::gamma_fuel
