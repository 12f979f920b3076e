// Compiled with this instruction set's flags (CMakeLists.txt).
#include <immintrin.h>

#include "market/kernel/lanes.hpp"

namespace isobar::market::kernel {

namespace {

struct fused {
  using real = double __attribute__((vector_size(64)));
  using bits = unsigned long long __attribute__((vector_size(64)));
  static real fma(real a, real b, real c) { return _mm512_fmadd_pd(a, b, c); }
};

}  // namespace

void avx512::delta_gamma(const columns& c, double* delta, double* gamma) { lanes<fused>::delta_gamma(c, delta, gamma); }

void avx512::weighted_gamma(const columns& c, const double* weight, double scale, double* total) {
  lanes<fused>::weighted_gamma(c, weight, scale, total);
}

void avx512::profile(const prepared& p, double log_scale, double* total) { lanes<fused>::profile(p, log_scale, total); }

}  // namespace isobar::market::kernel
