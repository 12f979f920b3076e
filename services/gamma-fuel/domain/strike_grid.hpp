#pragma once
#include <optional>

#include "gamma-fuel/domain/gamma_config.hpp"
#include "market/option.hpp"

namespace isobar::gamma_fuel {

/// The strikes of a profile: exact multiples of the step around the market's own multiple, and the rule that brings an
/// option's strike to them.
class strike_grid {
 public:
  strike_grid(const gamma_config& c, price reference, price basis);

  /// The market on the grid: reference rounded to the step, half up (literal: half to even).
  price centre() const { return centre_; }
  /// Strikes on each side of the centre.
  std::int64_t reach() const { return reach_; }
  std::size_t size() const { return static_cast<std::size_t>(2 * reach_ + 1); }
  price at(std::size_t i) const { return centre_ + step_ * (static_cast<std::int64_t>(i) - reach_); }
  /// Position on the grid of a multiple of the step; nothing: off the grid.
  std::optional<std::size_t> index_of(price multiple) const;

  /// The grid strike (a multiple of the step, on the grid or not) of an option's strike: scale x strike + basis,
  /// rounded half up (literal: scale x strike, half to even). Nothing when it is beyond all prices.
  std::optional<price> bin(strike k) const;
  /// Price of `symbol` where the options' underlying is at `underlying` points; nothing when it is beyond all prices.
  std::optional<price> convert(double underlying) const;

 private:
  price round(std::int64_t nanos) const;

  price step_, basis_;
  double scale_;
  bool literal_;
  std::int64_t reach_;
  price centre_;
};

}  // namespace isobar::gamma_fuel
