#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "market/order_book.hpp"
#include "market/side_inputs.hpp"
#include "market/window.hpp"

/// What one window of one symbol gives. Prices as ticks unless said; lots for sizes; doubles for derived fields only.
namespace isobar::radar_physics {

using market::book_side;
using market::tick_index;

/// What every output of a window says of it.
struct window_info {
  timestamp start, end;    ///< [start, end) in event time; of a span: start of the first window
  std::uint32_t span = 1;  ///< identical idle windows that this one stands for
  bool valid = false;      ///< book whole, uncrossed, no snapshot, clear or gap in the window (decisions 9)
  market::book_trust trust = market::book_trust::partial;
  bool crossed = false;      ///< at the end: best bid >= best ask, in the feed
  bool rebuilt = false;      ///< a snapshot or clear fell into the window
  bool gap = false;          ///< a gap is open
  bool anchor_held = false;  ///< the anchor is the last good mid (decisions 8)
  std::uint32_t late_events = 0;
  price anchor = market::no_price;  ///< mid at the end, 1e-9; no_price: none yet, and no relative rows
  tick_index ref_tick = 0;          ///< floor(anchor / tick)
  std::optional<market::book_level> best_bid, best_ask;
  price last_trade = market::no_price;
  std::uint32_t events = 0, trades = 0;
  std::uint64_t traded = 0;  ///< lots
  std::string calibration;   ///< id in force

  /// window_end in ms since 1970.
  std::uint64_t revision() const { return static_cast<std::uint64_t>(end.ns / 1'000'000); }
  bool operator==(const window_info&) const = default;
  /// The same but for start, end and span: idle windows that one span can stand for.
  bool same_but_times(const window_info& o) const {
    window_info moved = o;
    moved.start = start;
    moved.end = end;
    moved.span = span;
    return *this == moved;
  }
  template <class A>
  void fields(A& a) {
    a(start, end, span, valid, trust, crossed, rebuilt, gap, anchor_held, late_events, anchor, ref_tick);
    level_fields(a, best_bid);
    level_fields(a, best_ask);
    a(last_trade, events, trades, traded, calibration);
  }

 private:
  template <class A>
  static void level_fields(A& a, std::optional<market::book_level>& level) {
    bool present = level.has_value();
    a(present);
    if (!present) return level.reset();
    if (!level) level.emplace();
    a(level->tick, level->size, level->orders);
  }
};

/// One (side, price) of wall, vacuum and physics (futures-medium 2 to 4).
struct medium_row {
  book_side side = book_side::none;
  tick_index tick = 0;
  std::int32_t rel_ticks = 0;  ///< tick - ref_tick
  std::uint64_t depth_start = 0, depth_end = 0;
  std::uint64_t added = 0, pulled = 0, filled = 0;
  std::uint64_t depth_rest = 0, pulled_rest = 0;
  std::int64_t d1_depth = 0, d2_depth = 0, d3_depth = 0;
  double pull_intensity_rest = 0;  ///< pulled_rest / (depth_start + 1)
  double pull_add_log = 0;         ///< ln((pulled_rest + 1) / (added + 1))
  double d1_pull_add_log = 0, d2_pull_add_log = 0, d3_pull_add_log = 0;
  double wall_strength_log = 0;  ///< ln(depth_rest + 1)
  double wall_erosion = 0;       ///< max(-d1_depth, 0)
  double erosion_norm_arg = 0;   ///< ln(1 + wall_erosion / (depth_start + 1))
  double vacuum_score = 0;
  double physics_score = 0, physics_score_signed = 0;
  /// Stood here at a clear of this window or was built by a snapshot in it. Every other row conserves: depth_end =
  /// depth_start + added - pulled - filled.
  bool rebuilt = false;
  bool operator==(const medium_row&) const = default;
  template <class A>
  void fields(A& a) {
    a(side, tick, rel_ticks, depth_start, depth_end, added, pulled, filled, depth_rest, pulled_rest, d1_depth, d2_depth,
      d3_depth, pull_intensity_rest, pull_add_log, d1_pull_add_log, d2_pull_add_log, d3_pull_add_log, wall_strength_log,
      wall_erosion, erosion_norm_arg, vacuum_score, physics_score, physics_score_signed, rebuilt);
  }
};

/// Bands of |rel_ticks|: at 0-2, near 3-5, mid 6-14, far 15-20 (futures-medium 4).
struct medium_bands {
  static constexpr std::size_t count = 4;
  struct direction {
    std::array<double, count> wall_strength{}, wall_erosion{}, vacuum{};
    double score = 0;
    bool operator==(const direction&) const = default;
    template <class A>
    void fields(A& a) {
      a(wall_strength, wall_erosion, vacuum, score);
    }
  };
  direction above, below;
  double vacuum_total_score = 0;
  bool operator==(const medium_bands&) const = default;
  template <class A>
  void fields(A& a) {
    a(above, below, vacuum_total_score);
  }
};

/// wall, vacuum and physics of one window: bids ascending, then asks ascending.
struct medium_surface {
  std::vector<medium_row> rows;
  std::size_t bid_rows = 0;
  medium_bands bands;
  bool operator==(const medium_surface&) const = default;
  template <class A>
  void fields(A& a) {
    a(rows, bid_rows, bands);
  }
};

/// The learning features of one window (futures-medium 6); names in features.hpp.
struct feature_vector {
  static constexpr std::size_t base = 49, size = 4 * base;
  int approach = 0;  ///< -1 down, 0 none, 1 up
  std::array<double, size> value{};
  bool operator==(const feature_vector&) const = default;
  template <class A>
  void fields(A& a) {
    a(approach, value);
  }
};

/// One bucket of one column (seed 001, 5 to 8).
struct radar_row {
  double mass = 0, mass_norm = 0;
  double vacuum = 0, stiffness = 0;
  double resistance = 0, resistance_eroded = 0;
  double cavitation = 0, mobility = 1;
  double solidity = 0;                                 ///< the stateful medium, Z
  std::uint8_t blocked_level = 0, solidity_level = 0;  ///< 0 to 5
  bool operator==(const radar_row&) const = default;
  template <class A>
  void fields(A& a) {
    a(mass, mass_norm, vacuum, stiffness, resistance, resistance_eroded, cavitation, mobility, solidity, blocked_level,
      solidity_level);
  }
};

enum class gate_source : std::uint8_t { placeholder, model, stale_model };
struct gate_state {
  double up = 0.5, down = 0.5;
  gate_source source = gate_source::placeholder;
  bool operator==(const gate_state&) const = default;
  template <class A>
  void fields(A& a) {
    a(up, down, source);
  }
};

/// One column of the bucket radar; rows lowest first, consecutive, centred on the spot bucket.
struct radar_column {
  std::int64_t spot_bucket = 0;  ///< floor(anchor / (bucket_ticks * tick))
  std::int32_t first_bucket_rel = 0;
  std::vector<radar_row> rows;  ///< empty while there is no anchor
  gate_state gate;
  double emphasis_above = 1, emphasis_below = 1;
  std::optional<timestamp> gex_as_of;  ///< nothing: no GEX, stiffness is 0
  bool gex_stale = false;
  bool operator==(const radar_column&) const = default;
  template <class A>
  void fields(A& a) {
    a(spot_bucket, first_bucket_rel, rows, gate, emphasis_above, emphasis_below, gex_as_of, gex_stale);
  }
};

/// The spot went through a fully blocked bucket that had not eroded (decisions 16).
struct breakthrough {
  std::int64_t bucket = 0;  ///< absolute
  int direction = 0;        ///< 1 up, -1 down
  std::int64_t from_bucket = 0, to_bucket = 0;
  std::vector<std::uint8_t> blocked_level;  ///< of the bucket in the columns before, newest first
  std::vector<double> vacuum;
  bool operator==(const breakthrough&) const = default;
  template <class A>
  void fields(A& a) {
    a(bucket, direction, from_bucket, to_bucket, blocked_level, vacuum);
  }
};

/// Everything that one window (or span) gives. Reused by the engine: valid during the sink's call only.
struct window_outputs {
  window_info window;
  medium_surface surface;
  feature_vector features;
  radar_column column;
  std::vector<breakthrough> breakthroughs;

