#include "sim/component.hpp"

#include <algorithm>

namespace isobar::sim {

void option_component::advance(timestamp until, std::vector<stamped_event>& out) {
  scratch_.clear();
  market_.advance(until, scratch_);
  for (market::option_event& e : scratch_) out.push_back({e.ts_event, 0, std::move(e)});
}

void merged_market::advance(timestamp until, std::vector<stamped_event>& out) {
  const auto first = static_cast<std::ptrdiff_t>(out.size());
  for (std::size_t i = 0; i < components_.size(); ++i) {
    const std::size_t before = out.size();
    components_[i]->advance(until, out);
    for (std::size_t e = before; e < out.size(); ++e) out[e].component = i;
  }
  // Stable: each component's own order and the order of components survive at equal times.
  std::stable_sort(out.begin() + first, out.end(),
                   [](const stamped_event& a, const stamped_event& b) { return a.ts_event < b.ts_event; });
}

}  // namespace isobar::sim
