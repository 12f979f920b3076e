#pragma once
#include <optional>
#include <span>

#include "core/types.hpp"

namespace isobar::market {

/// Mids of one strike's call and put, points; absent when a side is missing or the quote is crossed.
struct parity_pair {
  isobar::strike strike;
  std::optional<double> call_mid, put_mid;
};

/// Forward of one expiry by put-call parity on the pair nearest the money that has both legs (smallest |strike -
/// index|, ties to the lower strike): F = K + (C - P) exp(r T). Nothing when there is no such pair, when index,
/// years or rate is not finite, or when the quotes say a forward that is not positive. Decisions 18.
struct implied_forward {
  double forward = 0;  ///< points
  isobar::strike strike;
};
std::optional<implied_forward> forward_of(std::span<const parity_pair> pairs, double index, double years, double rate);

}  // namespace isobar::market
