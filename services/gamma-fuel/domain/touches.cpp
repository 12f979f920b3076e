#include "gamma-fuel/domain/touches.hpp"

#include <algorithm>

namespace isobar::gamma_fuel {

void touch_counter::begin_day(std::int32_t trading_date) {
  if (trading_date == day_) return;
  day_ = trading_date;
  levels_.clear();
}

std::uint32_t touch_counter::observe(std::string_view id, bool touching, timestamp t) {
  auto known = levels_.find(id);
  if (known == levels_.end()) {
    if (!touching) return 0;
    if (levels_.size() == levels_max) {
      levels_.erase(std::min_element(levels_.begin(), levels_.end(),
                                     [](const auto& a, const auto& b) { return a.second.entered < b.second.entered; }));
    }
    levels_.emplace(std::string(id), touched{.count = 1, .inside = true, .left = t, .entered = t});
    return 0;
  }
  touched& l = known->second;
  if (touching && !l.inside && t - l.left >= cooldown_) {
    ++l.count;
    l.entered = t;
  }
  if (!touching && l.inside) l.left = t;
  l.inside = touching;
  return touching ? l.count - 1 : l.count;
}

}  // namespace isobar::gamma_fuel
