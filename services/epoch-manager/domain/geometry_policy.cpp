#include "epoch-manager/domain/geometry_policy.hpp"

#include <algorithm>
#include <cstdlib>

namespace isobar::epoch_manager {
namespace {

using market::expiry_chain;
using market::expiry_plane;
using market::ladder_window;

/// A plane of the running epoch with its window; both null when the expiry is new.
struct running_plane {
  const expiry_plane* plane = nullptr;
  const ladder_window* window = nullptr;
};

running_plane find_running(const market::epoch_record* current, const market::expiry_key& key) {
  if (!current) return {};
  const auto& planes = current->epoch.board.planes;
  const auto at = std::lower_bound(planes.begin(), planes.end(), key,
                                   [](const expiry_plane& p, const market::expiry_key& k) { return p.key < k; });
  if (at == planes.end() || at->key != key) return {};
  const auto position = static_cast<std::size_t>(at - planes.begin());
  return {&*at, position < current->windows.size() ? &current->windows[position] : nullptr};
}

ladder_window requested(const expiry_chain& chain) {
  if (chain.atm.value <= 0 || chain.half_range.value <= 0) return {};
  return {chain.atm, chain.half_range};
}

/// Whether the money or the requested range has left what the running window allows.
bool outgrown(const ladder_window& running, const ladder_window& wanted) {
  if (running.half_range.value == 0 || wanted.half_range.value == 0) return running != wanted;
  const auto drift = std::abs(wanted.anchor.value - running.anchor.value);
  const auto change = std::abs(wanted.half_range.value - running.half_range.value);
  return drift > running.half_range.value / 2 || change > running.half_range.value / 4;
}

bool inside(const ladder_window& window, strike k) {
  return window.half_range.value == 0 || std::abs(k.value - window.anchor.value) <= window.half_range.value;
}

void add_strike(expiry_plane& plane, strike k, std::uint8_t listed) {
  if (plane.strikes.empty() || plane.strikes.back() != k) {
    plane.strikes.push_back(k);
    plane.listed.push_back(0);
  }
  plane.listed.back() = static_cast<std::uint8_t>(plane.listed.back() | listed);
}

/// Strikes of the running ladder on one side of what the chain covers.
void carry(expiry_plane& to, const expiry_plane* running, bool below, strike edge) {
  if (!running) return;
  for (std::size_t i = 0; i < running->strikes.size(); ++i)
    if (below ? running->strikes[i] < edge : running->strikes[i] > edge)
      add_strike(to, running->strikes[i], running->listed[i]);
}

expiry_plane cut(const expiry_chain& chain, const ladder_window& window, const expiry_plane* running) {
  expiry_plane plane;
  plane.key = chain.key;
  plane.settles = chain.settles;
  plane.settles_at = chain.settles_at;
  plane.multiplier = chain.multiplier;
  carry(plane, running, true, chain.contracts.front().strike);
  for (const auto& c : chain.contracts)
    if (inside(window, c.strike))
      add_strike(plane, c.strike, static_cast<std::uint8_t>(1u << static_cast<unsigned>(c.right)));
  carry(plane, running, false, chain.contracts.back().strike);
  return plane;
}

/// Range and inner strikes of one expiry that both boards have.
void compare_ladders(const expiry_plane& before, const expiry_plane& after, bool& range, bool& spacing) {
  range |= before.strikes.front() != after.strikes.front() || before.strikes.back() != after.strikes.back();
  spacing |= before.spacing != after.spacing;
  const auto low = std::max(before.strikes.front(), after.strikes.front());
  const auto high = std::min(before.strikes.back(), after.strikes.back());
  const auto inner = [&](const expiry_plane& p) {
    std::vector<std::pair<strike, std::uint8_t>> out;
    for (std::size_t i = 0; i < p.strikes.size(); ++i)
      if (p.strikes[i] >= low && p.strikes[i] <= high) out.emplace_back(p.strikes[i], p.listed[i]);
    return out;
  };
  spacing |= inner(before) != inner(after);
}

bool same_contract(const expiry_plane& a, const expiry_plane& b) {
  return a.key == b.key && a.settles == b.settles && a.multiplier == b.multiplier &&
         a.strikes.empty() == b.strikes.empty();
}

}  // namespace

std::vector<epoch_reason> reasons_between(const market::geometry& before, const market::geometry& after) {
  bool range = false, spacing = false;
  bool expiries = before.planes.size() != after.planes.size();
  auto b = before.planes.begin();
  for (const auto& a : after.planes) {
    while (b != before.planes.end() && b->key < a.key) ++b;
    if (b == before.planes.end() || !same_contract(*b, a))
      expiries = true;
    else if (!a.strikes.empty())
      compare_ladders(*b, a, range, spacing);
  }
  std::vector<epoch_reason> reasons;
  if (range) reasons.push_back(epoch_reason::strike_range);
  if (spacing) reasons.push_back(epoch_reason::strike_spacing);
  if (before.widths != after.widths) reasons.push_back(epoch_reason::widths);
  if (expiries) reasons.push_back(epoch_reason::dte_set);
  return reasons;
}

std::optional<new_geometry> decide(const market::epoch_record* current, const market::chain_snapshot& chain,
                                   const std::vector<strike_width>& widths) {
  const auto live = [&](const expiry_chain& e) { return e.settles_at > chain.ts_event && !e.contracts.empty(); };
  bool cut_anew = false;
  for (const auto& expiry : chain.expiries) {
    const auto running = find_running(current, expiry.key);
    if (live(expiry) && running.window) cut_anew |= outgrown(*running.window, requested(expiry));
  }
  new_geometry next;
  next.board.symbol = chain.symbol;
  next.board.widths = widths;
  for (const auto& expiry : chain.expiries) {
    if (!live(expiry)) continue;
    const auto running = find_running(current, expiry.key);
    const bool keep = running.window && !cut_anew;
    const auto window = keep ? *running.window : requested(expiry);
    auto plane = cut(expiry, window, keep && window.half_range.value != 0 ? running.plane : nullptr);
    if (plane.strikes.empty()) continue;
    next.board.planes.push_back(std::move(plane));
    next.windows.push_back(window);
  }
  if (next.board.planes.empty()) return std::nullopt;
  next.board.finish();
  next.reasons = current ? reasons_between(current->epoch.board, next.board) : std::vector{epoch_reason::first};
  if (next.reasons.empty()) return std::nullopt;
  return next;
}

}  // namespace isobar::epoch_manager
