#include "radar-physics/domain/medium.hpp"

#include "core/numeric.hpp"
#include "radar-physics/domain/log_table.hpp"

namespace isobar::radar_physics {
namespace {

using table = const std::array<double, log_table::size>&;

double ln1p(table t, std::uint64_t n) { return n < log_table::size ? t[n] : log_table::ln1p(n); }

/// The flows of this window and the derivatives.
void fill_flows(table t, const level_flow& l, const level_window& w, medium_row& row) {
  if (w.touched) {
    row.depth_start = l.start;
    row.added = l.added;
    row.pulled = l.pulled;
    row.filled = l.filled;
    row.pulled_rest = l.pulled_rest;
    row.rebuilt = l.rebuilt;
    row.pull_intensity_rest = static_cast<double>(l.pulled_rest) / (static_cast<double>(l.start) + 1);
  }
  const auto e0 = static_cast<std::int64_t>(l.depth), e1 = static_cast<std::int64_t>(w.end1),
             e2 = static_cast<std::int64_t>(w.end2), e3 = static_cast<std::int64_t>(w.end3);
  row.d1_depth = e0 - e1;
  row.d2_depth = row.d1_depth - (e1 - e2);
  row.d3_depth = row.d2_depth - ((e1 - e2) - (e2 - e3));
  row.pull_add_log = w.log0;
  row.d1_pull_add_log = w.log0 - w.log1;
  row.d2_pull_add_log = row.d1_pull_add_log - (w.log1 - w.log2);
  row.d3_pull_add_log = row.d2_pull_add_log - ((w.log1 - w.log2) - (w.log2 - w.log3));
  if (row.d1_depth < 0) {
    row.wall_erosion = static_cast<double>(-row.d1_depth);
    row.erosion_norm_arg =
        ln1p(t, row.depth_start + static_cast<std::uint64_t>(-row.d1_depth)) - ln1p(t, row.depth_start);
  }
}

/// Every field of a level at which nothing happened lately; written one by one, for rows are many.
void fill_quiet(book_side side, tick_index tick, tick_index ref, std::uint64_t depth, std::uint64_t rest,
                double strength, double vacuum, medium_row& row) {
  row.side = side;
  row.tick = tick;
  row.rel_ticks = static_cast<std::int32_t>(tick - ref);
  row.depth_start = row.depth_end = depth;
  row.added = row.pulled = row.filled = 0;
  row.depth_rest = rest;
  row.pulled_rest = 0;
  row.d1_depth = row.d2_depth = row.d3_depth = 0;
  row.pull_intensity_rest = row.pull_add_log = 0;
  row.d1_pull_add_log = row.d2_pull_add_log = row.d3_pull_add_log = 0;
  row.wall_strength_log = strength;
  row.wall_erosion = row.erosion_norm_arg = 0;
  row.vacuum_score = vacuum;
  row.rebuilt = false;
}

/// +1: an ask above the anchor, -1: a bid below it, 0: on the wrong side of it or on it.
int side_sign(book_side side, tick_index tick, price anchor, price unit) {
  // floor(anchor / unit) is the last tick at or below the anchor.
  const tick_index floor_tick = floor_div(anchor.value, unit.value), ceil_tick = ceil_div(anchor.value, unit.value);
  if (side == book_side::ask) return tick > floor_tick ? 1 : 0;
  return tick < ceil_tick ? -1 : 0;
}

int band_of(std::int32_t distance) {
  return distance <= 2 ? 0 : distance <= 5 ? 1 : distance <= 14 ? 2 : distance <= 20 ? 3 : -1;
}

}  // namespace

row_scorer::row_scorer(const calibration_table& t) {
  const auto range_of = [&](metric m) {
    const calibration_table::bounds& b = t.of(m);
    return range{b.q05, b.q95 > b.q05 ? b.q95 - b.q05 : 1};
  };
  pull_add_log_ = range_of(metric::pull_add_log);
  intensity_ = range_of(metric::log1p_pull_intensity_rest);
  erosion_ = range_of(metric::log1p_erosion_norm);
  d2_ = range_of(metric::d2_pull_add_log);
  strength_ = range_of(metric::wall_strength_log);
}

void build_medium(level_flows& flows, price anchor, price tick, int reach, const calibration_table& calibration,
                  medium_surface& out) {
  const row_scorer score(calibration);
  const table t = log_table::table();
  const double quiet_vacuum = score.vacuum(0, 0, 0, 0);
  const tick_index ref = floor_div(anchor.value, tick.value), ask_from = ref + 1,
                   bid_to = ceil_div(anchor.value, tick.value) - 1;
  // Rows are written in place: the vector keeps its length from window to window, grows by few rows (each is written
  // twice) and is cut at the end.
  std::size_t n = 0;
  const auto side_rows = [&](book_side side) {
    flows.visit(
        side, ref - reach, ref + reach,
        [&](tick_index at, const level_flow& l, const level_past& p, std::uint64_t rest) {
          if (n == out.rows.size()) out.rows.resize(n + 8);
          medium_row& row = out.rows[n++];
          fill_quiet(side, at, ref, l.depth, rest, ln1p(t, rest), quiet_vacuum, row);
          if (const level_window w = flows.look(l, p); !w.quiet) {
            fill_flows(t, l, w, row);
            const double intensity = ln1p(t, row.depth_start + row.pulled_rest) - ln1p(t, row.depth_start);
            row.vacuum_score = score.vacuum(row.pull_add_log, intensity, row.erosion_norm_arg, row.d2_pull_add_log);
          }
          const double ease = score.ease(row.vacuum_score, row.erosion_norm_arg, row.wall_strength_log);
          row.physics_score = ease;
          row.physics_score_signed = side == book_side::ask ? (at >= ask_from ? ease : 0) : (at <= bid_to ? -ease : 0);
        });
  };
  side_rows(book_side::bid);
  out.bid_rows = n;
  side_rows(book_side::ask);
  out.rows.resize(n);
  out.bands = bands_of(out, anchor, tick, score);
}

medium_bands bands_of(const medium_surface& surface, price anchor, price tick, const row_scorer& score) {
  struct sums {
    double strength = 0, erosion = 0, vacuum = 0;
    std::uint64_t rows = 0;
  };
  std::array<std::array<sums, medium_bands::count>, 2> sum{};  // above, below
  const auto add = [&](const medium_row& row) {
    const int band = band_of(std::abs(row.rel_ticks));
    const int sign = side_sign(row.side, row.tick, anchor, tick);
    if (band < 0 || sign == 0) return;
    sums& s = sum[sign > 0 ? 0 : 1][static_cast<std::size_t>(band)];
    s.strength += row.wall_strength_log;
    s.erosion += row.erosion_norm_arg;
    s.vacuum += row.vacuum_score;
    ++s.rows;
  };
  // Only the rows near the anchor: the last bids and the first asks, more where the book is crossed.
  const auto begin = surface.rows.begin(), middle = begin + static_cast<std::ptrdiff_t>(surface.bid_rows);
  const auto from = [](auto first, auto last) {
    return std::lower_bound(first, last, -20, [](const medium_row& r, std::int32_t rel) { return r.rel_ticks < rel; });
  };
  for (auto row = from(begin, middle); row != middle && row->rel_ticks <= 20; ++row) add(*row);
  for (auto row = from(middle, surface.rows.end()); row != surface.rows.end() && row->rel_ticks <= 20; ++row) add(*row);

  medium_bands bands;
  const auto finish = [&](const std::array<sums, medium_bands::count>& of, medium_bands::direction& to) {
    std::array<double, medium_bands::count> ease{};
    for (std::size_t b = 0; b < medium_bands::count; ++b) {
      if (of[b].rows == 0) continue;
      const auto rows = static_cast<double>(of[b].rows);
      to.wall_strength[b] = score.norm_strength(of[b].strength / rows);
      to.wall_erosion[b] = score.norm_erosion(of[b].erosion / rows);
      to.vacuum[b] = of[b].vacuum / rows;
      ease[b] = 0.5 * to.vacuum[b] + 0.35 * to.wall_erosion[b] + 0.15 * (1 - to.wall_strength[b]);
    }
    to.score = 0.6 * ease[0] + 0.4 * ease[1];
  };
  finish(sum[0], bands.above);
  finish(sum[1], bands.below);
  bands.vacuum_total_score = (bands.above.score + bands.below.score) / 2;
  return bands;
}

}  // namespace isobar::radar_physics
