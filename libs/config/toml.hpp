#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace isobar::config {

/// How a value was written: what it may become depends on it (a quoted number is not a number).
enum class shape { text, bare, quoted, array };

/// A value before its type is known. `text` came from a flag or the environment, the others from a file.
struct raw_value {
  shape form = shape::text;
  std::vector<std::string> items;  ///< one item unless `form` is array
};

/// One `key = value` of a file; `name` is section and key joined by a dot.
struct toml_entry {
  std::string name;
  raw_value value;
  int line = 0;
};

enum class toml_errc { syntax, duplicate };

/// The part of TOML that options need: comments, [sections] (dotted too), bare and dotted keys, basic and literal
/// strings on one line, numbers, booleans, arrays of these (over several lines too). Everything else is an error whose
/// evidence begins with the line number. At most 1 MiB.
result<std::vector<toml_entry>, toml_errc> parse_toml(std::string_view text);

/// `text` as a TOML basic string, quotes included.
std::string toml_quote(std::string_view text);

}  // namespace isobar::config
