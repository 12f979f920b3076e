#pragma once
#include <cstdint>

#include "radar-physics/domain/outputs.hpp"
#include "radar-physics/domain/radar_config.hpp"

/// The arithmetic of barrier and tape (futures-medium 9 and 10), apart from how flows and prints are gathered.
namespace isobar::radar_physics {

/// The state that a reading's flows and depth mean. Corrected: a level counts as vacuum only when more was cancelled
/// than filled, so that one eaten by trades is consumed. First match wins:
///   1 vacuum: ratio < vacuum_ratio, delta < -flow_lots, cancelled > filled   4 absorption: delta > 0, ratio > 1
///   2 wall: ratio > wall_ratio, delta > flow_lots                            5 weak: depth < weak_lots
///   3 consumed: delta < -flow_lots, filled >= cancelled                      6 absorption: |delta| < flow_lots / 2,
///   7 neutral                                                                  churn > flow_lots
barrier_state state_of(const barrier_reading& r, const level_config& c);

/// Fills delta, churn, ratio, confidence and state from added, cancelled, filled and depth_in_zone.
void judge(barrier_reading& r, const level_config& c);

/// Least-squares slope, one pass. Prices in points, times in seconds.
class slope_fit {
 public:
  void add(double seconds, double price);
  /// 0 for fewer than two prints, or prints of one instant.
  double per_second() const { return count_ < 2 || spread_ <= 0 ? 0 : joint_ / spread_; }
  std::uint64_t count() const { return count_; }

 private:
  std::uint64_t count_ = 0;
  double mean_time_ = 0, mean_price_ = 0, spread_ = 0, joint_ = 0;
};

/// Finds the largest one-sided cluster of prints (futures-medium 10): gaps of at most `gap`, two prints or more,
/// aggressors of one side only (prints without one may be among them), notional at least `notional_min`.
class sweep_finder {
 public:
  sweep_finder(duration_ns gap, double notional_min) : gap_(gap), notional_min_(notional_min) {}
  /// In time order.
  void add(timestamp ts, double notional, book_side aggressor);
  /// The first of the largest; direction 0 when there is none or fewer than three prints were given.
  sweep_reading finish();

 private:
  void close();

  duration_ns gap_;
  double notional_min_;
  std::uint64_t prints_ = 0;
  bool bought_ = false, sold_ = false;
  sweep_reading cluster_, best_;
};

/// Fills imbalance and confidence from buy and sell.
void judge(tape_reading& r, const level_config& c);

}  // namespace isobar::radar_physics
