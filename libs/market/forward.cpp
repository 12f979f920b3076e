#include "market/forward.hpp"

#include <cmath>

namespace isobar::market {

std::optional<implied_forward> forward_of(std::span<const parity_pair> pairs, double index, double years, double rate) {
  const double growth = std::exp(rate * years);
  if (!std::isfinite(index) || !std::isfinite(growth)) return std::nullopt;
  const parity_pair* nearest = nullptr;
  double nearest_distance = 0;
  for (const parity_pair& pair : pairs) {
    if (!pair.call_mid || !pair.put_mid || !std::isfinite(*pair.call_mid - *pair.put_mid)) continue;
    const double distance = std::abs(to_double(pair.strike) - index);
    const bool nearer =
        !nearest || distance < nearest_distance || (distance == nearest_distance && pair.strike < nearest->strike);
    if (nearer) nearest = &pair, nearest_distance = distance;
  }
  if (!nearest) return std::nullopt;
  const double forward = to_double(nearest->strike) + (*nearest->call_mid - *nearest->put_mid) * growth;
  if (!(forward > 0)) return std::nullopt;  // quotes that no forward explains
  return implied_forward{forward, nearest->strike};
}

}  // namespace isobar::market
