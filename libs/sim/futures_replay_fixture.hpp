#pragma once
#include <map>
#include <unordered_map>
#include <vector>

#include "core/numeric.hpp"
#include "market/futures_feed.hpp"

namespace isobar::sim {

/// The book that records say, kept as plainly as possible: an oracle for tests of what the simulator emits. It knows
/// only that adds, modifies, cancels and clears change the book (decisions 11) and counts what no venue would say.
class futures_replay {
 public:
  explicit futures_replay(price tick) : tick_(tick) {}

  void apply(const market::book_event& e) {
    using market::book_action;
    started_ |= !e.has(market::event_flag::snapshot);
    time_went_back += started_ && e.ts_event < last_;
    last_ = e.ts_event;
    switch (e.action) {
      case book_action::add:
        insert(e);
        break;
      case book_action::modify:
        if (remove(e, false)) insert(e);
        break;
      case book_action::cancel:
        remove(e, true);
        break;
      case book_action::clear:
        orders_.clear();
        for (auto& side : levels_) side.clear();
        break;
      case book_action::trade:
        traded += e.size;
        printed_without_side += e.side == market::book_side::none ? e.size : 0;
        break;
      case book_action::fill:
        fills += orders_.count(e.order) == 0 ? 0 : 1, unknown += orders_.count(e.order) == 0;
        break;
      case book_action::none:
        break;
    }
    if (e.has(market::event_flag::last)) crossed_events += crossed();
  }

  bool crossed() const {
    return !levels_[0].empty() && !levels_[1].empty() && levels_[0].rbegin()->first >= levels_[1].begin()->first;
  }
  /// Lots per tick of one side.
  const std::map<market::tick_index, std::uint64_t>& levels(market::book_side side) const {
    return levels_[static_cast<std::size_t>(side)];
  }
  std::size_t live() const { return orders_.size(); }

  std::uint64_t unknown = 0;    ///< cancels, modifies and fills of orders that are not there
  std::uint64_t duplicate = 0;  ///< adds of orders that are
  std::uint64_t odd = 0;  ///< cancels that do not name the order's price and whole size, sizes of 0, prices off tick
  std::uint64_t time_went_back = 0, crossed_events = 0, fills = 0, traded = 0, printed_without_side = 0;

 private:
  struct known {
    market::book_side side;
    market::tick_index tick;
    std::uint32_t size;
  };

  void insert(const market::book_event& e) {
    odd += e.size == 0 || e.side == market::book_side::none || e.price.value % tick_.value != 0;
    const market::tick_index tick = floor_div(e.price.value, tick_.value);
    duplicate += !orders_.insert({e.order, {e.side, tick, e.size}}).second;
    levels_[static_cast<std::size_t>(e.side)][tick] += e.size;
  }
  bool remove(const market::book_event& e, bool whole) {
    const auto found = orders_.find(e.order);
    if (found == orders_.end()) return ++unknown, false;
    const known o = found->second;
    odd += whole && (e.size != o.size || e.price != tick_ * o.tick || e.side != o.side);
    auto& side = levels_[static_cast<std::size_t>(o.side)];
    if ((side[o.tick] -= o.size) == 0) side.erase(o.tick);
    orders_.erase(found);
    return true;
  }

  price tick_;
  std::unordered_map<market::order_id, known> orders_;
  std::map<market::tick_index, std::uint64_t> levels_[2];
  timestamp last_ = start_of_time;
  bool started_ = false;
};

}  // namespace isobar::sim
