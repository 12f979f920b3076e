#include "radar-physics/domain/literal/surfaces.hpp"

#include <algorithm>
#include <cmath>

namespace isobar::radar_physics::literal {
namespace {

constexpr std::int64_t grid_ticks = 20;
constexpr int bucket_ticks = 2;

std::uint64_t lots(std::int64_t n) { return static_cast<std::uint64_t>(n); }
double real(std::int64_t n) { return static_cast<double>(n); }

double ease(double vacuum, const medium_row& wall, const calibration_table& calibration) {
  return 0.50 * vacuum + 0.35 * calibration.norm(metric::log1p_erosion_norm, wall.erosion_norm_arg) +
         0.15 * (1 - calibration.norm(metric::wall_strength_log, wall.wall_strength_log));
}

double signed_ease(double score, book_side side, std::int32_t rel_ticks) {
  if (side == book_side::ask && rel_ticks > 0) return score;
  if (side == book_side::bid && rel_ticks < 0) return -score;
  return 0;
}

void score(medium_row& r, const flow& f, row_memory::past& past, bool first, const calibration_table& calibration) {
  const double start = static_cast<double>(r.depth_start);
  r.pull_intensity_rest = real(f.pulled_rest) / (start + 1);
  r.pull_add_log = std::log((real(f.pulled_rest) + 1) / (real(f.added) + 1));
  r.d1_pull_add_log = first ? 0 : r.pull_add_log - past.log;
  r.d2_pull_add_log = first ? 0 : r.d1_pull_add_log - past.log_d1;
  r.d3_pull_add_log = first ? 0 : r.d2_pull_add_log - past.log_d2;
  r.wall_strength_log = std::log(static_cast<double>(r.depth_rest) + 1);
  r.wall_erosion = std::max(-real(r.d1_depth), 0.0);
  r.erosion_norm_arg = std::log(1 + r.wall_erosion / (start + 1));
  r.vacuum_score = (calibration.norm(metric::pull_add_log, r.pull_add_log) +
                    calibration.norm(metric::log1p_pull_intensity_rest, std::log(1 + r.pull_intensity_rest)) +
                    calibration.norm(metric::log1p_erosion_norm, r.erosion_norm_arg) +
                    calibration.norm(metric::d2_pull_add_log, r.d2_pull_add_log)) /
                   4;
  r.physics_score = ease(r.vacuum_score, r, calibration);
  r.physics_score_signed = signed_ease(r.physics_score, r.side, r.rel_ticks);
}

}  // namespace

std::int64_t round_half_even(std::int64_t dividend, std::int64_t divisor) {
  const std::int64_t low = floor_div(dividend, divisor), rest = dividend - low * divisor;
  if (2 * rest != divisor) return 2 * rest < divisor ? low : low + 1;
  return low % 2 == 0 ? low : low + 1;
}

isobar::price spot_reference(isobar::price last_trade, bool book_valid, isobar::price best_bid, isobar::price tick) {
  isobar::price x = last_trade;
  if (x.value == 0 && book_valid && best_bid.value > 0) x = best_bid;
  if (x.value <= 0) return isobar::price(0);
  const std::int64_t grid = grid_ticks * tick.value;
  return isobar::price(round_half_even(x.value, grid) * grid);
}

void take(flows& f, const market::book_event& e, const change& c, duration_ns rest) {
  const auto pull = [&](const order& from, std::int64_t size) {
    flow& at = f[{from.side, from.price}];
    at.pulled += size;
    if (e.ts_event - from.entered >= rest) at.pulled_rest += size;
  };
  switch (e.action) {
    case market::book_action::add:
      if (c.after) f[{c.after->side, c.after->price}].added += c.after->size;
      break;
    case market::book_action::cancel:
      if (c.before) pull(*c.before, c.before->size);
      break;
    case market::book_action::modify: {
      if (!c.before || !c.after) break;
      const std::int64_t grown = c.after->size - c.before->size;
      if (c.after->price != c.before->price) {
        pull(*c.before, c.before->size);
        f[{c.after->side, c.after->price}].added += c.after->size;
      } else if (grown < 0) {
        pull(*c.before, -grown);
      } else if (grown > 0) {
        f[{c.after->side, c.after->price}].added += grown;
      }
      break;
    }
    case market::book_action::fill:
      if (c.before) f[{c.before->side, c.before->price}].filled += e.size;
      break;
    default:
      break;
  }
}

void build_rows(const book& b, const flows& f, isobar::price reference, timestamp window_end,
                const radar_config& config, const calibration_table& calibration, row_memory& memory,
                medium_surface& out) {
  const isobar::price low(reference.value - config.wall_ticks * config.tick.value);
  const isobar::price high(reference.value + config.wall_ticks * config.tick.value);
  struct level {
    std::int64_t depth = 0, rest = 0;
    flow flows;
  };
  std::map<level_key, level> levels;
  for (const book_side side : {book_side::bid, book_side::ask}) {
    for (const auto& [price, size] : b.depth[index_of(side)]) {
      if (low <= price && price <= high) levels[{side, price}].depth = size;
    }
  }
  for (const auto& [key, flow] : f) {
    const bool any = flow.added > 0 || flow.pulled > 0 || flow.filled > 0;
    if (any && low <= key.second && key.second <= high) levels[key].flows = flow;
  }
  for (const auto& [id, o] : b.orders) {
    if (o.price < low || o.price > high) continue;
    const auto l = levels.find({o.side, o.price});
    if (l != levels.end() && window_end - o.entered >= config.rest) l->second.rest += o.size;
  }

  out.rows.clear();
  out.bid_rows = 0;
  for (const auto& [key, l] : levels) {  // book_side::bid sorts first
    medium_row& r = out.rows.emplace_back();
    r.side = key.first;
    r.tick = floor_div(key.second.value, config.tick.value);
    r.rel_ticks = static_cast<std::int32_t>(round_half_even(key.second.value - reference.value, config.tick.value));
    r.depth_end = lots(l.depth);
    r.depth_start = lots(std::max<std::int64_t>(l.depth - l.flows.added + l.flows.pulled + l.flows.filled, 0));
    r.added = lots(l.flows.added);
    r.pulled = lots(l.flows.pulled);
    r.filled = lots(l.flows.filled);
    r.depth_rest = lots(std::max<std::int64_t>(l.rest, 0));
    r.pulled_rest = lots(l.flows.pulled_rest);
    const auto [past, first] = memory.rows.try_emplace(key);
    r.d1_depth = first ? 0 : l.depth - past->second.depth;
    r.d2_depth = first ? 0 : r.d1_depth - past->second.d1;
    r.d3_depth = first ? 0 : r.d2_depth - past->second.d2;
    score(r, l.flows, past->second, first, calibration);
    past->second = {l.depth, r.d1_depth, r.d2_depth, r.pull_add_log, r.d1_pull_add_log, r.d2_pull_add_log};
    if (r.side == book_side::bid) ++out.bid_rows;
  }
}

std::vector<physics_row> join_physics(const medium_surface& surface, const calibration_table& calibration) {
  std::map<std::int32_t, std::vector<const medium_row*>> ticks;
  for (const medium_row& r : surface.rows) ticks[r.rel_ticks].push_back(&r);
  std::vector<physics_row> joined;
  for (const auto& [rel, rows] : ticks) {
    for (const medium_row* wall : rows) {
      for (const medium_row* vacuum : rows) {
        const double x = ease(vacuum->vacuum_score, *wall, calibration);
        joined.push_back({.rel_ticks = rel,
                          .wall_side = wall->side,
                          .vacuum_side = vacuum->side,
                          .score = x,
                          .score_signed = signed_ease(x, wall->side, rel),
                          .mass_norm = calibration.norm(metric::wall_strength_log, wall->wall_strength_log),
                          .vacuum = vacuum->vacuum_score});
      }
    }
  }
  return joined;
}

std::vector<bucket_row> build_buckets(const std::vector<physics_row>& joined, const gex_input* gex,
                                      isobar::price reference, const radar_config& config,
                                      const calibration_table& calibration) {
  struct sums {
    double mass = 0, vacuum = 0, rows = 0, stiffness = 0;
  };
  std::map<std::int32_t, sums> buckets;
  for (const physics_row& r : joined) {
    sums& s = buckets[static_cast<std::int32_t>(floor_div(r.rel_ticks, bucket_ticks))];
    s.mass += r.mass_norm;
    s.vacuum += r.vacuum;
    s.rows += 1;
  }
  if (gex != nullptr && !joined.empty()) {
    for (const gex_input::strike_row& k : gex->strikes) {
      const std::int64_t reach = config.wall_ticks * config.tick.value;
      if (k.strike.value < reference.value - reach || k.strike.value > reference.value + reach) continue;
      const std::int64_t rel = round_half_even(k.strike.value - reference.value, config.tick.value);
      const double q95 = calibration.of(metric::gex_abs).q95;
      buckets[static_cast<std::int32_t>(floor_div(rel, bucket_ticks))].stiffness =
          std::clamp((k.call + k.put) / (q95 + 1), 0.0, 1.0);
    }
  }
  std::vector<bucket_row> out;
  for (const auto& [rel, s] : buckets) {
    bucket_row& r = out.emplace_back();
    r.bucket_rel = rel;
    r.mass = s.rows > 0 ? s.mass / s.rows : 0;
    r.vacuum = s.rows > 0 ? s.vacuum / s.rows : 0;
    r.stiffness = s.stiffness;
    r.resistance_eroded = std::clamp(r.mass + r.stiffness, 0.0, 1.0) * (1 - r.vacuum);
    r.blocked_level = static_cast<int>(std::nearbyint(5 * r.resistance_eroded));  // halves to even
    r.cavitation = std::pow(r.vacuum, 1.5);
    r.mobility = 1 - r.resistance_eroded;
  }
  return out;
}

}  // namespace isobar::radar_physics::literal
