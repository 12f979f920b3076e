#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/types.hpp"
#include "gamma-fuel/domain/expiry_choice.hpp"
#include "market/option.hpp"

namespace isobar::gamma_fuel {

/// Whose rules: the corrected ones, or the earlier systems' number for number (futures-medium 5, 11, 15.4, 15.5).
enum class compat : std::uint8_t { corrected, literal };
/// Dealers' position: long calls and short puts, its opposite, short everything, or inferred from trades.
enum class sign_model : std::uint8_t { calls_positive = 0, puts_positive = 1, all_short = 2, flow = 3 };
inline constexpr std::size_t sign_models = 4;
std::string_view name_of(sign_model m);
/// What volume by price is made of (options-surface 8.4): the symbol's own trades, its options' trades at the price of
/// their underlying, or nothing.
enum class volume_source : std::uint8_t { none, trades, options };

/// The strike grid around the market.
struct grid_config {
  price step{5'000'000'000};         ///< ES: 5 points
  price half_range{60'000'000'000};  ///< strikes within so much of the reference
  bool operator==(const grid_config&) const = default;
};

enum class forward_rule : std::uint8_t { parity, carry };

/// Implied volatilities and what they rest on (decisions 17 to 20).
struct pricing_config {
  double rate = 0.05, dividend_yield = 0;
  forward_rule forward = forward_rule::parity;
  int zero_bid_spread_ticks = 2;  ///< an option without bid is priced when its spread is at most so wide
  duration_ns quote_stale{0};     ///< quotes older than this are not used; 0: any age (end-of-day files)
  bool operator==(const pricing_config&) const = default;
};

/// Dealer hedging pressure from option trades (futures-medium 11, corrected). Gamma is in deltas of the symbol per
/// point of it: symbol = scale x underlying makes the options' gamma / scale^2. The thresholds here are those of ES and
/// SPX; fuel_thresholds.hpp has any symbol's.
struct fuel_config {
  duration_ns window = seconds(300);     ///< trades count for so long
  duration_ns half_life = seconds(120);  ///< and lose half their weight in so long; 0: none is lost
  price reach{20'000'000'000};           ///< strikes within so much of a level (SPY 2.0 = ES 20)
  double amplify = -100, dampen = 100;   ///< net dealer gamma beyond these names the effect
  double hysteresis = 0.2;               ///< share of the threshold that it must come back by
  double wall = 500;                     ///< dealer gamma of a wall by flow
  bool operator==(const fuel_config&) const = default;
};

/// The level universe (futures-medium 12, corrected: causal, in the symbol's own points).
struct level_config {
  price round_step{10'000'000'000};   ///< 0: none
  price reach{50'000'000'000};        ///< round prices, strikes and walls within so much of the market
  price touch_band{500'000'000};      ///< ES: 2 ticks
  price monitor_band{5'000'000'000};  ///< levels within are scored
  price confluence_band{2'000'000'000};
  std::size_t levels_max = 128, user_levels_max = 64;
  duration_ns opening_range = seconds(900);
  duration_ns sma_bar = seconds(120);
  int sma_short = 200, sma_long = 400;
  duration_ns approach_window = seconds(600);
  duration_ns touch_cooldown = seconds(60);  ///< a touch is new when the band was left for so long
  bool operator==(const level_config&) const = default;
};

/// Score, trigger and alerts (futures-medium 13.1).
struct signal_config {
  duration_ns period = milliseconds(250);
  double barrier_weight = 0.45, fuel_weight = 0.35, tape_weight = 0.20;
  double break_above = 80, bounce_below = 20, release = 10;  ///< release: points of hysteresis
  duration_ns hold = seconds(3);
  double contested_low = 30, contested_high = 70;
  std::uint64_t contested_lots = 500;
  /// Time constants of smoothing.
  duration_ns tau_score = seconds(2), tau_velocity = milliseconds(1'500), tau_liquidity = seconds(3),
              tau_fuel = seconds(5);
  double full_velocity = 5;               ///< points per second that count whole (0.5 SPY)
  price approach{2'000'000'000};          ///< alert: the market is this near
  duration_ns alert_quiet = seconds(60);  ///< one alert of a kind and level in so long
  bool operator==(const signal_config&) const = default;
};

/// Everything that can change a worker's output, per symbol. The same configuration and input give the same bytes.
struct gamma_config {
  compat rules = compat::corrected;
  std::string symbol = "ES";          ///< of what the landscape bears on
  std::string option_symbol = "SPX";  ///< of the options
  price tick{250'000'000};
  std::int64_t contract_multiplier = 50;  ///< what "contracts" counts
  /// Price of `symbol` per price of the options' underlying: 1 for SPX to ES, 10 for SPY to ES. The live basis comes on
  /// top.
  double scale = 1;
  bool live_basis = true;  ///< false (compat): price = scale x underlying
  duration_ns basis_half_life = seconds(60);
  duration_ns window = seconds(1);
  expiry_choice expiries;
  volume_source volume = volume_source::trades;
  sign_model radar_model = sign_model::calls_positive;  ///< which one feeds the radar
  duration_ns underlying_stale = seconds(60);
  double regime_threshold = 10'000;  ///< |total dealer gamma| that names a regime, deltas per point
  bool regular_hours_only = false;   ///< windows outside the session are not built
  grid_config grid;
  pricing_config pricing;
  fuel_config fuel;
  level_config levels;
  signal_config signals;
  bool operator==(const gamma_config&) const = default;
};

enum class errc { out_of_range };
/// What the engine would refuse; evidence names the field and its bounds.
result<void, errc> check(const gamma_config& c);
/// Short id of every parameter and of the rules' version: equal ids mean equal rules.
std::string assumptions_id(const gamma_config& c);
/// The same in words, for people: "calls+ puts-; OI; Black-76, r 5.00 %, forward by parity; deltas per point".
std::string assumptions_text(const gamma_config& c, sign_model m);

}  // namespace isobar::gamma_fuel
