#pragma once
#include <cstdint>

#include "core/types.hpp"
#include "sim/random.hpp"

namespace isobar::sim {

/// How the index moves. Volatilities are per square root of a trading year (252 sessions of 6.5 hours).
struct path_config {
  std::uint64_t seed = 1;
  timestamp start;
  double spot = 6900;
  double vix = 16;              ///< the volatility's mean, in percent
  double volatility_scale = 1;  ///< 0 freezes the spot, and its jumps, for tests
  double jumps_per_hour = 2;    ///< in the session
  double jump_size = 0.0006;    ///< standard deviation of a jump, relative
};

/// The underlying: geometric Brownian motion with a mean-reverting volatility that leans against the spot, an intraday
/// U shape, jumps, and a calm night. It advances in equal steps; a path depends on its configuration and step width
/// alone, so that every market on the same index (options now, futures later) can own an equal copy.
class spot_path {
 public:
  spot_path(const path_config& config, duration_ns step);

  /// Moves over the step that begins at `t`; steps must follow each other.
  void advance(timestamp t);

  double spot() const { return spot_; }
  /// At-the-money volatility, annual, decimal.
  double volatility() const { return volatility_; }
  bool jumped() const { return jumped_; }          ///< in the last step
  bool in_session() const { return in_session_; }  ///< 09:30 to the close on trading days, in the last step

 private:
  void find_session(timestamp t);
  double activity(timestamp t);

  path_config config_;
  double step_seconds_;
  double step_deviation_;  ///< square root of the step in trading years
  random random_;
  double spot_, volatility_;
  bool jumped_ = false, in_session_ = false;
  timestamp open_, close_, next_day_ = start_of_time;  ///< of the exchange's date
};

}  // namespace isobar::sim
