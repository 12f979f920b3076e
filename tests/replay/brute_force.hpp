#pragma once
// The surface straight from text and maps: no geometry, index, mask or delta of the code under test. Planes are named
// "ROOT-YYYYMMDD", prices are integers of 1e-9 points, times are ns since 1970 UTC.
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace isobar::replay {

enum class shape { single = 1, vertical = 2, butterfly = 3 };

/// Bits as in isobar.heatmap.v1.InvalidReason: bit n is the reason numbered n.
enum reason_bit : unsigned {
  missing_leg = 1u << 1,
  crossed_leg = 1u << 2,
  stale_leg = 1u << 3,
  no_net_debit = 1u << 4,
  above_width = 1u << 5,
  expired = 1u << 6,
};

struct truth_quote {
  std::optional<std::int64_t> bid, ask;
  std::int64_t ts = INT64_MIN;  ///< never quoted
};

struct truth_tile {
  unsigned reasons = 0;  ///< zero: valid
  std::int64_t mid = 0, natural_debit = 0, natural_credit = 0;
};

/// (is a put, strike)
using truth_contract = std::pair<bool, std::int64_t>;

struct truth_plane {
  std::int64_t settles_at = INT64_MAX;
  std::map<truth_contract, truth_quote> contracts;  ///< listed ones
};

/// What a surface must say at one instant.
struct truth {
  std::map<std::string, truth_plane> planes;
  std::int64_t now = 0;          ///< end of the window
  std::int64_t stale_after = 0;  ///< 0: quotes never age

  /// Nothing when the tile does not exist: the plane is unknown or a leg is not listed. Mids are floored.
  std::optional<truth_tile> tile(const std::string& plane, shape what, bool put, std::int64_t strike,
                                 std::int64_t width) const {
    const auto p = planes.find(plane);
    if (p == planes.end()) return std::nullopt;
    return tile(p->second, what, put, strike, width);
  }
  std::optional<truth_tile> tile(const truth_plane& plane, shape what, bool put, std::int64_t strike,
                                 std::int64_t width) const;

 private:
  unsigned leg_reasons(const truth_quote& q) const {
    if (!q.bid || !q.ask) return missing_leg;
    return (*q.bid > *q.ask ? crossed_leg : 0u) | (stale_after > 0 && q.ts < now - stale_after ? stale_leg : 0u);
  }
};

inline std::optional<truth_tile> truth::tile(const truth_plane& plane, shape what, bool put, std::int64_t strike,
                                             std::int64_t width) const {
  struct leg {
    std::int64_t strike;
    int ratio;
  };
  std::vector<leg> legs{{strike, 1}};
  if (what == shape::vertical) legs.push_back({put ? strike - width : strike + width, -1});
  if (what == shape::butterfly) legs = {{strike - width, 1}, {strike, -2}, {strike + width, 1}};
  truth_tile out;
  if (plane.settles_at <= now) out.reasons |= expired;
  std::vector<std::pair<const truth_quote*, int>> quotes;
  for (const leg& l : legs) {
    const auto found = plane.contracts.find({put, l.strike});
    if (found == plane.contracts.end()) return std::nullopt;
    out.reasons |= leg_reasons(found->second);
    quotes.emplace_back(&found->second, l.ratio);
  }
  if (out.reasons & missing_leg) return out;
  for (const auto& [q, ratio] : quotes) {
    const std::int64_t sum = *q->bid + *q->ask;
    out.mid += ratio * (sum >= 0 || sum % 2 == 0 ? sum / 2 : sum / 2 - 1);
    out.natural_debit += ratio * (ratio > 0 ? *q->ask : *q->bid);
    out.natural_credit += ratio * (ratio > 0 ? *q->bid : *q->ask);
  }
  if (out.mid <= 0) out.reasons |= no_net_debit;
  if (what != shape::single && out.mid > width) out.reasons |= above_width;
  return out;
}

/// "242.5" with `scale` 1 is 242,500,000,000; "649000" with scale 10,000 is 64,900,000,000. Digit by digit.
inline std::int64_t nanos_by_hand(const std::string& text, std::int64_t scale = 1) {
  std::int64_t value = 0, tenths = 0;
  for (const char c : text) {
    if (c == '.') {
      tenths = 1;
      continue;
    }
    value = value * 10 + (c - '0');
    tenths *= 10;
  }
  return value * (1'000'000'000 / (scale * (tenths > 0 ? tenths : 1)));
}

inline std::vector<std::string> cells_of(const std::string& line, char separator = ',') {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == separator)
      out.emplace_back();
    else if (c != '\r')
      out.back() += c;
  }
  return out;
}

/// Days since 1970 of a civil date (H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil).
inline std::int64_t days_by_hand(int yyyymmdd) {
  const int m = yyyymmdd / 100 % 100, d = yyyymmdd % 100;
  const int y = yyyymmdd / 10'000 - (m <= 2 ? 1 : 0);
  const int of_era = y % 400, era = y / 400;
  const int of_year = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  return era * 146'097LL + (of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719'468;
}
inline std::int64_t midnight_by_hand(int yyyymmdd) { return days_by_hand(yyyymmdd) * 86'400'000'000'000; }

}  // namespace isobar::replay
