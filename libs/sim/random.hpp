#pragma once
#include <array>
#include <cstdint>

namespace isobar::sim {

/// xoshiro256++ (Blackman and Vigna 2019) seeded through splitmix64: the same numbers with every compiler and standard
/// library, which std's distributions do not promise. `stream` separates uses of one seed.
class random {
 public:
  random(std::uint64_t seed, std::uint64_t stream);

  std::uint64_t next();
  /// In [0, 1), 53 random bits.
  double uniform();
  /// In [0, n), n positive; bias below 2^-32 n.
  std::uint32_t below(std::uint32_t n);
  bool chance(double probability) { return uniform() < probability; }
  /// Standard normal, by inversion.
  double normal();

 private:
  std::array<std::uint64_t, 4> state_;
};

/// Quantile of the standard normal for p in (0, 1): Acklam's rational approximation, relative error below 1.2e-9.
double normal_quantile(double p);

}  // namespace isobar::sim
