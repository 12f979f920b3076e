#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gamma-fuel/domain/outputs.hpp"

namespace isobar::gamma_fuel {

/// Says what a person wants to know at once, when it begins:
/// * level_approach: a level came within `approach` of the market (not at the very first tick);
/// * flip_crossed: the market is on the other side of the zero-gamma price than before;
/// * regime_change: the landscape's regime is another one;
/// * dangerous_setup: vacuum and amplifying dealers at a support within `approach`;
/// * signal: a level's signal became BREAK, BOUNCE or CONTESTED.
/// The same (kind, level, side or signal or regime) is quiet for alert_quiet: the opposite news is told; what begins
/// meanwhile is not told later. Bounded by the levels of a tick and by what was told during the quiet time.
class alert_maker {
 public:
  explicit alert_maker(const gamma_config& c);

  /// One tick, in time order; appends to `out` by kind, then in the order of the levels.
  void look(const level_signals& s, regime market, std::optional<price> zero_gamma, std::vector<alert>& out);

  template <class A>
  void fields(A& a) {
    a(begun_, regime_, flip_side_, levels_, told_);
  }

 private:
  struct seen {
    bool near = false, dangerous = false;
    gamma_fuel::signal signal = gamma_fuel::signal::neutral;
    int direction = 0;
    template <class A>
    void fields(A& a) {
      a(near, dangerous, signal, direction);
    }
  };
  bool is_near(const level_signal& l) const { return l.distance <= config_.approach; }
  bool is_dangerous(const level_signal& l) const;
  /// `variant`: what is told of the level, apart from other news of its kind.
  void tell(alert a, int variant, std::vector<alert>& out);
  void look_at_market(const level_signals& s, regime market, std::optional<price> zero_gamma, std::vector<alert>& out);

  signal_config config_;
  std::string symbol_;
  bool begun_ = false;
  regime regime_ = regime::neutral;
  int flip_side_ = 0;                                             ///< 1: above; 0: not known
  std::map<std::string, seen, std::less<>> levels_;               ///< of the tick before
  std::map<std::pair<alert_kind, std::string>, timestamp> told_;  ///< by kind and level + variant
};

}  // namespace isobar::gamma_fuel
