#pragma once
#include <optional>
#include <span>
#include <vector>

#include "core/types.hpp"
#include "market/option_kernel.hpp"

namespace isobar::gamma_fuel {

/// A weighted book to re-price: contracts x multiplier of each option, signed. Spans of equal length.
struct weighted_book {
  market::kernel_input options;
  std::span<const double> weight;
};

/// Finds where the re-priced total gamma of a book is zero: every forward scaled by one factor, volatilities stay with
/// their strikes. Within 5 % of the market it looks at every per cent each time, and within 1 % at every deviation of
/// the option that has the least of it (never closer than 0.04 %): two sign changes between two such points are not
/// seen, others are, and the one given is the nearest. Beyond, to 20 %, it follows the last one found and looks over
/// the whole range once a minute of event time. Tails where the total is under 1e-9 of its largest are not believed to
/// have a sign.
class zero_gamma_search {
 public:
  static constexpr double reach = 0.20, near = 0.05, spacing = 0.01;
  static constexpr double close = 0.01, spacing_min = 0.0004;
  static constexpr duration_ns look_again = seconds(60);

  /// The factor, within `tolerance`; nothing: no sign change inside the reach. `underlying` in points.
  std::optional<double> find(const weighted_book& book, timestamp t, double underlying, double tolerance);

  template <class A>
  void fields(A& a) {
    a(last_far_, looked_at_);
  }

 private:
  market::repricing_profile totals_;  ///< of the last book; its memory is reused
  std::optional<double> last_far_;    ///< underlying's price there, points
  timestamp looked_at_ = start_of_time;
};

}  // namespace isobar::gamma_fuel
