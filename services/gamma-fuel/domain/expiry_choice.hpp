#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/date.hpp"

namespace isobar::gamma_fuel {

/// Expiries that take part.
enum class expiry_set : std::uint8_t {
  all,
  zero_dte,  ///< those of the exchange date of the window
  nearest,   ///< the first not settled
  max_dte,   ///< at most so many calendar days away
  listed     ///< of the dates given
};

/// A set and what it is made of. Dates are expiries of every root (SPX in the morning and SPXW in the evening of one
/// date are both of it); days count as calendar days on the exchange's calendar (decisions 22).
struct expiry_choice {
  static constexpr std::size_t dates_max = 64;
  static constexpr int max_dte_max = 3'660;

  expiry_set set = expiry_set::all;
  int max_dte = 0;          ///< of max_dte
  std::vector<date> dates;  ///< of listed: ascending, each once

  expiry_choice() = default;
  /// For the sets that need no more.
  expiry_choice(expiry_set s) : set(s) {}  // NOLINT(google-explicit-constructor): a set by itself is a choice
  bool operator==(const expiry_choice&) const = default;
  template <class A>
  void fields(A& a) {
    a(set, max_dte, dates);
  }
};

/// "all", "zero-dte", "nearest", "max-dte:7" or dates "2025-12-19+2026-01-16" in any order; else nothing, and `why`
/// says what is wrong.
std::optional<expiry_choice> parse_expiry_choice(std::string_view text, std::string& why);
/// "every expiry", "expiring today", "nearest expiry", "expiries within 7 days", "expiries 2025-12-19, 2026-01-16".
std::string words_of(const expiry_choice& c);

}  // namespace isobar::gamma_fuel
