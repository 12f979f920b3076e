#include "gamma-fuel/domain/score.hpp"

#include <algorithm>
#include <cmath>

namespace isobar::gamma_fuel {
namespace {

constexpr std::int64_t consumed_lots = 100;  // futures-medium 13.1: CONSUMED 60 if delta_liq < -100
constexpr double high_confidence = 0.7, medium_confidence = 0.4;

bool towards(double v, int direction) { return v * direction > 0; }
bool sweeps(const level_signal& l) {
  return l.state.sweep_direction != 0 && l.state.sweep_direction == l.break_direction;
}

confidence confidence_of(const level_signal& l) {
  const double mean = (l.state.barrier_confidence + l.state.tape_confidence + l.fuel.confidence) / 3;
  if (mean >= high_confidence) return confidence::high;
  return mean >= medium_confidence ? confidence::medium : confidence::low;
}

}  // namespace

double barrier_points(barrier state, std::int64_t delta_liquidity) {
  switch (state) {
    case barrier::vacuum:
      return 100;
    case barrier::weak:
      return 75;
    case barrier::consumed:
      return delta_liquidity < -consumed_lots ? 60 : 50;
    case barrier::wall:
    case barrier::absorption:
      return 0;
    case barrier::unknown:
    case barrier::neutral:
      break;
  }
  return 50;
}

double fuel_points(regime effect) {
  if (effect == regime::amplify) return 100;
  return effect == regime::dampen ? 0 : 50;
}

double tape_points(const level_state& s, int break_direction, double full_velocity) {
  if (s.sweep_direction != 0 && s.sweep_direction == break_direction) return 100;
  double points = 0;
  if (towards(s.price_velocity, break_direction)) {
    points += 25 * std::min(1.0, std::abs(s.price_velocity) / full_velocity);
  }
  if (towards(s.imbalance, break_direction)) points += 25 * std::abs(s.imbalance);
  return std::min(50.0, points);
}

std::string note_of(const level_signal& l) {
  std::string note;
  const auto say = [&](std::string_view words) {
    if (!note.empty()) note += "; ";
    note += words;
  };
  if (l.state.state == barrier::vacuum) say("Vacuum");
  if (l.state.state == barrier::wall) say("Wall holding");
  if (l.state.state == barrier::consumed) say("Being consumed");
  if (l.fuel.effect == regime::amplify) say("dealers chase");
  if (l.fuel.effect == regime::dampen) say("dealers fade");
  if (sweeps(l)) say("sweep confirms");
  return note.empty() ? "Monitoring" : note;
}

void score(const signal_config& c, level_signal& l) {
  l.barrier_points = barrier_points(l.state.state, l.state.delta_liquidity);
  l.fuel_points = fuel_points(l.fuel.effect);
  l.tape_points = tape_points(l.state, l.break_direction, c.full_velocity);
  const double sum =
      c.barrier_weight * l.barrier_points + c.fuel_weight * l.fuel_points + c.tape_weight * l.tape_points;
  l.score_raw = std::clamp(sum, 0.0, 100.0);
  l.confidence = confidence_of(l);
  l.note = note_of(l);
}

}  // namespace isobar::gamma_fuel
