#pragma once
#include "radar-physics/config.hpp"

namespace isobar::radar_physics {

/// Calls `v` once for each of the settings with its name, help and bounds: declaration and overrides follow the one
/// list.
template <class Visitor>
void visit_fields(symbol_settings& s, Visitor&& v) {
  v.choice("compat", s.compat, {"corrected", "literal"}, "Rules: corrected, or those of the earlier system");
  v.text("tick", s.tick, "Price step, points; empty: the product's, or what feed and definition say");
  v.integer("multiplier", s.multiplier, "Currency units per point; 0: the product's or the definition's", 0, 1'000'000);
  v.text("strike-spacing", s.strike_spacing, "Spacing of option strikes, points; empty: the product's");
  v.integer("window-ms", s.window_ms, "Window, ms of event time", 100, 60'000);
  v.integer("rest-ms", s.rest_ms, "Age at which an order rests, ms", 0, 60'000);
  v.integer("wall-ticks", s.wall_ticks, "Rows of the surfaces: levels within so many ticks of the anchor", 20, 4'000);
  v.integer("bucket-ticks", s.bucket_ticks, "Ticks of a radar bucket", 1, 100);
  v.integer("rows", s.rows, "Rows of the radar, odd", 3, 401);
  v.integer("columns", s.columns, "Columns of an answer that asks for none", 1, 3'600);
  v.choice("vacuum", s.vacuum, {"plain", "depth-weighted"}, "Mean of a bucket's vacuum over its levels");
  v.choice("smoothing", s.smoothing, {"none", "triangular", "binomial"}, "Vertical smoothing of mass and vacuum");
  v.choice("judged", s.judged, {"snapshot", "stateful"}, "Which medium breakthroughs are judged by");
  v.number("mass-weight", s.mass_weight, "a_w: weight of resting mass in resistance", 0, 100);
  v.number("stiffness-weight", s.stiffness_weight, "a_g: weight of option stiffness in resistance", 0, 100);
  v.number("fragility", s.fragility, "gamma: exponent of 1 - vacuum", 0.01, 100);
  v.number("cavitation-power", s.cavitation_power, "p: exponent of the eroded part in cavitation", 0.01, 100);
  v.number("build", s.build, "alpha: share of the way that solidity builds in a window", 0, 1);
  v.number("erode", s.erode, "beta: share of solidity that full vacuum takes in a window", 0, 1);
  v.number("visibility-min", s.visibility_min, "minVis: least emphasis of the unlikely side", 0, 1);
  v.number("stiffness-reach", s.stiffness_reach, "Half-width of the stiffness kernel, strike spacings", 0.01, 10);
  v.number("gate-half-life-windows", s.gate_half_life_windows, "Half-life of the placeholder gate's velocity, windows",
           0.1, 10'000);
  v.number("breakthrough-vacuum-max", s.breakthrough_vacuum_max, "Vacuum that excuses a crossing", 0, 1);
  v.integer("breakthrough-columns", s.breakthrough_columns, "Columns before a crossing that are looked at", 1, 60);
  v.integer("level-tick-ms", s.level_tick_ms, "Barrier and tape are read so often, ms of event time", 10, 60'000);
  v.integer("barrier-window-ms", s.barrier_window_ms, "Flow at a level is summed over, ms", 100, 600'000);
  v.integer("tape-window-ms", s.tape_window_ms, "Trades near a level are summed over, ms", 100, 600'000);
  v.integer("velocity-window-ms", s.velocity_window_ms, "Trade rate and price slope are over, ms", 100, 600'000);
  v.integer("zone-ticks", s.zone_ticks, "Barrier zone: so many ticks on either side of a level", 0, 1'000);
  v.integer("tape-ticks", s.tape_ticks, "Trades count within so many ticks of a level", 0, 1'000);
  v.number("vacuum-ratio", s.vacuum_ratio, "Replenishment below which a barrier is a vacuum", 0, 100);
  v.number("wall-ratio", s.wall_ratio, "Replenishment above which a barrier is a wall", 0, 100);
  v.integer("flow-lots", s.flow_lots, "Change of liquidity that means something, lots", 0, 1'000'000'000);
  v.integer("weak-lots", s.weak_lots, "Depth in the zone below which a barrier is weak, lots", 0, 1'000'000'000);
  v.integer("sweep-gap-ms", s.sweep_gap_ms, "Longest pause inside a sweep, ms", 1, 60'000);
  v.number("sweep-notional", s.sweep_notional, "Least notional of a sweep, currency units", 0, 1e15);
  v.integer("levels-max", s.levels_max, "Levels watched at a time", 1, 256);
  v.flag("calibrate-streaming", s.calibrate_streaming, "Without a table: learn the bounds as windows pass");
  v.integer("streaming-windows-min", s.streaming_windows_min, "Windows before the learnt bounds are used", 1,
            1'000'000);
  v.number("streaming-half-life-windows", s.streaming_half_life_windows, "Half-life of the learnt bounds, windows", 1,
           1e9);
  v.flag("side-gex", s.side_gex, "Replay: windows wait for gex.surface");
  v.flag("side-gate", s.side_gate, "Replay: windows wait for gate.next");
  v.flag("side-levels", s.side_levels, "Replay: windows wait for level.set");
  v.integer("side-stale-ms", s.side_stale_ms, "Age at which an input from the side is flagged, ms", 1, 86'400'000);
  v.text("levels", s.levels, "Prices to watch, points, separated by commas or slashes");
  v.text("level-step", s.level_step, "Watch round prices around the anchor, multiples of this, points; empty: none");
  v.text("calibration", s.calibration, "Calibration file (isobar calibrate); empty: none");
}

}  // namespace isobar::radar_physics
