#pragma once
#include <array>

#include "sim/futures_exchange.hpp"

namespace isobar::sim {

/// How deep the market wants to be and how large its orders are: what makers aim at. Shapes follow the real ESH4 book
/// (data manifest) after its open: thin at the touch, full from the fourth tick on, 10 to 20 orders of about two lots
/// per level, more at round numbers, and single lots in three of four new orders.
class futures_profile {
 public:
  explicit futures_profile(const futures_market_config& c);

  /// Within so many ticks of the touch the market is busy.
  static constexpr market::tick_index near_ticks = 48;

  /// Lots that a level tends to, `away` ticks from the touch; `round` numbers get more.
  double target(market::tick_index away, market::tick_index tick) const {
    const double base = away < near_ticks ? near_[static_cast<std::size_t>(std::max<market::tick_index>(away, 0))]
                        : away < extent_  ? far_
                                          : far_ / 8;
    return base * (tick % 20 == 0 ? 1.8 : tick % 4 == 0 ? 1.15 : 1.0);
  }
  /// Distance from the touch of the next change: mostly near, one in fourteen far.
  market::tick_index draw_away(random& r) const;
  /// Lots of a new order: 1 in three of four cases.
  static std::uint32_t draw_size(random& r);

  /// The orders that rest at the start around a touch of `bid` and bid + 1, in order of entry, and their times.
  void plan(const futures_market_config& c, market::tick_index bid, random& r,
            std::vector<futures_exchange::entry>& orders, std::vector<timestamp>& times) const;

 private:
  std::array<double, near_ticks> near_;
  double far_;
  market::tick_index extent_;
  std::array<std::uint8_t, 256> distances_;
};

}  // namespace isobar::sim
