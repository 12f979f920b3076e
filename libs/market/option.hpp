#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/date.hpp"
#include "core/error.hpp"
#include "core/types.hpp"

namespace isobar::market {

enum class right : std::uint8_t { call = 0, put = 1 };
/// AM: settles on the opening print of the expiry day (09:30 New York). PM: on the close (16:00).
enum class settlement : std::uint8_t { am = 0, pm = 1 };

/// A price that is not there (DBN's undefined price). Zero is a price.
inline constexpr price no_price{INT64_MAX};
/// An open interest or volume that the source did not state. Zero is a count.
inline constexpr quantity no_quantity{-1};

/// A listed expiry. SPX (AM) and SPXW (PM) of one date are two (decisions 22). Ordered by date, then root.
struct expiry_key {
  date expiry;
  std::string root;
  auto operator<=>(const expiry_key&) const = default;
};

/// A listed contract: what the vendor's ticker says.
struct option_id {
  std::string root;
  date expiry;
  market::right right = right::call;
  isobar::strike strike;
  auto operator<=>(const option_id&) const = default;
};

enum class ticker_errc { no_prefix, bad_root, bad_date, bad_right, bad_strike };

/// Vendor grammar (options-surface 1.3): "O:" root YYMMDD|YYYYMMDD (C|P) 8 digits of strike x 1000. The prefix "O:" may
/// be absent when `prefix_required` is false (CBOE files). Roots are upper-case letters.
result<option_id, ticker_errc> parse_ticker(std::string_view text, bool prefix_required = true);
/// "O:SPXW251219C06900000".
std::string to_ticker(const option_id& id);
/// "SPXW-20251219": the plane's name in keys and queries.
std::string to_string(const expiry_key& key);
std::optional<expiry_key> parse_expiry_key(std::string_view text);

}  // namespace isobar::market
