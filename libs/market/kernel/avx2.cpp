// Compiled with this instruction set's flags (CMakeLists.txt).
#include <immintrin.h>

#include "market/kernel/lanes.hpp"

namespace isobar::market::kernel {

namespace {

struct fused {
  using real = double __attribute__((vector_size(32)));
  using bits = unsigned long long __attribute__((vector_size(32)));
  static real fma(real a, real b, real c) { return _mm256_fmadd_pd(a, b, c); }
};

}  // namespace

void avx2::delta_gamma(const columns& c, double* delta, double* gamma) { lanes<fused>::delta_gamma(c, delta, gamma); }

void avx2::weighted_gamma(const columns& c, const double* weight, double scale, double* total) {
  lanes<fused>::weighted_gamma(c, weight, scale, total);
}

void avx2::profile(const prepared& p, double log_scale, double* total) { lanes<fused>::profile(p, log_scale, total); }

}  // namespace isobar::market::kernel
