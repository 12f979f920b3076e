#pragma once
#include <optional>

#include "gamma-fuel/domain/exposures.hpp"
#include "gamma-fuel/domain/volume_structure.hpp"

namespace isobar::gamma_fuel {

/// Where dealers' hedging draws the market, and how far (options-surface 8.5), under a model.
///
/// A basin is a strike whose dealer gamma is positive (moves away from it are hedged against) and not smaller than its
/// neighbours' on the ladder; where a volume profile is known it must also be accepted: not a well of it. Strikes
/// outside of the traded range are not accepted. Stiffness is the basin's gamma over the largest basin's, (0, 1].
/// * best: the basin with the least |strike - market| / stiffness; of equal ones the stiffer, then the lower.
/// * low, high: the next basins below and above it.
/// * confidence: gamma of best / (gamma of low + best + high) x volume of best / volume of the point of control;
/// nothing
///   without a volume profile.
/// Nothing is best where there is no basin. Pure.
gravity_reading gravity_of(const strike_ladder& ladder, sign_model m, price market, const volume_structure& volume);

/// Where the market is in the volume profile (the context of 8.5): nearest node and well with their signed distances
/// over the market's price, and whether the market's strike is in a crevasse. Nothing without a profile.
std::optional<volume_context> context_of(const volume_structure& volume, price market, price centre);

/// Keeps the reading that a minute ended with: of its last window built. Minutes in which nothing was built change
/// nothing.
class minute_gravity {
 public:
  /// `r` is of the window that ends at `end`; ends ascend. What it returns is of the last whole minute; as_of 0: none
  /// yet.
  const gravity_reading& follow(timestamp end, const gravity_reading& r);

  template <class A>
  void fields(A& a) {
    a(minute_, last_, final_);
  }

 private:
  std::int64_t minute_ = INT64_MIN;  ///< that `last_` is of
  gravity_reading last_, final_;
};

}  // namespace isobar::gamma_fuel
