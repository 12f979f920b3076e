#pragma once
#include "gamma-fuel/domain/outputs.hpp"

namespace isobar::gamma_fuel {

/// Score of one level (futures-medium 13.1): fills points, score_raw, confidence, note from state, fuel and
/// break_direction. A barrier that is not known scores as neutral; dealers' effect counts the same in either direction.
void score(const signal_config& c, level_signal& l);

/// The three terms, 0 to 100 each.
double barrier_points(barrier state, std::int64_t delta_liquidity);
double fuel_points(regime effect);
/// 100 for a sweep in the break direction; else at most 50: half by velocity (full_velocity points per second count
/// whole), half by imbalance, each only in the break direction.
double tape_points(const level_state& s, int break_direction, double full_velocity);

/// "Vacuum; dealers chase; sweep confirms"; "Monitoring" when there is nothing to say.
std::string note_of(const level_signal& l);

}  // namespace isobar::gamma_fuel
