#include "sim/quote_board.hpp"

#include <algorithm>

namespace isobar::sim {

namespace {

rung make_rung(isobar::strike k) { return {k, to_double(k), {}}; }

bool insert(plane& p, isobar::strike k) {
  const auto at = std::lower_bound(p.rungs.begin(), p.rungs.end(), k,
                                   [](const rung& r, isobar::strike wanted) { return r.strike < wanted; });
  if (at != p.rungs.end() && at->strike == k) return false;
  p.rungs.insert(at, make_rung(k));
  return true;
}

}  // namespace

std::size_t plane::nearest(double spot) const {
  const auto above = std::lower_bound(rungs.begin(), rungs.end(), spot,
                                      [](const rung& r, double wanted) { return r.points < wanted; });
  if (above == rungs.end()) return rungs.size() - 1;
  if (above == rungs.begin()) return 0;
  const auto below = above - 1;
  const auto chosen = spot - below->points <= above->points - spot ? below : above;
  return static_cast<std::size_t>(chosen - rungs.begin());
}

std::size_t list_missing(plane& p, const std::vector<isobar::strike>& wanted) {
  return static_cast<std::size_t>(
      std::count_if(wanted.begin(), wanted.end(), [&p](isobar::strike k) { return insert(p, k); }));
}

std::size_t extend(plane& p) {
  const std::int64_t coarse = 10 * p.root.strike_step.value;
  const std::int64_t top = (floor_div(p.rungs.back().strike.value, coarse) + 1) * coarse;
  const std::int64_t bottom = (ceil_div(p.rungs.front().strike.value, coarse) - 1) * coarse;
  std::size_t added = insert(p, isobar::strike(top));
  if (bottom > 0) added += insert(p, isobar::strike(bottom));
  return added;
}

std::size_t fill_gap(plane& p, random& r) {
  const std::int64_t step = p.root.strike_step.value;
  std::vector<isobar::strike> middles;
  for (std::size_t i = 1; i < p.rungs.size(); ++i) {
    const std::int64_t low = p.rungs[i - 1].strike.value, gap = p.rungs[i].strike.value - low;
    if (gap > step) middles.push_back(isobar::strike(low + std::max<std::int64_t>(1, gap / step / 2) * step));
  }
  if (middles.empty()) return 0;
  return insert(p, middles[r.below(static_cast<std::uint32_t>(middles.size()))]);
}

}  // namespace isobar::sim
