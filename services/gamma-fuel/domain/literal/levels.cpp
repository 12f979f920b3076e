#include "gamma-fuel/domain/literal/levels.hpp"

#include <algorithm>
#include <cmath>

namespace isobar::gamma_fuel::literal {
namespace {

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
  void put(const char* name, std::optional<price> at) {
    if (at) put(name, name, *at);
  }
  std::vector<market::watched_level> take() { return std::move(all_); }

 private:
  std::vector<market::watched_level> all_;
};

void put_wall(const char* name, market::right right, price spot, std::span<const strike_total> flows,
              level_list& list) {
  const strike_total* wall = nullptr;
  for (const strike_total& f : flows) {
    if (f.right != right || std::abs((f.strike - spot).value) > wall_near.value || f.net_gamma >= wall_gamma) continue;
    if (wall == nullptr || f.net_gamma < wall->net_gamma) wall = &f;
  }
  if (wall != nullptr) list.put(name, wall->strike);
}

}  // namespace

// ---- session ----

void session::see(price p) {
  last_ = p;
  high_ = std::max(high_.value_or(p), p);
  low_ = std::min(low_.value_or(p), p);
}

void session::trade(const underlying_trade& t) {
  if (t.price == market::no_price || t.size == 0) return;
  see(t.price);
  sum_ += to_double(t.price) * t.size;
  size_ += t.size;
}

void session::quote(price mid) {
  if (mid != market::no_price) see(mid);
}

std::optional<price> session::vwap(double scale) const {
  if (size_ == 0) return std::nullopt;
  return price(std::llround(sum_ / size_ * 1e9 / scale));
}

// ---- levels ----

price to_underlying(price symbol, double scale) {
  return price(static_cast<std::int64_t>(static_cast<double>(symbol.value) / scale));
}

price to_symbol(price underlying, double scale) {
  return price(std::llround(static_cast<double>(underlying.value) * scale));
}

std::vector<market::watched_level> levels(const session& s, double scale, std::span<const strike_total> flows,
                                          std::span<const price> hot_zones) {
  if (!s.last()) return {};
  level_list list;
  list.put("VWAP", s.vwap(scale));
  list.put("SESSION_HIGH", to_underlying(*s.high(), scale));
  list.put("SESSION_LOW", to_underlying(*s.low(), scale));
  const price spot = to_underlying(*s.last(), scale);
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
