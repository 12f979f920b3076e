#include "radar-physics/actors/watch_set.hpp"

#include <cstdlib>
#include <set>

#include "core/decimal.hpp"
#include "core/numeric.hpp"

namespace isobar::radar_physics {
namespace {

/// The entry in force at `t`, or null.
template <class Value>
const Value* in_force(const std::map<timestamp, Value>& all, timestamp t) {
  auto at = all.upper_bound(t);
  return at == all.begin() ? nullptr : &std::prev(at)->second;
}

template <class Value>
void bound(std::map<timestamp, Value>& all) {
  while (all.size() > watch_set::remembered_max) all.erase(all.begin());
}

}  // namespace

watch_set::changes watch_set::follow(price anchor, timestamp end) {
  if (!rounding()) return {};
  if (!bases_.empty()) {
    const std::int64_t base = bases_.rbegin()->second;
    if (std::llabs(anchor.value - base * step_.value) < step_.value) return {};
  }
  const std::int64_t base = round_div(anchor.value, step_.value);
  if (!bases_.empty() && bases_.rbegin()->second == base) return {};
  bases_[end] = base;
  bound(bases_);
  // Sets that wait for their time were joined with the middle of before.
  return from(end);
}

watch_set::changes watch_set::take(market::level_set_input outside) {
  std::vector<said_level> levels;
  for (market::watched_level& l : outside.levels) levels.push_back({std::move(l.id), std::move(l.kind), l.price});
  outside_[outside.effective] = std::move(levels);
  bound(outside_);
  // Round levels may have moved since, without it.
  return from(outside.effective);
}

watch_set::changes watch_set::everything() const {
  changes out;
  if (!configured_.empty() && !bases_.contains(start_of_time) && !outside_.contains(start_of_time))
    out.push_back(all(start_of_time));
  for (auto& set : from(start_of_time)) out.push_back(std::move(set));
  return out;
}

/// At each instant from `t` on at which something changes.
watch_set::changes watch_set::from(timestamp t) const {
  std::set<timestamp> at;
  for (auto b = bases_.lower_bound(t); b != bases_.end(); ++b) at.insert(b->first);
  for (auto o = outside_.lower_bound(t); o != outside_.end(); ++o) at.insert(o->first);
  changes out;
  for (const timestamp when : at) out.push_back(all(when));
  return out;
}

market::level_set_input watch_set::all(timestamp t) const {
  std::map<std::string, market::watched_level> by_id;
  if (const auto* said = in_force(outside_, t))
    for (const said_level& l : *said)
      by_id.emplace(l.id, market::watched_level{.id = l.id, .kind = l.kind, .price = l.price});
  for (const auto& l : configured_) by_id.emplace(l.id, l);
  const auto* base = in_force(bases_, t);
  for (int i = -round_levels_each_side; base != nullptr && i <= round_levels_each_side; ++i) {
    const price at((*base + i) * step_.value);
    const std::string id = "ROUND_" + format_nanos(at.value);
    by_id.emplace(id, market::watched_level{.id = id, .kind = "ROUND", .price = at});
  }
  market::level_set_input out{.effective = t, .levels = {}};
  for (auto& [id, level] : by_id)
    if (out.levels.size() < most_) out.levels.push_back(std::move(level));
  return out;
}

void watch_set::clear() {
  bases_.clear();
  outside_.clear();
}

}  // namespace isobar::radar_physics
