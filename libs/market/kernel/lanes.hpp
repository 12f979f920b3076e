#pragma once
#include <cstdint>

#include "market/kernel/columns.hpp"
#include "market/tables/normal_tables.hpp"

/// Black-76 on as many options at once as a register holds. `Fused` supplies the register's width and its fused
/// multiply-add; the rest is arithmetic on vectors as the compiler knows it. Included by avx2.cpp and avx512.cpp only.
namespace isobar::market::kernel {

template <class Fused>
struct lanes {
  using real = typename Fused::real;
  using bits = typename Fused::bits;
  static constexpr std::size_t width = sizeof(real) / sizeof(double);

  static real all(double v) { return real{} + v; }
  static real fma(real a, real b, real c) { return Fused::fma(a, b, c); }
  static real load(const double* p) {
    real v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
  }
  static void store(double* p, real v) { __builtin_memcpy(p, &v, sizeof v); }
  static bits bits_of(real v) { return reinterpret_cast<bits>(v); }
  static real real_of(bits v) { return reinterpret_cast<real>(v); }
  static real magnitude(real v) { return real_of(bits_of(v) & 0x7fff'ffff'ffff'ffffULL); }

  /// Lowest coefficient first; even and odd powers apart, so that two chains run side by side.
  template <std::size_t Size>
  [[gnu::always_inline]] static inline real polynomial(const double (&c)[Size], real w) {
    const real w2 = w * w;
    real high = all(c[Size - 1]), low = all(c[Size - 2]);
#pragma GCC unroll 16
    for (std::size_t i = Size - 2; i >= 2; i -= 2) {
      high = fma(high, w2, all(c[i - 1]));
      low = fma(low, w2, all(c[i - 2]));
      if (i == 3) {
        // An odd number of coefficients: the chains have changed places.
        const real even = fma(high, w2, all(c[0]));
        return fma(low, w, even);
      }
    }
    return fma(high, w, low);
  }

  /// ln(a) of a normal positive number: a = 2^k m, m within sqrt(2) of 1, and a series in (m - 1) / (m + 1). Where a is
  /// near 1, k is 0 and the result keeps its digits.
  [[gnu::always_inline]] static inline real log(real a) {
    constexpr std::uint64_t one = 0x3ff0'0000'0000'0000, sqrt_half = 0x3fe6'a09e'667f'3bcd;
    const bits biased = (bits_of(a) + (one - sqrt_half)) >> 52;  // k + 1023
    const real m = real_of(bits_of(a) - (biased << 52) + one);
    const real k = real_of(biased | 0x4330'0000'0000'0000ULL) - (0x1p52 + 1023);
    const real f = m - 1.0, s = f / (m + 1.0), s2 = s * s;
    const real tail = polynomial(tables::log_tail, fma(s2, all(tables::log_tail_inverse_half), all(-1)));
    constexpr double ln2_high = 0x1.62e42fefa38p-1, ln2_low = 0x1.ef35793c7673p-45;  // k x high is exact
    return fma(k, all(ln2_high), fma(k, all(ln2_low), fma(s * s2, tail, s + s)));
  }

  /// exp(a + small) for a <= 0, |small| tiny; 0 under exp(-707).
  [[gnu::always_inline]] static inline real exp(real a, real small) {
    constexpr double log2_e = 0x1.71547652b82fep0, round = 0x1.8p52, lowest = -707;
    const real clamped = a > lowest ? a : all(lowest);
    const real shifted = fma(clamped, all(log2_e), all(round));
    const real n = shifted - round;
    const real r = fma(n, all(-0x1.62e42fefa39efp-1), clamped);
    const real w = fma(n, all(-0x1.abc9e3b39803fp-56), r + small) * (2 / 0x1.62e42fefa39efp-1);
    const real power = real_of((bits_of(shifted) + 1023) << 52);  // the low bits of `shifted` are n
    return a > lowest ? polynomial(tables::exponential, w) * power : real{};
  }

  /// n(d) sqrt(2 pi): the square's rounding is handed on.
  [[gnu::always_inline]] static inline real bell(real d) {
    const real square = d * d;
    return exp(-0.5 * square, -0.5 * fma(d, d, -square));
  }

  [[gnu::always_inline]] static inline real mills(real y) {
    const real u = 4.0 / (4.0 + y);
    return u * polynomial(tables::whole_mills, (u - tables::whole_middle) * tables::whole_inverse_half);
  }

  static constexpr double inv_sqrt_two_pi = 0.3989422804014327, nan = __builtin_nan("");

  /// Options worked on together, one step of all before the next: one option is a long chain of dependent operations,
  /// of which too few would be under way at a time.
  static constexpr std::size_t block = 64;
  struct evaluated {
    alignas(64) double d1[block], density[block], inverse_forward_deviation[block];
  };

  /// d1 of `count` options from `from` on. One division serves three: 1 / (forward x strike x deviation).
  static void evaluate(const columns& c, std::size_t from, std::size_t count, double scale, evaluated& out) {
    for (std::size_t i = 0; i < count; i += width) {
      const real forward = load(c.forward + from + i) * scale, strike = load(c.strike + from + i);
      const real stated = load(c.deviation + from + i), deviation = stated > 0.0 ? stated : all(1);
      const real product = forward * deviation, inverse = 1.0 / (product * strike);
      const real inverse_strike = inverse * product, inverse_deviation = inverse * (forward * strike);
      const real inverse_product = inverse * strike;
      const real quotient = forward * inverse_strike;
      // What rounding took from the quotient, to first order.
      const real lost = fma(-quotient, strike, forward) * (inverse_product * deviation);
      store(out.d1 + i, fma(log(quotient) + lost, inverse_deviation, 0.5 * deviation));
      store(out.inverse_forward_deviation + i, inverse_product);
    }
    for (std::size_t i = 0; i < count; i += width) store(out.density + i, inv_sqrt_two_pi * bell(load(out.d1 + i)));
  }

  /// 0, or NaN where there is no option.
  [[gnu::always_inline]] static inline real undefined(real forward, real strike) {
    return forward > 0.0 ? (strike > 0.0 ? real{} : all(nan)) : all(nan);
  }

  static std::size_t smaller(std::size_t a, std::size_t b) { return a < b ? a : b; }

  static void delta_gamma(const columns& c, double* delta, double* gamma) {
    evaluated e;
    for (std::size_t from = 0; from < c.count; from += block) {
      const std::size_t count = smaller(block, c.count - from);
      evaluate(c, from, count, 1, e);
      for (std::size_t i = 0; i < count; i += width) {
        const real forward = load(c.forward + from + i), strike = load(c.strike + from + i);
        const real deviation = load(c.deviation + from + i), discount = load(c.discount + from + i);
        const real d1 = load(e.d1 + i), density = load(e.density + i), tail = density * mills(magnitude(d1));
        const real alive_delta = discount * (d1 < 0.0 ? tail : 1.0 - tail);
        const real dead_delta = forward > strike ? discount : real{};
        const real alive_gamma = discount * density * load(e.inverse_forward_deviation + i);
        const real no_option = undefined(forward, strike);
        store(delta + from + i, (deviation > 0.0 ? alive_delta : dead_delta) + no_option);
        store(gamma + from + i, (deviation > 0.0 ? alive_gamma : real{}) + no_option);
      }
    }
  }

  static void weighted_gamma(const columns& c, const double* weight, double scale, double* total) {
    real sum[sums / width] = {};
    evaluated e;
    for (std::size_t from = 0; from < c.count; from += block) {
      const std::size_t count = smaller(block, c.count - from);
      evaluate(c, from, count, scale, e);
      for (std::size_t i = 0; i < count; i += sums)
        for (std::size_t j = 0; j < sums / width; ++j) {
          const std::size_t at = i + j * width;
          const real forward = load(c.forward + from + at), strike = load(c.strike + from + at);
          const real gamma =
              load(c.discount + from + at) * load(e.density + at) * load(e.inverse_forward_deviation + at);
          const real alive = load(c.deviation + from + at) > 0.0 ? gamma : real{};
          sum[j] += load(weight + from + at) * (alive + undefined(forward, strike));
        }
    }
    for (std::size_t j = 0; j < sums / width; ++j) store(total + j * width, sum[j]);
  }

  static void profile(const prepared& p, double log_scale, double* total) {
    real sum[sums / width] = {};
    for (std::size_t i = 0; i < p.count; i += sums)
      for (std::size_t j = 0; j < sums / width; ++j) {
        const std::size_t at = i + j * width;
        const real d1 = fma(load(p.step + at), all(log_scale), load(p.start + at));
        sum[j] += load(p.factor + at) * bell(d1);
      }
    for (std::size_t j = 0; j < sums / width; ++j) store(total + j * width, sum[j]);
  }
};

}  // namespace isobar::market::kernel
