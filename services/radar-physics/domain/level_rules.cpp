#include "radar-physics/domain/level_rules.hpp"

#include <algorithm>
#include <cstdlib>

namespace isobar::radar_physics {
namespace {

/// Flow at which a reading is sure of itself: five times what means something (500 lots).
double sure(const level_config& c) { return 5 * static_cast<double>(c.flow_lots); }

}  // namespace

barrier_state state_of(const barrier_reading& r, const level_config& c) {
  const bool lost = r.delta_liquidity < -c.flow_lots;
  if (r.replenishment_ratio < c.vacuum_ratio && lost && r.cancelled > r.filled) return barrier_state::vacuum;
  if (r.replenishment_ratio > c.wall_ratio && r.delta_liquidity > c.flow_lots) return barrier_state::wall;
  if (lost && r.filled >= r.cancelled) return barrier_state::consumed;
  if (r.delta_liquidity > 0 && r.replenishment_ratio > 1) return barrier_state::absorption;
  if (r.depth_in_zone < static_cast<std::uint64_t>(c.weak_lots)) return barrier_state::weak;
  const bool busy = r.churn > static_cast<std::uint64_t>(c.flow_lots);
  return busy && 2 * std::abs(r.delta_liquidity) < c.flow_lots ? barrier_state::absorption : barrier_state::neutral;
}

void judge(barrier_reading& r, const level_config& c) {
  const std::uint64_t lost = r.cancelled + r.filled;
  r.churn = r.added + lost;
  r.delta_liquidity = static_cast<std::int64_t>(r.added) - static_cast<std::int64_t>(lost);
  r.replenishment_ratio = static_cast<double>(r.added) / (static_cast<double>(lost) + 1e-6);
  r.confidence = std::min(1.0, static_cast<double>(r.churn) / sure(c));
  r.state = state_of(r, c);
}

void slope_fit::add(double seconds, double price) {
  ++count_;
  const double n = static_cast<double>(count_);
  const double off_time = seconds - mean_time_, off_price = price - mean_price_;
  mean_time_ += off_time / n;
  mean_price_ += off_price / n;
  spread_ += off_time * (seconds - mean_time_);
  joint_ += off_time * (price - mean_price_);
}

void sweep_finder::add(timestamp ts, double notional, book_side aggressor) {
  if (cluster_.prints > 0 && ts - cluster_.last > gap_) close();
  if (cluster_.prints == 0) cluster_.first = ts;
  ++prints_;
  ++cluster_.prints;
  cluster_.last = ts;
  cluster_.notional += notional;
  bought_ = bought_ || aggressor == book_side::bid;
  sold_ = sold_ || aggressor == book_side::ask;
}

void sweep_finder::close() {
  if (cluster_.prints >= 2 && bought_ != sold_ && cluster_.notional >= notional_min_ &&
      cluster_.notional > best_.notional) {
    best_ = cluster_;
    best_.direction = bought_ ? 1 : -1;
  }
  cluster_ = {};
  bought_ = sold_ = false;
}

sweep_reading sweep_finder::finish() {
  close();
  return prints_ < 3 ? sweep_reading{} : best_;
}

void judge(tape_reading& r, const level_config& c) {
  const double buy = static_cast<double>(r.buy), sell = static_cast<double>(r.sell);
  r.imbalance = (buy - sell) / (buy + sell + 1e-6);
  r.confidence = std::min(1.0, (buy + sell) / sure(c));
}

}  // namespace isobar::radar_physics
