#pragma once
#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "config/toml.hpp"
#include "core/symbol.hpp"

namespace isobar::config {

/// A value of one of the option types; the index is the option's type.
using value = std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>, std::vector<symbol>>;

/// What a value must obey. Only the members of its type are looked at.
struct limits {
  std::int64_t int_min = std::numeric_limits<std::int64_t>::min();
  std::int64_t int_max = std::numeric_limits<std::int64_t>::max();
  double double_min = std::numeric_limits<double>::lowest();
  double double_max = std::numeric_limits<double>::max();
  std::vector<std::string> words = {};  ///< allowed words; empty: any
};

/// The value of the type of `like`, or why not: "5 is outside 50..1000", "abc is not an integer".
std::expected<value, std::string> read_value(const raw_value& raw, const value& like, const limits& bounds);

/// Why the value breaks its limits; empty: it does not.
std::string outside(const value& v, const limits& bounds);

/// As written in TOML; read_value accepts it.
std::string to_toml(const value& v);

}  // namespace isobar::config
