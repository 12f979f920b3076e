#pragma once
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace isobar::market {

/// Columns of European options on forwards, one entry each; all spans of equal length. `total_deviation` is sigma x
/// sqrt(years). Entries with total_deviation <= 0 (or NaN) count as expired: delta by moneyness (discount or 0), gamma
/// 0. Forward or strike not positive (or NaN): NaN.
struct kernel_input {
  std::span<const double> forward, strike, total_deviation, discount;
};

enum class instruction_set : unsigned char { scalar, avx2, avx512 };
std::string_view name_of(instruction_set s);
/// This machine has it.
bool has(instruction_set s);
/// The widest this machine has.
instruction_set best_instruction_set();

/// Black-76 call delta and gamma of many options at once. A put's delta is call_delta - discount. Chosen at run time;
/// an instruction set that the machine lacks counts as the scalar path. Every set gives the same result within 1e-12
/// relative of the reference path (docs/numerics.md has what was measured), gammas under 1e-300 as 0. The outputs are
/// as long as the inputs.
void delta_gamma(const kernel_input& in, std::span<double> call_delta, std::span<double> gamma,
                 instruction_set with = best_instruction_set());

/// Sum over options of weight x gamma at the forwards scaled by `scale` (sticky strike volatilities): one point of a
/// re-pricing profile. Summation order is fixed: the result does not depend on the machine beyond that bound.
double weighted_gamma(const kernel_input& in, std::span<const double> weight, double scale,
                      instruction_set with = best_instruction_set());

/// The same for many scales of one set of options: what does not depend on the scale is worked out once, a point costs
/// one exponential an option. `assign` reuses its memory.
class repricing_profile {
 public:
  void assign(const kernel_input& in, std::span<const double> weight);
  /// As weighted_gamma with the assigned options; NaN unless scale is positive.
  double at(double scale, instruction_set with = best_instruction_set()) const;
  /// Assigned options.
  std::size_t size() const { return size_; }

 private:
  std::vector<double> start_, step_, factor_;  // padded to whole vectors with entries that add nothing
  std::size_t size_ = 0;
};

}  // namespace isobar::market
