#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace isobar::market {

/// Columns of European options on forwards, one entry each; all spans of equal length. `total_deviation` is sigma x
/// sqrt(years). Entries with total_deviation <= 0 count as expired: delta by moneyness, gamma 0.
struct kernel_input {
  std::span<const double> forward, strike, total_deviation, discount;
};

enum class instruction_set : unsigned char { scalar, avx2, avx512 };
std::string_view name_of(instruction_set s);
/// The widest this machine has.
instruction_set best_instruction_set();

/// Black-76 call delta and gamma of many options at once. A put's delta is call_delta - discount. Chosen at run time;
/// every instruction set gives the same result within 1e-12 relative of the reference path (docs/numerics.md has what
/// was measured).
void delta_gamma(const kernel_input& in, std::span<double> call_delta, std::span<double> gamma,
                 instruction_set with = best_instruction_set());

/// Sum over options of weight x gamma at the forwards scaled by `scale` (sticky strike volatilities): one point of a
/// re-pricing profile. Summation order is fixed: the result does not depend on the machine beyond that bound.
double weighted_gamma(const kernel_input& in, std::span<const double> weight, double scale,
                      instruction_set with = best_instruction_set());

}  // namespace isobar::market
