#pragma once
#include <array>
#include <span>
#include <string_view>

/// What a model may learn from a level signal: the schema that features.json is made of.
namespace isobar::gamma_fuel {

/// One column. Everything is as of the signal's instant and of what happened before it.
struct signal_feature {
  std::string_view name;   ///< unique, snake_case
  std::string_view field;  ///< path in isobar.level.v1.LevelSignal, or LevelSignals where it begins with "set."
  std::string_view type;   ///< "bool", "int64", "double", "category"
  bool nullable = false;
  std::string_view unit;    ///< "points", "lots", "1" for a bare number
  std::string_view values;  ///< categories, by '|'
  std::string_view definition;
};

/// Grows at its end; what a name means does not change within a version.
inline constexpr std::string_view signal_features_version = "1.0.0";

inline constexpr std::array signal_feature_table{
    signal_feature{"as_of_ns", "set.as_of_ns", "int64", false, "ns", "",
                   "Instant of the signal, since 1970 UTC; a multiple of the signal period."},
    signal_feature{"spot", "set.spot_nanos", "double", true, "points", "", "Mid of the symbol, or the last good one."},
    signal_feature{"level_id", "id", "category", false, "1", "", "Name of the level."},
    signal_feature{"level_kind", "kind", "category", false, "1",
                   "VWAP|SESSION_HIGH|SESSION_LOW|PM_HIGH|PM_LOW|OR_HIGH|OR_LOW|SMA_200|SMA_400|CALL_WALL|PUT_WALL|"
                   "GAMMA_WALL|GAMMA_FLIP|ROUND|STRIKE|USER",
                   "Kind of the level."},
    signal_feature{"level_price", "price_nanos", "double", false, "points", "", "Price of the level."},
    signal_feature{"break_direction", "break_direction", "int64", false, "1", "",
                   "1: a break goes up (resistance), -1: down (support: the market is above the level)."},
    signal_feature{"distance", "distance_nanos", "double", false, "points", "", "|spot - level|."},
    signal_feature{"distance_signed", "distance_signed_nanos", "double", false, "points", "", "Level - spot."},
    signal_feature{"touching", "touching", "bool", false, "1", "", "distance <= touch band."},
    signal_feature{"is_first_15m", "first_15_minutes", "bool", false, "1", "",
                   "09:30 <= New York time < 09:45 on a trading day."},
    signal_feature{"break_score_raw", "break_score_raw", "double", false, "1", "",
                   "0.45 barrier + 0.35 fuel + 0.20 tape, 0 to 100 (weights as configured)."},
    signal_feature{"break_score", "break_score", "double", false, "1", "",
                   "break_score_raw smoothed by event time, time constant 2 s."},
    signal_feature{"signal", "signal", "category", false, "1", "NEUTRAL|BREAK|BOUNCE|CONTESTED",
                   "State of the level's trigger."},
    signal_feature{
        "confidence", "confidence", "category", false, "1", "LOW|MEDIUM|HIGH",
        "Mean of barrier, tape and fuel confidence: HIGH from 0.7, MEDIUM from 0.4; LOW when the book was not "
        "whole."},
    signal_feature{"barrier_state", "state.state", "category", false, "1",
                   "UNSPECIFIED|NEUTRAL|VACUUM|WALL|ABSORPTION|CONSUMED|WEAK",
                   "What the defending side does at the level; UNSPECIFIED: the order book is not known."},
    signal_feature{"barrier_delta_liquidity", "state.delta_liquidity_lots", "int64", false, "lots", "",
                   "Added - cancelled - filled in the level's zone over the barrier window."},
    signal_feature{"barrier_delta_liquidity_smooth", "delta_liquidity_smooth", "double", false, "lots", "",
                   "The same smoothed, time constant 3 s."},
    signal_feature{"barrier_added", "state.added_lots", "int64", false, "lots", "", "Lots added."},
    signal_feature{"barrier_cancelled", "state.cancelled_lots", "int64", false, "lots", "",
                   "Lots withdrawn without a trade."},
    signal_feature{"barrier_filled", "state.filled_lots", "int64", false, "lots", "", "Lots traded away."},
    signal_feature{"barrier_depth_in_zone", "state.depth_in_zone_lots", "int64", false, "lots", "",
                   "Defending lots in the zone."},
    signal_feature{"barrier_replenishment_ratio", "state.replenishment_ratio", "double", false, "1", "",
                   "Added / (cancelled + filled)."},
    signal_feature{"barrier_replenishment_ratio_smooth", "replenishment_ratio_smooth", "double", false, "1", "",
                   "The same smoothed, time constant 3 s."},
    signal_feature{"wall_ratio", "state.wall_ratio", "double", false, "1", "",
                   "Depth in the zone over the mean depth of as many levels of its side."},
    signal_feature{"barrier_confidence", "state.barrier_confidence", "double", false, "1", "",
                   "min(1, (added + cancelled + filled) / 500)."},
    signal_feature{"tape_imbalance", "state.imbalance", "double", false, "1", "",
                   "(Buy - sell) / (buy + sell) near the level, -1 to 1."},
    signal_feature{"tape_buy", "state.buy_lots", "int64", false, "lots", "",
                   "Lots that buyers took near the level over the tape window."},
    signal_feature{"tape_sell", "state.sell_lots", "int64", false, "lots", "",
                   "Lots that sellers hit near the level over the tape window."},
    signal_feature{"tape_trades_per_second", "state.trades_per_second", "double", false, "1/s", "",
                   "Trades of the whole market over the velocity window."},
    signal_feature{"tape_price_velocity", "state.price_velocity", "double", false, "points/s", "",
                   "Least-squares slope of the trade price over the velocity window."},
    signal_feature{"tape_price_velocity_smooth", "price_velocity_smooth", "double", false, "points/s", "",
                   "The same smoothed, time constant 1.5 s."},
    signal_feature{"tape_sweep_direction", "state.sweep.direction", "int64", false, "1", "",
                   "1 up, -1 down, 0 none: one-sided prints in quick succession near the level."},
    signal_feature{"tape_sweep_notional", "state.sweep.notional", "double", false, "currency", "",
                   "Notional of the largest sweep; 0: none."},
    signal_feature{"tape_confidence", "state.tape_confidence", "double", false, "1", "", "min(1, (buy + sell) / 500)."},
    signal_feature{"fuel_effect", "fuel.effect", "category", false, "1", "DAMPEN|AMPLIFY|NEUTRAL",
                   "What dealers' hedging does near the level, with hysteresis."},
    signal_feature{"fuel_net_dealer_gamma", "fuel.net_dealer_gamma", "double", false, "deltas/point", "",
                   "Sum of -sign x contracts x gamma x multiplier of option trades within reach, decayed over the fuel "
                   "window; negative: dealers short gamma."},
    signal_feature{"fuel_net_dealer_gamma_smooth", "fuel.net_dealer_gamma_smooth", "double", false, "deltas/point", "",
                   "The same smoothed, time constant 5 s."},
    signal_feature{"fuel_call_wall", "fuel.call_wall_nanos", "double", true, "points", "",
                   "Strike at or above the level with the largest call flow, from the wall threshold on."},
    signal_feature{"fuel_put_wall", "fuel.put_wall_nanos", "double", true, "points", "",
                   "Strike at or below the level with the largest put flow, from the wall threshold on."},
    signal_feature{"fuel_high_volume", "fuel.high_volume_nanos", "double", true, "points", "",
                   "Zero of dealer gamma between strikes, nearest to the level."},
    signal_feature{"fuel_volume", "fuel.volume_lots", "int64", false, "contracts", "",
                   "Option contracts traded within reach over the fuel window."},
    signal_feature{"fuel_confidence", "fuel.confidence", "double", false, "1", "",
                   "min(1, contracts whose side is known / 1000)."},
    signal_feature{"runway_direction", "runway.direction", "int64", false, "1", "",
                   "Where the runway is measured: the break's direction, the other one when the signal is BOUNCE."},
    signal_feature{"runway_distance", "runway.distance_nanos", "double", true, "points", "",
                   "To the next level beyond; none: there is no other."},
    signal_feature{"runway_clear", "runway.clear", "bool", false, "1", "",
                   "No wall, flip, session or pre-market extreme stands in the way."},
    signal_feature{"prior_touches", "prior_touches", "int64", false, "1", "",
                   "Touches of the level on this date before the present one."},
    signal_feature{"approach_velocity", "approach_velocity", "double", false, "points/min", "",
                   "Change of one-minute closes towards the level over the approach window, per bar."},
    signal_feature{"approach_distance", "approach_distance", "double", false, "points", "",
                   "|last - first| close of the approach window."},
    signal_feature{"approach_bars", "approach_bars", "int64", false, "1", "",
                   "Newest one-minute closes in a row that came closer."},
    signal_feature{"distance_to_sma_200", "distance_to_sma_200", "double", true, "points", "",
                   "Level - mean of the last 200 two-minute closes."},
    signal_feature{"distance_to_sma_400", "distance_to_sma_400", "double", true, "points", "",
                   "Level - mean of the last 400 two-minute closes."},
    signal_feature{"confluence", "confluence", "double", false, "1", "",
                   "Weight x (1 - distance / band) of other levels within the band, over all weights; 0 to 1."},
    signal_feature{"confluence_levels", "confluence_levels", "int64", false, "1", "",
                   "Other levels within the confluence band."},
};
constexpr std::span<const signal_feature> signal_features() { return signal_feature_table; }

}  // namespace isobar::gamma_fuel
