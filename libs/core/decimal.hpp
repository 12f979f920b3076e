#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace isobar {

/// Reads a plain decimal ("2109.9", "-0.05", "15", "4e-05") exactly as an integer in 1e-9 of its unit.
/// Nothing for NaN, infinities, empty text, trailing characters, more than nine significant decimals that are not zero,
/// or a value outside int64.
std::optional<std::int64_t> parse_nanos(std::string_view text);

/// Shortest decimal that parses back to the same integer: 2500000000 -> "2.5".
std::string format_nanos(std::int64_t nanos);
/// Fixed number of decimals (0..9), rounded half away from zero: (12'550'000'000, 2) -> "12.55".
std::string format_nanos(std::int64_t nanos, int decimals);

}  // namespace isobar
