#include "market/option_oracle.hpp"

#include <array>
#include <cmath>

// NOLINTNEXTLINE(modernize-use-using): only so is the type no extension to warn of
__extension__ typedef __float128 quad;

// libquadmath; its header is where only GCC finds it.
extern "C" {
quad acosq(quad);
quad erfcq(quad);
quad expq(quad);
quad fabsq(quad);
quad logq(quad);
quad sqrtq(quad);
}

namespace isobar::market::oracle {

namespace {

quad normal_tail(quad z) { return erfcq(z / sqrtq(quad(2))) / 2; }  // 1 - N(z)
quad normal_density(quad z) { return expq(-z * z / 2) / sqrtq(2 * acosq(-1)); }

struct sum {
  quad total = 0, absolute = 0;
  sum& operator<<(quad term) {
    total += term;
    absolute += fabsq(term);
    return *this;
  }
};

}  // namespace

exact_greeks exact(right r, const pricing_input& in, double dividend_yield) {
  const quad S = in.underlying, K = in.strike, T = in.years, rate = in.rate, sigma = in.sigma, q = dividend_yield;
  const quad root = sqrtq(T), s = sigma * root, carry = rate - q;
  const quad x = logq(S / K) + carry * T, y = x / s, d1 = y + s / 2, d2 = y - s / 2;
  const quad w = r == right::call ? 1 : -1, D = expq(-rate * T), G = expq(-q * T);
  const quad n = normal_density(d1), N1 = normal_tail(-w * d1), N2 = normal_tail(-w * d2);
  const quad spread = fabsq(y) + s / 2;  // |d1| and |d2| without their cancellation
  const quad price = w * (S * G * N1 - K * D * N2), delta = w * G * N1, gamma = G * n / (S * s);
  const quad drift = carry / s - d2 / (2 * T), drift_scale = fabsq(carry / s) + spread / (2 * T);
  sum theta, charm, colour;
  theta << rate * price << -carry * S * delta << -S * G * n * sigma / (2 * root);
  charm << q * delta << -G * n * drift;
  colour << gamma * q << gamma * d1 * drift << gamma / (2 * T);
  const auto d = [](quad v) { return static_cast<double>(v); };
  exact_greeks e;
  e.value = {d(price),       d(delta),
             d(gamma),       d(S * G * n * root),
             d(theta.total), d(-G * n * d2 / sigma),
             d(charm.total), d(-gamma / S * (d1 / s + 1)),
             d(colour.total)};
  e.scale = e.value;
  e.scale.theta = d(theta.absolute);
  e.scale.vanna = d(G * n * spread / sigma);
  e.scale.charm = d(fabsq(q * delta) + G * n * drift_scale);
  e.scale.speed = d(gamma / S * (spread / s + 1));
  e.scale.colour = d(gamma * (fabsq(q) + spread * drift_scale + 1 / (2 * T)));
  return e;
}

void over_grid(const std::function<void(const pricing_input& in, double deviations)>& visit) {
  constexpr std::array deviations{0.0, 1e-3, 0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 37.0};
  constexpr double second = 1 / (365.0 * 86'400);
  constexpr std::array seconds{1.0,       60.0,        3'600.0,      23'400.0,     86'400.0,
                               604'800.0, 2'592'000.0, 15'768'000.0, 31'536'000.0, 94'608'000.0};
  constexpr std::array sigmas{.01, .03, .1, .2, .5, 1.0, 2.0, 5.0};
  for (const double t : seconds)
    for (const double sigma : sigmas)
      for (const double z : deviations)
        for (const double side : {1.0, -1.0}) {
          const double x = side * z * sigma * std::sqrt(t * second);
          if (std::abs(x) > 50) continue;
          for (const double rate : {0.05, 0.0})
            visit({6900.25, 6900.25 * std::exp(x), t * second, rate, sigma}, side * z);
        }
}

}  // namespace isobar::market::oracle
