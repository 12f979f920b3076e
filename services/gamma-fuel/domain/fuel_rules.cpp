#include "gamma-fuel/domain/fuel_rules.hpp"

#include <algorithm>
#include <cmath>

namespace isobar::gamma_fuel {
namespace {

constexpr double lots_of_full_confidence = 1'000;  // futures-medium 11.2

std::optional<price> zero_between(const strike_flow& lo, const strike_flow& hi) {
  const double a = lo.net(), b = hi.net();
  if (!(a * b < 0)) return std::nullopt;
  const double width = static_cast<double>((hi.at - lo.at).value);
  return lo.at + price(std::llround(width * (-a / (b - a))));
}

std::optional<price> zero_by_flow(std::span<const strike_flow> near, price level, compat rules) {
  if (near.size() < 3) return std::nullopt;
  std::optional<price> best;
  const auto away = [&](price p) { return std::abs((p - level).value); };
  for (std::size_t i = 0; i + 1 < near.size(); ++i) {
    const auto zero = zero_between(near[i], near[i + 1]);
    if (!zero) continue;
    if (rules == compat::literal) return zero;
    if (!best || away(*zero) < away(*best)) best = zero;
  }
  return best;
}

void find_walls(std::span<const strike_flow> near, price level, double wall, fuel_reading& r) {
  double call = 0, put = 0;
  for (const strike_flow& s : near) {
    if (s.at >= level && s.call >= wall && (!r.call_wall || s.call > call)) {
      r.call_wall = s.at;
      call = s.call;
    }
    if (s.at <= level && s.put >= wall && (!r.put_wall || s.put >= put)) {
      r.put_wall = s.at;
      put = s.put;
    }
  }
}

}  // namespace

std::span<const strike_flow> within(std::span<const strike_flow> strikes, price level, price reach) {
  const auto first =
      std::partition_point(strikes.begin(), strikes.end(), [&](const strike_flow& s) { return s.at < level - reach; });
  const auto last =
      std::partition_point(first, strikes.end(), [&](const strike_flow& s) { return s.at <= level + reach; });
  return {first, last};
}

fuel_reading read_fuel(std::span<const strike_flow> near, price level, const fuel_config& c, compat rules) {
  fuel_reading r;
  std::uint64_t unknown = 0;
  for (const strike_flow& s : near) {
    r.net_dealer_gamma += s.net();
    r.volume += s.volume;
    unknown += s.unsigned_;
  }
  find_walls(near, level, c.wall, r);
  r.zero_by_flow = zero_by_flow(near, level, rules);
  const std::uint64_t counted = rules == compat::literal ? r.volume : r.volume - unknown;
  r.confidence = std::min(1.0, static_cast<double>(counted) / lots_of_full_confidence);
  return r;
}

regime effect_of(double net, regime before, const fuel_config& c) {
  const double kept = 1 - c.hysteresis;
  if (net < c.amplify || (before == regime::amplify && net < c.amplify * kept)) return regime::amplify;
  if (net > c.dampen || (before == regime::dampen && net > c.dampen * kept)) return regime::dampen;
  return regime::neutral;
}

}  // namespace isobar::gamma_fuel
