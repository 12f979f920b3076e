#include "radar-physics/domain/literal/barrier.hpp"

#include <algorithm>
#include <cstdlib>

#include "radar-physics/domain/level_rules.hpp"

namespace isobar::radar_physics::literal {
namespace {

std::uint64_t lots(std::int64_t n) { return static_cast<std::uint64_t>(n); }

barrier_state earlier_state_of(const barrier_reading& r, const level_config& c) {
  const std::int64_t delta = r.delta_liquidity;
  if (r.replenishment_ratio < c.vacuum_ratio && delta < -c.flow_lots) return barrier_state::vacuum;
  if (r.replenishment_ratio > c.wall_ratio && delta > c.flow_lots) return barrier_state::wall;
  if (delta < -c.flow_lots && r.filled > r.cancelled) return barrier_state::consumed;
  if (delta > 0 && r.replenishment_ratio > 1) return barrier_state::absorption;
  if (r.depth_in_zone < lots(c.weak_lots)) return barrier_state::weak;
  if (2 * std::abs(delta) < c.flow_lots && r.churn > lots(c.flow_lots)) return barrier_state::absorption;
  return barrier_state::neutral;
}

}  // namespace

level_config earlier_levels() {
  level_config c;
  c.sweep_notional = 500'000;
  return c;
}

barrier_answer barrier(isobar::price level, book_side defending, const std::vector<depth_snapshot>& snapshots,
                       const std::vector<print>& prints, timestamp now, const radar_config& config) {
  const level_config& c = config.levels;
  const std::int64_t reach = c.zone_ticks * config.tick.value;
  const auto in_zone = [&](isobar::price p) { return std::abs(p.value - level.value) <= reach; };
  const auto side_of = [&](const depth_snapshot& s) -> const std::vector<depth_level>& {
    return defending == book_side::bid ? s.bids : s.asks;
  };
  const auto depth_of = [&](const depth_snapshot& s) {
    std::int64_t z = 0;
    for (const depth_level& l : side_of(s)) z += in_zone(l.price) ? l.size : 0;
    return z;
  };
  const auto taken = [&](timestamp from, timestamp to) {
    std::int64_t volume = 0;
    for (const print& p : prints) {
      const bool inside = from <= p.ts_event && p.ts_event <= to && p.ts_event >= now - c.barrier_window;
      if (inside && in_zone(p.price) && p.aggressor == market::opposite(defending)) volume += p.size;
    }
    return volume;
  };

  barrier_answer answer;
  barrier_reading& r = answer.reading;
  const auto first = std::find_if(snapshots.begin(), snapshots.end(),
                                  [&](const depth_snapshot& s) { return s.ts_event >= now - c.barrier_window; });
  if (snapshots.end() - first < 2) return answer;
  for (auto s = first + 1; s != snapshots.end(); ++s) {
    const std::int64_t change = depth_of(*s) - depth_of(*(s - 1));
    r.churn += lots(std::abs(change));
    if (change > 0) r.added += lots(change);
    if (change >= 0) continue;
    const std::int64_t volume = taken((s - 1)->ts_event, s->ts_event);
    r.filled += lots(std::min(-change, volume + 1));
    r.cancelled += lots(std::max<std::int64_t>(0, -change - volume));
  }
  const depth_snapshot& newest = snapshots.back();
  const std::uint64_t lost = r.cancelled + r.filled;
  r.delta_liquidity = static_cast<std::int64_t>(r.added) - static_cast<std::int64_t>(lost);
  r.replenishment_ratio = static_cast<double>(r.added) / (static_cast<double>(lost) + 1e-6);
  r.confidence = std::min(1.0, static_cast<double>(r.added + lost) / 500);
  r.depth_in_zone = lots(depth_of(newest));
  r.wall_ratio = static_cast<double>(r.depth_in_zone) / 5'000;
  r.state = earlier_state_of(r, c);
  if (!side_of(newest).empty()) {
    answer.quote = isobar::price(floor_div(side_of(newest).front().price.value, 10));
    answer.quote_size = side_of(newest).front().size;
  }
  return answer;
}

tape_reading tape(isobar::price level, const std::vector<print>& prints, timestamp now, const radar_config& config) {
  const level_config& c = config.levels;
  tape_reading r;
  slope_fit slope;
  sweep_finder sweeps(c.sweep_gap, c.sweep_notional);
  for (const print& p : prints) {
    if (p.ts_event >= now - c.velocity_window) {
      slope.add(static_cast<double>((p.ts_event - now).value) / 1e9, to_double(p.price));
    }
    const bool near = std::abs(p.price.value - level.value) <= c.tape_ticks * config.tick.value;
    if (!near || p.ts_event < now - c.tape_window) continue;
    if (p.aggressor == book_side::bid) r.buy += lots(p.size);
    if (p.aggressor == book_side::ask) r.sell += lots(p.size);
    sweeps.add(p.ts_event, to_double(p.price) * static_cast<double>(p.size * config.multiplier), p.aggressor);
  }
  r.price_velocity = slope.per_second();
  judge(r, c);
  r.sweep = sweeps.finish();
  return r;
}

}  // namespace isobar::radar_physics::literal
