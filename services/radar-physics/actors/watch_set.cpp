#include "radar-physics/actors/watch_set.hpp"

#include <cstdlib>
#include <map>

#include "core/decimal.hpp"
#include "core/numeric.hpp"

namespace isobar::radar_physics {

bool watch_set::follow(price anchor) {
  if (!rounding()) return false;
  if (base_ && std::llabs(anchor.value - *base_ * step_.value) < step_.value) return false;
  const std::int64_t base = round_div(anchor.value, step_.value);
  if (base_ == base) return false;
  base_ = base;
  return true;
}

market::level_set_input watch_set::all(timestamp effective) const {
  std::map<std::string, market::watched_level> by_id;
  if (outside_)
    for (const auto& l : outside_->levels) by_id.emplace(l.id, l);
  for (const auto& l : configured_) by_id.emplace(l.id, l);
  for (int i = -round_levels_each_side; base_ && i <= round_levels_each_side; ++i) {
    const price at((*base_ + i) * step_.value);
    const std::string id = "ROUND_" + format_nanos(at.value);
    by_id.emplace(id, market::watched_level{.id = id, .kind = "ROUND", .price = at});
  }
  market::level_set_input out{.effective = effective, .levels = {}};
  for (auto& [id, level] : by_id)
    if (out.levels.size() < most_) out.levels.push_back(std::move(level));
  return out;
}

}  // namespace isobar::radar_physics
