#include "sim/component.hpp"

#include <algorithm>

namespace isobar::sim {

void option_component::advance(timestamp until, std::vector<stamped_event>& out) {
  scratch_.clear();
  market_.advance(until, scratch_);
  for (market::option_event& e : scratch_) out.push_back({e.ts_event, 0, std::move(e)});
}

void futures_component::advance(timestamp until, std::vector<stamped_event>& out) {
  scratch_.clear();
  const timestamp from = market_.now(), start = market_.configuration().start;
  market_.advance(until, scratch_);
  const auto facts = market_.facts(from, market_.now());
  auto fact = facts.begin();
  const auto say_facts_until = [&](timestamp t) {
    for (; fact != facts.end() && time_of(*fact) <= t; ++fact)
      out.push_back({time_of(*fact), 0, std::make_shared<const futures_fact>(*fact)});
  };
  for (const market::book_event& e : scratch_) {
    const timestamp delivered = delivered_at(e, start);
    say_facts_until(delivered);
    out.push_back({delivered, 0, e});
  }
  say_facts_until(end_of_time);
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
