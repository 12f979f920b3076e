#include "ws-hydrator/domain/window_history.hpp"

#include <algorithm>
#include <map>

namespace isobar::ws_hydrator {

std::size_t window_history::bytes_of(const market::frozen_window& w) {
  return sizeof(market::frozen_window) + w.rows.size() * sizeof(market::contract_row);
}

void window_history::push(const market::frozen_window& w) {
  auto kept = std::make_shared<market::frozen_window>(w);
  kept->prints = {};  // rows are what is asked for; trades are not state
  const window_ptr copy = std::move(kept);
  const bool first = segments_.empty();
  if (first && !w.base) return;  // nothing before it is known
  // A keyframe once the windows after the last one weigh as much as it does.
  const bool full = !first && segments_.back().bytes > 2 * bytes_of(*segments_.back().windows.front()) + 65'536;
  if (w.base || full) {
    segment s;
    if (w.base) {
      s.windows = {copy};
    } else {
      auto all = segments_.back().windows;
      all.push_back(copy);
      s.windows = {std::make_shared<const market::frozen_window>(merge(all))};
    }
    s.bytes = bytes_of(*s.windows.front());
    bytes_ += s.bytes;
    segments_.push_back(std::move(s));
  } else {
    segments_.back().windows.push_back(copy);
    segments_.back().bytes += bytes_of(w);
    bytes_ += bytes_of(w);
  }
  while (bytes_ > bytes_max_ && segments_.size() > 1) {
    bytes_ -= segments_.front().bytes;
    segments_.pop_front();
  }
}

std::vector<window_history::window_ptr> window_history::until(timestamp as_of) const {
  for (auto s = segments_.rbegin(); s != segments_.rend(); ++s) {
    if (s->windows.front()->end > as_of) continue;
    std::vector<window_ptr> out;
    for (const window_ptr& w : s->windows)
      if (w->end <= as_of) out.push_back(w);
    return out;
  }
  return {};
}

market::frozen_window window_history::merge(const std::vector<window_ptr>& windows) {
  std::map<market::contract_index, market::contract_row> rows;
  for (const window_ptr& w : windows) {
    if (w->base) rows.clear();
    // What was traded belongs to the window asked for alone.
    for (auto& [c, row] : rows) row.traded = quantity(0);
    for (const market::contract_row& r : w->rows) rows[r.contract] = r;
  }
  market::frozen_window out = *windows.back();
  out.base = true;
  out.rows.clear();
  for (const auto& [c, row] : rows) out.rows.push_back(row);
  return out;
}

std::size_t window_history::windows() const {
  std::size_t n = 0;
  for (const segment& s : segments_) n += s.windows.size();
  return n;
}

}  // namespace isobar::ws_hydrator
