#include "gamma-fuel/domain/literal/levels.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace isobar::gamma_fuel::literal {
namespace {

constexpr std::int64_t es_per_spy = 10;
constexpr price near{5 * nanos_per_unit}, wall_near{10 * nanos_per_unit};
constexpr double wall_gamma = -1'000;

std::int64_t truncated(price p) { return p.value / nanos_per_unit; }

class level_list {
 public:
  void put(std::string id, std::string kind, price at) {
    const auto same = std::find_if(all_.begin(), all_.end(), [&](const auto& l) { return l.id == id; });
    if (same != all_.end()) {
      *same = {std::move(id), std::move(kind), at};
    } else {
      all_.push_back({std::move(id), std::move(kind), at});
    }
  }
  std::vector<market::watched_level> take() { return std::move(all_); }

 private:
  std::vector<market::watched_level> all_;
};

void put_session(std::span<const underlying_trade> trades, level_list& list) {
  double sum = 0, size = 0;
  price high = trades.front().price, low = high;
  for (const underlying_trade& t : trades) {
    sum += to_double(t.price) * t.size;
    size += t.size;
    high = std::max(high, t.price);
    low = std::min(low, t.price);
  }
  list.put("VWAP", "VWAP", price(std::llround(sum / size * 1e9 / es_per_spy)));
  list.put("SESSION_HIGH", "SESSION_HIGH", price(high.value / es_per_spy));
  list.put("SESSION_LOW", "SESSION_LOW", price(low.value / es_per_spy));
}

void put_wall(const char* name, market::right right, price spot, std::span<const strike_total> flows,
              level_list& list) {
  const strike_total* wall = nullptr;
  for (const strike_total& f : flows) {
    if (f.right != right || std::abs((f.strike - spot).value) > wall_near.value || f.net_gamma >= wall_gamma) continue;
    if (wall == nullptr || f.net_gamma < wall->net_gamma) wall = &f;
  }
  if (wall != nullptr) list.put(name, name, wall->strike);
}

}  // namespace

std::vector<market::watched_level> levels(std::span<const underlying_trade> es_trades,
                                          std::span<const strike_total> flows, std::span<const price> hot_zones) {
  level_list list;
  if (es_trades.empty()) return {};
  put_session(es_trades, list);
  const price spot(es_trades.back().price.value / es_per_spy);
  for (std::int64_t k = std::max<std::int64_t>(1, truncated(spot - near)); k <= truncated(spot + near); ++k) {
    list.put("ROUND_" + std::to_string(k), "ROUND", price(k * nanos_per_unit));
  }
  for (const strike_total& f : flows) {
    if (std::abs((f.strike - spot).value) > near.value) continue;
    list.put("STRIKE_" + std::to_string(truncated(f.strike)), "STRIKE", f.strike);
  }
  put_wall("CALL_WALL", market::right::call, spot, flows, list);
  put_wall("PUT_WALL", market::right::put, spot, flows, list);
  for (const price p : hot_zones) list.put("HOTZONE_" + std::to_string(truncated(p)), "USER_HOTZONE", p);
  return list.take();
}

}  // namespace isobar::gamma_fuel::literal
