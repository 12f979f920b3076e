#pragma once
#include <vector>

#include "ws-hydrator/domain/board.hpp"

namespace isobar::ws_hydrator {

/// What to subscribe of a board: geometry alone defines the filter.
struct subscription_plan {
  std::vector<contract_key> wanted;  ///< nearest first, at most the cap
  std::size_t not_subscribed = 0;    ///< listed contracts beyond the cap: chain cadence only
};

/// Contracts by |strike - spot|, then expiry, then identity (a total order, so that equal inputs give equal plans).
/// Without a spot the middle strike of each plane stands in for it.
subscription_plan plan_subscription(const board& of, price spot, std::size_t cap);

struct subscription_diff {
  std::vector<contract_key> add, remove;
};
/// What turns `current` into `wanted`; `add` keeps the order of `wanted`.
subscription_diff diff_subscription(const std::vector<contract_key>& current, const std::vector<contract_key>& wanted);

}  // namespace isobar::ws_hydrator
