#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/types.hpp"

namespace isobar::gamma_fuel {

/// Counts how often the market touched each level on a trading date. A touch is new when the market had left the band
/// for the cooldown; time inside is one touch however long. Observed at ticks: what goes in and out between two is not
/// seen. Bounds: levels_max ids, the one touched longest ago goes first.
class touch_counter {
 public:
  static constexpr std::size_t levels_max = 4'096;

  explicit touch_counter(duration_ns cooldown) : cooldown_(cooldown) {}

  /// A new date forgets everything.
  void begin_day(std::int32_t trading_date);
  /// The level at one tick. Returns the touches before the one that is going on (or before now).
  std::uint32_t observe(std::string_view id, bool touching, timestamp t);

  template <class A>
  void fields(A& a) {
    a(day_, levels_);
  }

 private:
  struct touched {
    std::uint32_t count = 0;
    bool inside = false;
    timestamp left;     ///< first tick outside
    timestamp entered;  ///< newest touch
    template <class A>
    void fields(A& a) {
      a(count, inside, left, entered);
    }
  };

  duration_ns cooldown_;
  std::int32_t day_ = 0;
  std::map<std::string, touched, std::less<>> levels_;
};

}  // namespace isobar::gamma_fuel
