#pragma once
#include <optional>

#include "gamma-fuel/domain/gamma_config.hpp"
#include "market/option.hpp"

namespace isobar::gamma_fuel {

/// The basis that strikes are binned with: the last one that was more than a fifth of a step away from the one before,
/// so that ticks of the basis about an edge between two bins do not move every strike to and fro.
class binning_basis {
 public:
  price follow(price basis, price step) {
    constexpr std::int64_t parts = 5;
    const bool held =
        held_ && basis - *held_ <= price(step.value / parts) && *held_ - basis <= price(step.value / parts);
    if (!held) held_ = basis;
    return *held_;
  }
  template <class A>
  void fields(A& a) {
    a(held_);
  }

 private:
  std::optional<price> held_;
};

/// The strikes of a profile: exact multiples of the step around the market's own multiple, and the rule that brings an
/// option's strike to them.
class strike_grid {
 public:
  /// `binned_by`: the basis for bin(); `basis` for everything else.
  strike_grid(const gamma_config& c, price reference, price basis, price binned_by);
  strike_grid(const gamma_config& c, price reference, price basis) : strike_grid(c, reference, basis, basis) {}

  price market() const { return reference_; }
  /// The market on the grid: reference rounded to the step, half up (literal: half to even).
  price centre() const { return centre_; }
  std::size_t size() const { return static_cast<std::size_t>(2 * reach_ + 1); }
  price at(std::size_t i) const { return centre_ + step_ * (static_cast<std::int64_t>(i) - reach_); }
  /// Position on the grid of a multiple of the step; nothing: off the grid.
  std::optional<std::size_t> index_of(price multiple) const;

  /// The grid strike (a multiple of the step, on the grid or not) of an option's strike: scale x strike + basis for
  /// binning, rounded half up (literal: scale x strike, half to even). Nothing when it is beyond all prices.
  std::optional<price> bin(strike k) const;
  /// The multiple of the step nearest to a price of `symbol`, rounded as bin() does.
  price nearest(price p) const { return round(p.value); }
  /// scale x strike + basis, not rounded (literal: scale x strike). Nothing when it is beyond all prices.
  std::optional<price> convert(strike k) const { return convert(k, basis_); }
  /// Price of `symbol` where the options' underlying is at `underlying` points; nothing when it is beyond all prices.
  std::optional<price> convert(double underlying) const;

 private:
  price round(std::int64_t nanos) const;
  std::optional<price> convert(strike k, price basis) const;

  price step_, reference_, basis_, binned_by_;
  double scale_;
  bool literal_;
  std::int64_t reach_;  ///< strikes on each side of the centre
  price centre_;
};

}  // namespace isobar::gamma_fuel