  bool operator==(const window_outputs&) const = default;
  /// The same but for start, end and span.
  bool same_but_times(const window_outputs& o) const {
    return window.same_but_times(o.window) && surface == o.surface && features == o.features && column == o.column &&
           breakthroughs == o.breakthroughs;
  }
  template <class A>
  void fields(A& a) {
    a(window, surface, features, column, breakthroughs);
  }
};

// Inputs from other services.
using market::gate_input;
using market::gex_input;
using market::level_set_input;
using market::watched_level;

// Barrier and tape.

enum class barrier_state : std::uint8_t { neutral = 1, vacuum = 2, wall = 3, absorption = 4, consumed = 5, weak = 6 };
struct barrier_reading {
  barrier_state state = barrier_state::neutral;
  std::int64_t delta_liquidity = 0;  ///< added - cancelled - filled
  std::uint64_t added = 0, cancelled = 0, filled = 0, churn = 0;
  std::uint64_t depth_in_zone = 0;
  double replenishment_ratio = 0, confidence = 0, wall_ratio = 0;
  bool operator==(const barrier_reading&) const = default;
};
struct sweep_reading {
  int direction = 0;  ///< 0: none
  double notional = 0;
  std::uint32_t prints = 0;
  timestamp first, last;
  bool operator==(const sweep_reading&) const = default;
};
struct tape_reading {
  double imbalance = 0;
  std::uint64_t buy = 0, sell = 0;  ///< lots near the level
  double trades_per_second = 0;
  double price_velocity = 0;  ///< points per second
  double confidence = 0;
  sweep_reading sweep;
  bool operator==(const tape_reading&) const = default;
};
struct level_reading {
  watched_level level;
  book_side defending = book_side::none;
  barrier_reading barrier;
  tape_reading tape;
  bool operator==(const level_reading&) const = default;
};
/// All levels at one multiple of the tick period. Valid during the sink's call only.
struct level_outputs {
  timestamp as_of;
  std::uint32_t unchanged_ticks = 0;  ///< instants since the last output at which nothing had changed
  bool valid = false;                 ///< the book was whole and uncrossed
  std::vector<level_reading> levels;
};

}  // namespace isobar::radar_physics
