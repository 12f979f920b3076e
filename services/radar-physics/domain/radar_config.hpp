#pragma once
#include <cstdint>
#include <string>

#include "core/error.hpp"
#include "market/book_change.hpp"

namespace isobar::radar_physics {

/// Whose rules: the corrected ones, or those of the earlier system number for number (its golden tables G1 and G2).
enum class compat : std::uint8_t { corrected, literal };

/// How a bucket's vacuum is made of its levels' (seed 001, 4.1).
enum class vacuum_mean : std::uint8_t { plain, depth_weighted };

/// Vertical smoothing of mass and vacuum over neighbouring buckets (seed 001, 4.2).
enum class smoothing : std::uint8_t { none, triangular /* 1 2 3 2 1 */, binomial /* 1 4 6 4 1 */ };

/// Which medium names the blocked level that breakthroughs are judged by (seed 001, 8).
enum class evolution : std::uint8_t { snapshot, stateful };

/// The bucket radar's parameters; defaults are decisions 13 to 16.
struct bucket_config {
  int bucket_ticks = 2;  ///< 1 to 100
  int rows = 31;         ///< odd, 3 to 401
  int columns = 60;      ///< default number of columns in an answer
  vacuum_mean vacuum = vacuum_mean::plain;
  smoothing smooth = smoothing::none;
  evolution judged = evolution::snapshot;
  double mass_weight = 1;         ///< a_w
  double stiffness_weight = 1;    ///< a_g
  double fragility = 1;           ///< gamma: exponent of (1 - vacuum)
  double cavitation_power = 1.5;  ///< p
  double build = 0.2;             ///< alpha
  double erode = 1;               ///< beta
  double visibility_min = 0.3;    ///< minVis
  /// Half-width of the triangular kernel that spreads a strike's stiffness, in strike spacings (decisions 14).
  double stiffness_reach = 1;
  price strike_spacing{5'000'000'000};  ///< ES: 5 points = 20 ticks = 10 buckets
  double gate_half_life_windows = 5;
  double breakthrough_vacuum_max = 0.5;  ///< erosion that excuses a crossing
  int breakthrough_columns = 3;          ///< columns before the crossing that are looked at
  bool operator==(const bucket_config&) const = default;
};

/// Barrier and tape at levels (futures-medium B.0, corrected: event time, ticks of the future).
struct level_config {
  duration_ns tick_period = milliseconds(250);
  duration_ns barrier_window = seconds(10);
  duration_ns tape_window = seconds(5);
  duration_ns velocity_window = seconds(3);
  int zone_ticks = 2;            ///< barrier zone: level +- so many ticks
  int tape_ticks = 4;            ///< trades near the level: +- so many ticks (0.10 SPY = 1 ES point)
  double vacuum_ratio = 0.3;     ///< replenishment below: vacuum
  double wall_ratio = 1.5;       ///< above: wall
  std::int64_t flow_lots = 100;  ///< |delta liquidity| that means something
  std::int64_t weak_lots = 50;   ///< depth in the zone below: weak
  duration_ns sweep_gap = milliseconds(100);
  double sweep_notional = 5'000'000;  ///< of one-sided prints; the earlier 500,000 is two ES lots
  std::size_t levels_max = 256;
  bool operator==(const level_config&) const = default;
};

/// Everything that can change a worker's output, per symbol. The same configuration and input give the same bytes.
struct radar_config {
  compat rules = compat::corrected;
  price tick{250'000'000};
  std::int64_t multiplier = 50;          ///< currency units per point
  duration_ns window = seconds(1);       ///< 100 ms to 60 s
  duration_ns rest = milliseconds(500);  ///< age at which an order rests (inclusive)
  int wall_ticks = 600;                  ///< rows within so many ticks of the anchor
  bucket_config buckets;
  level_config levels;
  bool calibrate_streaming = true;  ///< before a table is in force: learn quantiles as windows pass
  int streaming_windows_min = 60;   ///< windows before the streaming estimate takes over (decisions 12)
  double streaming_half_life_windows = 3'600;
  bool side_gex = false, side_gate = false;  ///< inputs that are expected: windows wait for them in replay
  duration_ns side_stale = seconds(5);       ///< an input older than this is used and flagged

  bool operator==(const radar_config&) const = default;
};

enum class errc { out_of_range };
/// What the engine would refuse; evidence names the field and its bounds.
result<void, errc> check(const radar_config& c);
/// Short id of every parameter and of the rules' version: equal ids mean equal rules.
std::string assumptions_id(const radar_config& c);

}  // namespace isobar::radar_physics
