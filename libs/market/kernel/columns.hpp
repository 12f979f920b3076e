#pragma once
#include <cstddef>

/// Between option_kernel.cpp, which knows spans and machines, and one file per instruction set, compiled with that
/// set's flags. Those files include nothing that defines an inline function of the library or of the standard library:
/// the linker could keep their copy of it for everybody, and machines without the set would stop there.
namespace isobar::market::kernel {

/// Independent sums of which a total is made, on every machine: entry i goes to sum i % 8.
inline constexpr std::size_t sums = 8;

/// `count` is a multiple of `sums`.
struct columns {
  const double *forward, *strike, *deviation, *discount;
  std::size_t count;
};
/// Prepared entries of a re-pricing: d1 = start + step x ln(scale), gamma = factor x exp(-d1^2/2) / scale.
struct prepared {
  const double *start, *step, *factor;
  std::size_t count;
};

struct avx2 {
  static void delta_gamma(const columns& c, double* delta, double* gamma);
  static void weighted_gamma(const columns& c, const double* weight, double scale, double* total);
  static void profile(const prepared& p, double log_scale, double* total);
};
struct avx512 {
  static void delta_gamma(const columns& c, double* delta, double* gamma);
  static void weighted_gamma(const columns& c, const double* weight, double scale, double* total);
  static void profile(const prepared& p, double log_scale, double* total);
};

}  // namespace isobar::market::kernel
