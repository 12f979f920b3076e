#include "sim/futures_profile.hpp"

#include <algorithm>
#include <cmath>

namespace isobar::sim {

using market::book_side;
using market::tick_index;

namespace {

/// Quantiles of new orders' sizes in ESH4: 77 % one lot, then 2, 3, 12, 4, 5, 13, 7, ... .
constexpr std::array<std::uint8_t, 32> sizes{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                             1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 7, 12};
constexpr double mean_size = 1.9;

}  // namespace

futures_profile::futures_profile(const futures_market_config& c) : extent_(c.extent_ticks) {
  double near_lots = 0;
  for (std::size_t d = 0; d < near_.size(); ++d) {
    near_[d] = c.depth_per_level * std::min(1.0, (static_cast<double>(d) + 2) / 5);
    near_lots += near_[d];
  }
  // What the near levels leave of the configured orders, both sides, spread over the far ones.
  const double left = std::max(0.0, static_cast<double>(c.orders) - 2 * near_lots / mean_size);
  far_ = std::max(1.0, left * mean_size / 2 / static_cast<double>(std::max<tick_index>(1, extent_ - near_ticks)));
  // 0: 30 %, then falling by a fifth per tick, on a floor that reaches every near tick.
  std::array<double, near_ticks> weight{};
  double total = 0;
  for (std::size_t d = 0; d < weight.size(); ++d) total += weight[d] = std::pow(0.8, static_cast<double>(d)) + 0.02;
  double sum = 0;
  std::size_t filled = 0;
  for (std::size_t d = 0; d < weight.size(); ++d) {
    sum += weight[d] / total;
    for (; filled < std::min<std::size_t>(256, static_cast<std::size_t>(std::floor(256 * sum + 0.5))); ++filled)
      distances_[filled] = static_cast<std::uint8_t>(d);
  }
  for (; filled < 256; ++filled) distances_[filled] = 0;
}

tick_index futures_profile::draw_away(random& r) const {
  const std::uint64_t bits = r.next();
  if ((bits & 0xf0) < 0x10 && extent_ > near_ticks)
    return near_ticks +
           static_cast<tick_index>(((bits >> 32) * static_cast<std::uint64_t>(extent_ - near_ticks)) >> 32);
  return distances_[bits >> 56];
}

std::uint32_t futures_profile::draw_size(random& r) {
  const std::uint32_t size = sizes[r.next() >> 59];
  return size < 12 ? size : size + r.below(8);
}

void futures_profile::plan(const futures_market_config& c, tick_index bid, random& r,
                           std::vector<futures_exchange::entry>& orders, std::vector<timestamp>& times) const {
  const auto most = static_cast<std::size_t>(c.orders);
  orders.reserve(most);
  for (tick_index d = 0; d < near_ticks; ++d) {
    for (const book_side side : {book_side::bid, book_side::ask}) {
      const tick_index tick = side == book_side::bid ? bid - d : bid + 1 + d;
      for (double lots = 0; (lots < target(d, tick) || lots == 0) && orders.size() < most;) {
        const std::uint32_t size = draw_size(r);
        orders.push_back({side, tick, size});
        lots += size;
      }
    }
  }
  // Far orders: to the extent, one in eight up to twice as far, larger than the near ones.
  const auto span = static_cast<std::uint32_t>(std::max<tick_index>(1, extent_ - near_ticks));
  while (orders.size() < most) {
    const book_side side = orders.size() % 2 == 0 ? book_side::bid : book_side::ask;
    const tick_index d = near_ticks + r.below(r.below(8) == 0 ? 2 * span : span);
    tick_index tick = side == book_side::bid ? bid - d : bid + 1 + d;
    if (r.below(4) == 0) tick = tick / 20 * 20;  // at whole five points
    tick = std::max<tick_index>(tick, 1);
    orders.push_back({side, tick, draw_size(r)});
  }
  // Entered in any order, ever more densely towards the start.
  for (std::size_t i = orders.size(); i > 1; --i)
    std::swap(orders[i - 1], orders[r.below(static_cast<std::uint32_t>(i))]);
  times.reserve(orders.size());
  const double age = static_cast<double>(c.snapshot_age.value);
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const double young = (static_cast<double>(i) + 1) / (static_cast<double>(orders.size()) + 1);
    times.push_back(c.start - duration_ns{static_cast<std::int64_t>(age * (1 - young) * (1 - young)) + 1});
  }
}

}  // namespace isobar::sim
