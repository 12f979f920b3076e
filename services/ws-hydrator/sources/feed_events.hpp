#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/symbol.hpp"
#include "wire/massive_ws.hpp"
#include "ws-hydrator/domain/feed_event.hpp"

namespace isobar::ws_hydrator {

/// True when the root's surface is the symbol's: a feed or file may hold several.
bool root_belongs(std::string_view root, const symbol& s);

/// Appends what hydration takes of a vendor frame: quotes and trades of the symbol's roots, values of its index. Events
/// later than `not_after` are refused (a feed's wrong clock must not close windows); returns how many.
std::uint64_t append_feed_events(std::span<const wire::massive::ws_event> frame, const symbol& s, timestamp not_after,
                                 std::vector<feed_event>& out);

}  // namespace isobar::ws_hydrator
