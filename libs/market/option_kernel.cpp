#include "market/option_kernel.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>

#include "market/kernel/columns.hpp"
#include "market/mills.hpp"

namespace isobar::market {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using kernel::sums;

struct one {
  double delta, gamma;
};

/// The reference path: as black_76_greeks.
one scalar(double forward, double strike, double deviation, double discount) {
  if (!(forward > 0) || !(strike > 0)) return {nan, nan};
  if (!(deviation > 0)) return {forward > strike ? discount : 0, 0};
  const double d1 = normal::log_ratio(forward, strike) / deviation + 0.5 * deviation;
  const double density = normal::density(d1);
  return {discount * normal::cdf(d1, density), discount * density / (forward * deviation)};
}

double added(const std::array<double, sums>& s) {
  return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

/// The last options, fewer than a whole number of vectors, with entries that do no harm behind them.
struct padded {
  std::array<double, sums> forward, strike, deviation, discount, weight{};
  padded(const kernel_input& in, std::size_t from) {
    forward.fill(1), strike.fill(1), deviation.fill(1), discount.fill(1);
    for (std::size_t i = from; i < in.forward.size(); ++i) {
      forward[i - from] = in.forward[i];
      strike[i - from] = in.strike[i];
      deviation[i - from] = in.total_deviation[i];
      discount[i - from] = in.discount[i];
    }
  }
  kernel::columns columns() const { return {forward.data(), strike.data(), deviation.data(), discount.data(), sums}; }
};

bool equal_lengths(const kernel_input& in) {
  const std::size_t n = in.forward.size();
  return in.strike.size() == n && in.total_deviation.size() == n && in.discount.size() == n;
}

kernel::columns whole_vectors(const kernel_input& in) {
  return {in.forward.data(), in.strike.data(), in.total_deviation.data(), in.discount.data(),
          in.forward.size() / sums * sums};
}

template <class Set>
void delta_gamma_with(const kernel_input& in, std::span<double> delta, std::span<double> gamma) {
  const kernel::columns whole = whole_vectors(in);
  Set::delta_gamma(whole, delta.data(), gamma.data());
  if (whole.count == in.forward.size()) return;
  std::array<double, sums> last_delta, last_gamma;
  Set::delta_gamma(padded(in, whole.count).columns(), last_delta.data(), last_gamma.data());
  const auto left = static_cast<std::ptrdiff_t>(in.forward.size() - whole.count);
  std::copy_n(last_delta.begin(), left, delta.begin() + static_cast<std::ptrdiff_t>(whole.count));
  std::copy_n(last_gamma.begin(), left, gamma.begin() + static_cast<std::ptrdiff_t>(whole.count));
}

template <class Set>
double weighted_gamma_with(const kernel_input& in, std::span<const double> weight, double scale) {
  const kernel::columns whole = whole_vectors(in);
  std::array<double, sums> total, last{};
  Set::weighted_gamma(whole, weight.data(), scale, total.data());
  if (whole.count < in.forward.size()) {
    padded rest(in, whole.count);
    std::copy(weight.begin() + static_cast<std::ptrdiff_t>(whole.count), weight.end(), rest.weight.begin());
    Set::weighted_gamma(rest.columns(), rest.weight.data(), scale, last.data());
    for (std::size_t j = 0; j < sums; ++j) total[j] += last[j];
  }
  return added(total);
}

}  // namespace

std::string_view name_of(instruction_set s) {
  static constexpr std::array<std::string_view, 3> names{"scalar", "avx2", "avx512"};
  return names[static_cast<std::size_t>(s)];
}

bool has(instruction_set s) {
#if defined(__x86_64__)
  if (s == instruction_set::avx512) return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("fma");
  if (s == instruction_set::avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return s == instruction_set::scalar;
}

instruction_set best_instruction_set() {
  static const instruction_set best = has(instruction_set::avx512) ? instruction_set::avx512
                                      : has(instruction_set::avx2) ? instruction_set::avx2
                                                                   : instruction_set::scalar;
  return best;
}

void delta_gamma(const kernel_input& in, std::span<double> call_delta, std::span<double> gamma, instruction_set with) {
  assert(equal_lengths(in) && call_delta.size() == in.forward.size() && gamma.size() == in.forward.size());
#if defined(__x86_64__)
  if (with == instruction_set::avx512 && has(with)) return delta_gamma_with<kernel::avx512>(in, call_delta, gamma);
  if (with == instruction_set::avx2 && has(with)) return delta_gamma_with<kernel::avx2>(in, call_delta, gamma);
#endif
  for (std::size_t i = 0; i < in.forward.size(); ++i) {
    const one g = scalar(in.forward[i], in.strike[i], in.total_deviation[i], in.discount[i]);
    call_delta[i] = g.delta;
    gamma[i] = g.gamma;
  }
}

double weighted_gamma(const kernel_input& in, std::span<const double> weight, double scale, instruction_set with) {
  assert(equal_lengths(in) && weight.size() == in.forward.size());
#if defined(__x86_64__)
  if (with == instruction_set::avx512 && has(with)) return weighted_gamma_with<kernel::avx512>(in, weight, scale);
  if (with == instruction_set::avx2 && has(with)) return weighted_gamma_with<kernel::avx2>(in, weight, scale);
#endif
  std::array<double, sums> total{};
  for (std::size_t i = 0; i < in.forward.size(); ++i)
    total[i % sums] +=
        weight[i] * scalar(in.forward[i] * scale, in.strike[i], in.total_deviation[i], in.discount[i]).gamma;
  return added(total);
}

void repricing_profile::assign(const kernel_input& in, std::span<const double> weight) {
  assert(equal_lengths(in) && weight.size() == in.forward.size());
  size_ = in.forward.size();
  const std::size_t padded_size = (size_ + sums - 1) / sums * sums;
  for (std::vector<double>* column : {&start_, &step_, &factor_}) column->assign(padded_size, 0);
  for (std::size_t i = 0; i < size_; ++i) {
    const double forward = in.forward[i], strike = in.strike[i], deviation = in.total_deviation[i];
    const bool is_option = forward > 0 && strike > 0;
    if (is_option && !(deviation > 0)) continue;
    start_[i] = is_option ? normal::log_ratio(forward, strike) / deviation + 0.5 * deviation : 0;
    step_[i] = is_option ? 1 / deviation : 0;
    factor_[i] = is_option ? weight[i] * in.discount[i] * normal::inv_sqrt_two_pi / (forward * deviation) : nan;
  }
}

double repricing_profile::at(double scale, instruction_set with) const {
  if (!(scale > 0)) return nan;
  const double log_scale = std::log(scale);
  std::array<double, sums> total{};
#if defined(__x86_64__)
  const kernel::prepared p{start_.data(), step_.data(), factor_.data(), start_.size()};
  if (with == instruction_set::avx512 && has(with)) {
    kernel::avx512::profile(p, log_scale, total.data());
    return added(total) / scale;
  }
  if (with == instruction_set::avx2 && has(with)) {
    kernel::avx2::profile(p, log_scale, total.data());
    return added(total) / scale;
  }
#endif
  for (std::size_t i = 0; i < start_.size(); ++i) {
    const double d1 = start_[i] + step_[i] * log_scale;
    total[i % sums] += factor_[i] * std::exp(-0.5 * d1 * d1);
  }
  return added(total) / scale;
}

}  // namespace isobar::market
