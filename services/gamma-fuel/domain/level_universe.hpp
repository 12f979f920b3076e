#pragma once
#include "gamma-fuel/domain/outputs.hpp"
#include "gamma-fuel/domain/session_tracker.hpp"

namespace isobar::gamma_fuel {

/// All levels worth watching, from the session, the landscape and the user. Ids: VWAP, SESSION_HIGH, SESSION_LOW,
/// PM_HIGH, PM_LOW, OR_HIGH, OR_LOW, SMA_200, SMA_400, CALL_WALL, PUT_WALL, GAMMA_WALL (absolute), GAMMA_FLIP,
/// ROUND_<price>, STRIKE_<price>, and the user's. Prices lie on the tick (half away from zero). One price may carry
/// several levels; each has its own id. Literal: futures-medium 12 (ids truncate, later of one id wins, wall definition
/// reversed).
class level_universe {
 public:
  explicit level_universe(const gamma_config& c);

  /// False: as many as allowed are there, or another level has the id.
  bool add(user_level l);
  bool remove(std::string_view id);
  std::span<const user_level> user_levels() const;

  /// The set in force from `effective`; nothing when it equals the last one. At most levels_max: the farthest from the
  /// market go first, user levels last.
  std::optional<level_set_input> build(timestamp effective, const gex_profile& p, const session_tracker& s);
  const level_set_input& last() const;

  template <class A>
  void fields(A& a);
};

}  // namespace isobar::gamma_fuel
