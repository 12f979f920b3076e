#pragma once
#include <deque>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gamma-fuel/domain/literal/levels.hpp"
#include "gamma-fuel/domain/outputs.hpp"
#include "gamma-fuel/domain/session_tracker.hpp"

namespace isobar::gamma_fuel {

/// All levels worth watching, from the session, the landscape and the user. Ids: VWAP, SESSION_HIGH, SESSION_LOW,
/// PM_HIGH, PM_LOW, OR_HIGH, OR_LOW, SMA_200, SMA_400, CALL_WALL, PUT_WALL, GAMMA_WALL (absolute), GAMMA_FLIP,
/// ROUND_<price>, STRIKE_<price>, and the user's. Prices lie on the tick (half away from zero). One price may carry
/// several levels; each has its own id.
///
/// Literal rules (futures-medium 12): those of domain/literal/levels.hpp, in prices of the symbol, off its tick; a
/// user's level is a HOTZONE_<price of the underlying>.
///
/// Walls and flip are the chosen model's. Strikes are those of the grid with open interest, gamma or volume. Round
/// prices, strikes and walls count within `reach` of the market; session levels, flip and the user's at any distance.
/// Without a market there are only those.
class level_universe {
 public:
  explicit level_universe(const gamma_config& c);

  /// False: as many as allowed are there, or another level has the id (also the names that the universe itself gives).
  bool add(user_level l);
  bool remove(std::string_view id);
  std::span<const user_level> user_levels() const { return user_; }

  /// The set in force from `effective`, a window behind the last instant that in_force() will still be asked for;
  /// nothing when it equals the last one. At most levels_max: the farthest from the market go first, user levels last.
  std::optional<level_set_input> build(timestamp effective, const gex_profile& p, const session_tracker& s);
  /// The same by literal rules; `flows` ascending by strike.
  std::optional<level_set_input> build(timestamp effective, const literal::session& s,
                                       std::span<const literal::strike_total> flows);
  const level_set_input& last() const { return last_; }
  /// The newest set whose `effective` is not behind `t`; empty: none yet. Times do not fall.
  const level_set_input& in_force(timestamp t);

  template <class A>
  void fields(A& a) {
    std::uint64_t pending = pending_.size();
    a(user_, pending);
    if constexpr (requires { a.refuse(); }) {
      if (pending > pending_most || user_.size() > levels_most) {
        a.refuse();
        return;
      }
      pending_.resize(pending);
    }
    bool whole = set(a, last_) && set(a, in_force_);
    for (level_set_input& p : pending_) whole = whole && set(a, p);
  }

 private:
  static constexpr std::size_t levels_most = 4'096;  ///< of a checkpoint
  static constexpr std::size_t pending_most = 64;

  /// False: refused.
  template <class A>
  static bool set(A& a, level_set_input& s) {
    std::uint64_t count = s.levels.size();
    a(s.effective, count);
    if constexpr (requires { a.refuse(); }) {
      if (count > levels_most) {
        a.refuse();
        return false;
      }
      s.levels.resize(count);
    }
    for (market::watched_level& l : s.levels) a(l.id, l.kind, l.price);
    return true;
  }

  void put(std::string id, std::string_view kind, std::optional<price> p);
  void put_session(const session_tracker& s);
  void put_landscape(const gex_profile& p);
  void put_round(price market);
  void drop_far(price market);
  std::optional<level_set_input> keep(timestamp effective);
  bool near(std::optional<price> p, price market) const;

  gamma_config config_;
  std::vector<user_level> user_;  ///< ascending by id
  level_set_input last_;
  level_set_input in_force_;
  std::deque<level_set_input> pending_;      ///< ascending by effective; later than in_force_, the newest is last_
  std::vector<market::watched_level> made_;  ///< scratch
};

/// Price on the nearest tick, half away from zero.
price on_tick(price p, price tick);

}  // namespace isobar::gamma_fuel
