#include "sim/spot_path.hpp"

#include <algorithm>
#include <cmath>

#include "market/calendar.hpp"
#include "market/root.hpp"

namespace isobar::sim {

namespace {

constexpr double trading_year_seconds = 252 * 23'400.0;
/// Of the volatility: mean reversion in half an hour, 0.2 % of itself per root second, -0.7 against the spot.
constexpr double reversion_per_second = 1 / 1800.0, volatility_of_volatility = 0.002, leverage = -0.7;
/// Movement outside the session relative to the session's mean.
constexpr double night_activity = 0.25;
/// The spot stays within this factor of where it began: prices stay representable however long the path.
constexpr double furthest = 20;
constexpr std::uint64_t path_stream = 1;

}  // namespace

spot_path::spot_path(const path_config& config, duration_ns step)
    : config_(config),
      step_seconds_(static_cast<double>(step.value) / 1e9),
      step_deviation_(std::sqrt(step_seconds_ / trading_year_seconds)),
      random_(config.seed, path_stream),
      spot_(config.spot),
      volatility_(config.vix / 100) {
  find_session(config.start);
}

void spot_path::find_session(timestamp t) {
  const date day = market::exchange_date(t);
  next_day_ = market::new_york_time(day + 1, {0});
  open_ = close_ = next_day_;
  if (market::is_trading_day(day)) open_ = market::session_open(day), close_ = market::session_close(day);
  in_session_ = t >= open_ && t < close_;
}

double spot_path::activity(timestamp t) {
  if (t >= next_day_) find_session(t);
  in_session_ = t >= open_ && t < close_;
  if (!in_session_) return night_activity;
  const double x = 2 * static_cast<double>((t - open_).value) / static_cast<double>((close_ - open_).value) - 1;
  return (1 + 1.5 * x * x) / 1.5;  // mean 1 over the session
}

void spot_path::advance(timestamp t) {
  const double now_active = activity(t);
  const double z = random_.normal(), w = random_.normal();
  const double jump_draw = random_.uniform();
  const double mean = config_.vix / 100;

  double move = config_.volatility_scale * volatility_ * step_deviation_ * now_active * z;
  jumped_ = in_session_ && config_.volatility_scale > 0 && jump_draw < config_.jumps_per_hour * step_seconds_ / 3600;
  if (jumped_) move += config_.volatility_scale * config_.jump_size * random_.normal();
  spot_ = std::clamp(spot_ * std::exp(move), config_.spot / furthest, config_.spot * furthest);

  if (config_.volatility_scale <= 0) return;
  const double shock = leverage * z + std::sqrt(1 - leverage * leverage) * w;
  volatility_ += reversion_per_second * (mean - volatility_) * step_seconds_ +
                 volatility_of_volatility * volatility_ * std::sqrt(step_seconds_) * shock;
  volatility_ = std::clamp(volatility_, 0.5 * mean, 2.5 * mean);
}

}  // namespace isobar::sim
