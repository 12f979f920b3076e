#pragma once
#include <vector>

#include "radar-physics/domain/feature_formulas.hpp"
#include "radar-physics/domain/literal/book.hpp"

namespace isobar::radar_physics::literal {

/// Both sides of one window near the reference, as the earlier system replayed it (futures-medium 6 [L]): the messages
/// are applied once more to `replayed`, a copy of the orders at the window's start, in which only a clear message
/// clears.
struct replay_views {
  side_view ask, bid;
};
replay_views replay(const book& start, const book& end, const std::vector<market::book_event>& messages,
                    isobar::price reference, isobar::price tick, duration_ns rest);

}  // namespace isobar::radar_physics::literal
