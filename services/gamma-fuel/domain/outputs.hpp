#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gamma-fuel/domain/gamma_config.hpp"
#include "gamma-fuel/domain/input_quality.hpp"
#include "gamma-fuel/domain/inputs.hpp"
#include "market/implied_volatility.hpp"
#include "market/side_inputs.hpp"
#include "market/window.hpp"

/// What gamma-fuel's core gives. Strikes and prices are those of `symbol` unless said; exposures in deltas per point.
namespace isobar::gamma_fuel {

enum class regime : std::uint8_t { dampen = 1, amplify = 2, neutral = 3 };
std::string_view name_of(regime r);
/// "compression", "transition", "expansion" (options-surface 8.3: 67 and above, 34 and above).
std::string_view market_mode_name(double market_mode);

/// Contracts that have no exposure, each by its first reason: those of the volatility, and the board's own. With the
/// priced ones they are every listed contract.
struct left_out {
  std::uint64_t no_open_interest = 0, no_quote = 0, one_sided = 0, crossed = 0, zero_bid_wide = 0, stale = 0,
                no_forward = 0, not_in_set = 0;
  std::array<std::uint64_t, market::no_volatility_reasons> volatility{};  ///< by market::no_volatility
  bool operator==(const left_out&) const = default;
};

/// First to third difference between consecutive windows of the same strike; a window that was not built counts as
/// one in which nothing changed, a strike that was not there as 0 (decisions 10).
struct differences {
  double d1 = 0, d2 = 0, d3 = 0;
  bool operator==(const differences&) const = default;
  template <class A>
  void fields(A& a) {
    a(d1, d2, d3);
  }
};

/// Greeks x contracts x multiplier: deltas per point, deltas per 1.00 of volatility, deltas per day.
struct greek_sums {
  double gamma = 0, vanna = 0, charm = 0;
  void add(const greek_sums& more) {
    gamma += more.gamma;
    vanna += more.vanna;
    charm += more.charm;
  }
  bool operator==(const greek_sums&) const = default;
  template <class A>
  void fields(A& a) {
    a(gamma, vanna, charm);
  }
};
/// Exposures of calls and of puts by open interest, unsigned by dealers, and dealers' own by trades, signed.
struct exposure_sums {
  greek_sums call, put, flow;
  greek_sums under(sign_model m) const;
  /// Largest difference between two models' gamma.
  double spread() const;
  bool operator==(const exposure_sums&) const = default;
  template <class A>
  void fields(A& a) {
    a(call, put, flow);
  }
};

/// One strike of the grid. Gamma in deltas per point, vanna in deltas per 1.00 of volatility, charm in deltas per day.
struct strike_exposure {
  price strike;
  double call = 0, put = 0;  ///< gamma x open interest x multiplier, unsigned
  quantity call_interest = market::no_quantity, put_interest = market::no_quantity;
  double flow_call = 0, flow_put = 0;  ///< gamma x dealers' position by trades x multiplier, signed
  double volume_gamma = 0;             ///< gamma x contracts traded today x multiplier
  double imbalance = 0;                ///< (call - put) / (call + put + 1e-6)
  double spread = 0;                   ///< largest difference between two models' gamma
  differences gross_change;            ///< of call + put
  differences imbalance_change;
  struct signed_exposure {
    double gamma = 0, vanna = 0, charm = 0;
    differences gamma_change;
    bool operator==(const signed_exposure&) const = default;
  };
  std::array<signed_exposure, sign_models> by_model;
  double gross() const { return call + put; }
  bool operator==(const strike_exposure&) const = default;
};

/// Strikes that stand out, over every strike of the board (binned to the grid's step), on the grid or not.
struct walls {
  std::optional<price> call_wall, put_wall, call_max, put_max, absolute_max;
  std::optional<price> zero_gamma, strike_flip, flip_below, flip_above, high_volume;
  bool operator==(const walls&) const = default;
};
struct readings {
  double bias = 0, liquidity_flow_index = 50, market_mode = 50;
  gamma_fuel::regime regime = gamma_fuel::regime::neutral;
  bool operator==(const readings&) const = default;
};
struct model_profile {
  double gamma = 0, vanna = 0, charm = 0;  ///< totals over every contract; units as strike_exposure
  gamma_fuel::walls walls;
  gamma_fuel::readings readings;
  bool operator==(const model_profile&) const = default;
};
struct expiry_profile {
  market::expiry_key key;
  timestamp settles_at;
  double forward = 0, years = 0;
  std::optional<isobar::strike> parity_strike;  ///< nothing: forward by carry
  std::uint32_t contracts = 0;
  exposure_sums total;                   ///< over every contract of it, on the grid or not
  std::vector<exposure_sums> by_strike;  ///< on the grid
  bool operator==(const expiry_profile&) const = default;
};
struct pin {
  price strike;
  double probability = 0, score = 0;
  bool operator==(const pin&) const = default;
};

/// Where dealers' hedging draws the market: dealer_gravity.hpp says how.
struct gravity_reading {
  timestamp as_of{};                     ///< end of the window it is of; 0: none
  std::optional<price> best, low, high;  ///< nothing: no basin
  std::optional<double> confidence;      ///< 0 to 1; nothing: no volume profile
  std::uint32_t basins = 0;
  bool by_volume = false;  ///< basins were held against a volume profile
  bool operator==(const gravity_reading&) const = default;
  template <class A>
  void fields(A& a) {
    a(as_of, best, low, high, confidence, basins, by_volume);
  }
};
/// The market in its volume profile. Distances over the market's price, negative below it.
struct volume_context {
  std::uint64_t lots = 0;  ///< in the profile
  std::optional<price> point_of_control, node, well;
  std::optional<double> node_distance, well_distance;
  bool in_crevasse = false;
  bool operator==(const volume_context&) const = default;
  template <class A>
  void fields(A& a) {
    a(lots, point_of_control, node, well, node_distance, well_distance, in_crevasse);
  }
};

/// The landscape as of one window. Reused by the engine: valid during the sink's call only.
struct gex_profile {
  timestamp start, end;
  price reference = market::no_price;   ///< mid of `symbol` at the end
  price underlying = market::no_price;  ///< of the options
  price basis{0};                       ///< reference = scale x underlying + basis
  bool basis_known = true;              ///< false: no price of both has been seen yet; no grid
  bool underlying_stale = false;
  bool options_stale = false;  ///< live only: nothing was heard of the options
  bool market_stale = false;   ///< the symbol's last good price is older than underlying_stale
  market::quality quality = market::quality::ok;
  input_quality by_input;             ///< why the quality is what it is
  std::vector<strike_exposure> grid;  ///< ascending; consecutive steps
  std::array<model_profile, sign_models> models;
  std::vector<expiry_profile> expiries;     ///< ascending by key
  std::uint32_t contracts = 0, priced = 0;  ///< listed; with greeks and an open interest
  gamma_fuel::left_out left_out;
  std::vector<pin> pins;
  gravity_reading gravity;               ///< of the window
  gravity_reading minute_gravity;        ///< of the last whole minute
  std::optional<volume_context> volume;  ///< nothing: nothing traded since the day began, or no source
  std::uint64_t revision() const { return static_cast<std::uint64_t>(end.ns / 1'000'000); }
};

/// What a window says to the radar: |exposure| of the chosen model on the grid.
using market::gex_input;
using market::level_set_input;

enum class signal : std::uint8_t { neutral = 1, break_through = 2, bounce = 3, contested = 4 };
enum class confidence : std::uint8_t { low = 1, medium = 2, high = 3 };

struct fuel_reading {
  regime effect = regime::neutral;
  double net_dealer_gamma = 0, net_smooth = 0;
  std::optional<price> call_wall, put_wall;
  std::optional<price> zero_by_flow;  ///< zero of dealer gamma between strikes, by flow
  std::uint64_t volume = 0;
  double confidence = 0;
  bool operator==(const fuel_reading&) const = default;
  template <class A>
  void fields(A& a) {
    a(effect, net_dealer_gamma, net_smooth, call_wall, put_wall, zero_by_flow, volume, confidence);
  }
};
struct runway {
  int direction = 0;
  std::optional<price> distance;
  std::string next_level;
  bool clear = true;
  bool operator==(const runway&) const = default;
  template <class A>
  void fields(A& a) {
    a(direction, distance, next_level, clear);
  }
};
struct level_signal {
  std::string id, kind;
  isobar::price price;
  int break_direction = 0;  ///< 1 up (resistance), -1 down (support)
  isobar::price distance, distance_signed;
  bool touching = false, first_15_minutes = false;
  double score_raw = 50, score = 50;
  gamma_fuel::signal signal = gamma_fuel::signal::neutral;
  gamma_fuel::confidence confidence = gamma_fuel::confidence::low;
  level_state state;
  double delta_liquidity_smooth = 0, replenishment_ratio_smooth = 0, price_velocity_smooth = 0;
  fuel_reading fuel;
  gamma_fuel::runway runway;
  std::uint32_t prior_touches = 0, approach_bars = 0;
  double approach_velocity = 0, approach_distance = 0;
  std::optional<double> distance_to_sma_short, distance_to_sma_long;
  double confluence = 0;
  std::uint32_t confluence_levels = 0;
  double barrier_points = 0, fuel_points = 0, tape_points = 0;  ///< 0 to 100 each, before their weights
  std::string note;
  bool operator==(const level_signal&) const = default;
  template <class A>
  void fields(A& a) {
    a(id, kind, price, break_direction, distance, distance_signed, touching, first_15_minutes, score_raw, score, signal,
      confidence, state, delta_liquidity_smooth, replenishment_ratio_smooth, price_velocity_smooth, fuel, runway,
      prior_touches, approach_bars, approach_velocity, approach_distance, distance_to_sma_short, distance_to_sma_long,
      confluence, confluence_levels, barrier_points, fuel_points, tape_points, note);
  }
};
/// All signals at one multiple of the period. Valid during the sink's call only.
struct level_signals {
  timestamp as_of;
  price spot = market::no_price, bid = market::no_price, ask = market::no_price;
  std::optional<timestamp> gex_as_of;
  bool radar_stale = false, options_stale = false;  ///< live only
  bool market_stale = false;                        ///< spot is older than underlying_stale
  std::uint32_t unchanged_ticks = 0;
  input_quality by_input;            ///< what was not whole at the instant
  std::string medium;                ///< assumptions of radar-physics; empty: nothing was heard of it
  std::vector<level_signal> levels;  ///< ascending by distance, then id
  bool operator==(const level_signals&) const = default;
  template <class A>
  void fields(A& a) {
    a(as_of, spot, bid, ask, gex_as_of, radar_stale, options_stale, market_stale, unchanged_ticks, by_input, medium,
      levels);
  }
};

enum class alert_kind : std::uint8_t { level_approach, flip_crossed, regime_change, dangerous_setup, signal };
std::string_view name_of(alert_kind k);
struct alert {
  timestamp as_of;
  alert_kind kind = alert_kind::level_approach;
  std::string level;
  isobar::price price = market::no_price, spot = market::no_price;
  std::string text;
  input_quality by_input{};  ///< of the signals that it came with
};

/// Receives what the engine gives, in order. Owned by the caller; lives for the call.
class gamma_sink {
 public:
  virtual ~gamma_sink() = default;
  virtual void on_profile(const gex_profile& p) = 0;
  virtual void on_levels(const level_set_input& set) = 0;  ///< only when it changed
  virtual void on_signals(const level_signals& s) = 0;
  virtual void on_alert(const alert& a) = 0;
};

}  // namespace isobar::gamma_fuel
