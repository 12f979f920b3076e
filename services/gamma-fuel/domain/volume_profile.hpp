#pragma once
#include <cstdint>
#include <map>

#include "gamma-fuel/domain/gamma_config.hpp"
#include "gamma-fuel/domain/session_day.hpp"

namespace isobar::gamma_fuel {

/// Volume by price since the trading date began (18:00 New York), as options-surface 8.4 has it: what traded, at the
/// price at which the market then was. Bins are a tenth of the strike step wide, so that strikes' own bins end where
/// these do. Lots are of the configured source: the symbol's own trades, at their price; or option contracts, at the
/// options' underlying. Pure.
class volume_profile {
 public:
  static constexpr std::size_t bins_max = 20'000;

  explicit volume_profile(const gamma_config& c);

  /// Forgets an earlier trading date. Times do not fall.
  void roll(timestamp t);
  /// Volume of an earlier date, without lots, or at a price that cannot be is left out; a bin beyond bins_max is
  /// counted.
  void add(timestamp t, price at, std::uint64_t lots);

  /// Lots by bin, ascending; a bin's number is floor(price / width()).
  const std::map<std::int64_t, std::uint64_t>& bins() const { return bins_; }
  price width() const { return width_; }
  price middle(std::int64_t bin) const { return price(bin * width_.value + width_.value / 2); }
  /// Lots that no bin had room for, since the beginning.
  std::uint64_t dropped() const { return dropped_; }

  template <class A>
  void fields(A& a) {
    a(day_, bins_, dropped_);
  }

 private:
  price width_;
  session_day day_;
  std::map<std::int64_t, std::uint64_t> bins_;
  std::uint64_t dropped_ = 0;
};

}  // namespace isobar::gamma_fuel
