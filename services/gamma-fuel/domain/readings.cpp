#include "gamma-fuel/domain/readings.hpp"

#include <algorithm>
#include <cmath>

namespace isobar::gamma_fuel {
namespace {

/// Sums of net exposure that the readings rest on; `close` within 1 %, `medium` within 2 % of the market.
struct landscape_sums {
  double below = 0, above = 0;  ///< net
  double size = 0, moment = 0;  ///< sum |net|, sum |net| x (strike - market)
  double close = 0, close_size = 0, medium_size = 0;
};

landscape_sums sums_of(const strike_ladder& ladder, sign_model m, double market) {
  landscape_sums s;
  for (const ladder_strike& at : ladder) {
    const double net = at.under(m).gamma, strike = to_double(at.strike), size = std::abs(net);
    const double away = std::abs(strike - market) / market;
    if (strike > market) s.above += net;
    if (strike < market) s.below += net;
    s.size += size;
    s.moment += size * (strike - market);
    if (away <= 0.02) s.medium_size += size;
    if (away > 0.01) continue;
    s.close += net;
    s.close_size += size;
  }
  return s;
}

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

double bias_of(const landscape_sums& s) {
  const double support = std::max(0.0, s.above) + std::max(0.0, s.below);
  const double hostile = std::max(0.0, -s.above) + std::max(0.0, -s.below);
  const double imbalance = share(support - hostile, support + hostile);
  const double centre = std::clamp(share(s.moment, s.size) / 50, -1.0, 1.0);
  return 100 * (0.6 * imbalance + 0.4 * centre);
}

double flow_index_of(const landscape_sums& s) {
  if (!(s.size > 0)) return 50;
  const double close = share(s.close, s.close_size);
  return 0.5 * 50 * (close + 1) + 0.3 * (30 + 40 * s.medium_size / s.size) + 0.2 * (40 + 40 * s.close_size / s.size);
}

/// How near the market is to a flip: subtracted from bias and index.
struct proximity {
  double bias = 0, index = 0;
};

proximity penalty_of(const profile_flips& flips, price at) {
  if (!flips.nearest) return {};
  const double market = to_double(at);
  const double away = std::abs(market - to_double(*flips.nearest)) / market;
  const double near = std::clamp((0.015 - away) / 0.010, 0.0, 1.0);
  const bool just_above = flips.below && (market - to_double(*flips.below)) / market <= 0.003;
  const double extra = just_above ? 0.2 : 0;
  return {std::min(50.0, 50 * (near + extra)), std::min(30.0, 30 * (near + extra / 2))};
}

double flip_score(const profile_flips& flips, double market, double total) {
  if (flips.nearest) return 100 / (1 + std::exp(-3 * ((market - to_double(*flips.nearest)) / market) / 0.02));
  if (total < -10'000) return 15;
  if (total < 0) return 30;
  if (total > 10'000) return 85;
  return total > 0 ? 70 : 50;
}

double concentration_score(const landscape_sums& s) {
  if (!(s.size > 0)) return 50;
  const double close = 50 * (share(s.close, s.close_size) + 1);
  return 50 + (close - 50) * std::min(1.0, s.close_size / s.size / 0.3);
}

double mode_of(const landscape_sums& s, const profile_flips& flips, double market, double total, double index) {
  const double net = 100 / (1 + std::exp(-0.03 * total / (1e-5 * market * market)));
  return 0.40 * flip_score(flips, market, total) + 0.25 * net + 0.25 * index + 0.10 * concentration_score(s);
}

double pin_score(const ladder_strike& s, sign_model m, double market, std::optional<price> zero_gamma,
                 const volume_structure& volume, std::optional<price> point_of_control) {
  const double dollars = s.under(m).gamma * market * market * 0.01;
  const std::int64_t interest =
      std::max<std::int64_t>(0, s.call().interest) + std::max<std::int64_t>(0, s.put().interest);
  const bool empty = interest == 0 && s.gross() == 0 && s.call().flow_gamma == 0 && s.put().flow_gamma == 0;
  if (empty) return 0;
  const double away = std::abs(to_double(s.strike) - market);
  double score = dollars >= 4e8 ? 40 : dollars >= 2e8 ? 20 : 0;
  score += interest > 60'000 ? 15 : interest > 30'000 ? 8 : 0;
  score += away <= 10 ? 20 : away <= 25 ? 10 : 0;
  if (zero_gamma && std::abs(to_double(s.strike) - to_double(*zero_gamma)) <= 10) score += 10;
  if (volume.is_high_node(s.strike)) score += 20;
  if (volume.is_low_node(s.strike)) score -= 20;
  if (point_of_control == s.strike) score += 25;
  return score;
}

}  // namespace

readings readings_of(const strike_ladder& ladder, sign_model m, price market, double total_gamma,
                     double regime_threshold) {
  const double at = to_double(market);
  readings r;
  if (total_gamma > regime_threshold) r.regime = regime::dampen;
  if (total_gamma < -regime_threshold) r.regime = regime::amplify;
  if (!(at > 0)) return r;
  const landscape_sums sums = sums_of(ladder, m, at);
  const profile_flips flips = flips_of(ladder, m, market);
  const proximity penalty = penalty_of(flips, market);
  r.bias = std::clamp(bias_of(sums) - penalty.bias, -100.0, 100.0);
  r.liquidity_flow_index = std::clamp(flow_index_of(sums) - penalty.index, 0.0, 100.0);
  r.market_mode = mode_of(sums, flips, at, total_gamma, r.liquidity_flow_index);
  return r;
}

void pins_of(const strike_ladder& ladder, sign_model m, price market, std::optional<price> zero_gamma,
             const volume_structure& volume, std::vector<pin>& out) {
  constexpr std::size_t kept = 3;
  out.clear();
  double total = 0;
  const auto point_of_control = volume.point_of_control(market);
  const auto before = [market](const pin& a, const pin& b) {
    if (a.score != b.score) return a.score > b.score;
    return std::abs((a.strike - market).value) < std::abs((b.strike - market).value);
  };
  for (const ladder_strike& s : ladder) {
    const double score = pin_score(s, m, to_double(market), zero_gamma, volume, point_of_control);
    if (!(score > 0)) continue;
    total += score;
    const pin candidate{s.strike, 0, score};
    out.insert(std::upper_bound(out.begin(), out.end(), candidate, before), candidate);
    if (out.size() > kept) out.pop_back();
  }
  for (pin& p : out) p.probability = std::round(p.score / total * 1e4) / 100;
}

}  // namespace isobar::gamma_fuel
