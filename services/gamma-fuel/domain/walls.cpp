#include "gamma-fuel/domain/walls.hpp"

#include <cmath>

#include "core/numeric.hpp"

namespace isobar::gamma_fuel {
namespace {

std::int64_t distance_between(price a, price b) { return std::abs((a - b).value); }

/// Largest positive size met; ties nearest to the market, then lower (strikes come ascending).
class largest {
 public:
  explicit largest(price market) : market_(market) {}
  void offer(price strike, double size) {
    if (!(size > 0)) return;
    const bool better =
        !at_ || size > size_ || (size == size_ && distance_between(strike, market_) < distance_between(*at_, market_));
    if (!better) return;
    at_ = strike;
    size_ = size;
  }
  std::optional<price> at() const { return at_; }

 private:
  price market_;
  std::optional<price> at_;
  double size_ = 0;
};

/// Calls f(lower, its exposure, higher, its exposure) where the sign changes between neighbours that are not 0.
template <class F>
void for_each_sign_change(const strike_ladder& ladder, sign_model m, F f) {
  const ladder_strike* last = nullptr;
  double last_gamma = 0;
  for (const ladder_strike& s : ladder) {
    const double gamma = s.under(m).gamma;
    if (gamma == 0) continue;
    if (last != nullptr && (last_gamma < 0) != (gamma < 0)) f(last->strike, last_gamma, s.strike, gamma);
    last = &s;
    last_gamma = gamma;
  }
}

double size_of(const side_exposure& s, sign_model m) {
  return m == sign_model::flow ? std::abs(s.flow_gamma) : s.gamma;
}
double own_side_of(const side_exposure& s, sign_model m) {
  return m == sign_model::flow ? std::abs(s.flow_own_side) : s.own_side;
}

}  // namespace

profile_flips flips_of(const strike_ladder& ladder, sign_model m, price market) {
  profile_flips found;
  for_each_sign_change(ladder, m, [&](price low, double, price high, double) {
    const price middle(floor_div(low.value + high.value, 2));
    if (middle < market) found.below = middle;
    if (middle > market && !found.above) found.above = middle;
  });
  found.nearest = found.below ? found.below : found.above;
  if (found.below && found.above && *found.above - market < market - *found.below) found.nearest = found.above;
  return found;
}

walls walls_of(const strike_ladder& ladder, sign_model m, price market) {
  largest call_wall(market), put_wall(market), call_max(market), put_max(market), absolute(market), volume(market);
  for (const ladder_strike& s : ladder) {
    call_max.offer(s.strike, size_of(s.call(), m));
    put_max.offer(s.strike, size_of(s.put(), m));
    call_wall.offer(s.strike, own_side_of(s.call(), m));
    put_wall.offer(s.strike, own_side_of(s.put(), m));
    absolute.offer(s.strike, std::abs(s.under(m).gamma));
    volume.offer(s.strike, s.volume_gamma());
  }
  walls found;
  found.call_wall = call_wall.at();
  found.put_wall = put_wall.at();
  found.call_max = call_max.at();
  found.put_max = put_max.at();
  found.absolute_max = absolute.at();
  found.high_volume = volume.at();
  for_each_sign_change(ladder, m, [&](price low, double below, price high, double above) {
    const double share = below / (below - above);
    const price zero(low.value + std::llround(static_cast<double>((high - low).value) * share));
    if (!found.strike_flip || distance_between(zero, market) < distance_between(*found.strike_flip, market))
      found.strike_flip = zero;
  });
  const profile_flips flips = flips_of(ladder, m, market);
  found.flip_below = flips.below;
  found.flip_above = flips.above;
  return found;
}

}  // namespace isobar::gamma_fuel
