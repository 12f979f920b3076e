#include "config/fields.hpp"

#include <algorithm>
#include <charconv>

namespace isobar::config {

bool overriding_field::is(const char* field) {
  if (field != name_) return false;
  found_ = true;
  return true;
}

template <class Number>
void overriding_field::ranged(const char* field, Number& at, Number low, Number high) {
  if (!is(field)) return;
  Number v{};
  const auto [end, error] = std::from_chars(value_.data(), value_.data() + value_.size(), v);
  if (error != std::errc{} || end != value_.data() + value_.size())
    why_ = "is not a number";
  else if (!(v >= low && v <= high))
    why_ = "is outside its range";
  else
    at = v;
}

void overriding_field::text(const char* field, std::string& at, const char*) {
  if (is(field)) at = value_;
}
void overriding_field::integer(const char* field, std::int64_t& at, const char*, std::int64_t low, std::int64_t high) {
  ranged(field, at, low, high);
}
void overriding_field::number(const char* field, double& at, const char*, double low, double high) {
  ranged(field, at, low, high);
}
void overriding_field::flag(const char* field, bool& at, const char*) {
  if (!is(field)) return;
  if (value_ != "true" && value_ != "false") why_ = "is neither true nor false";
  at = value_ == "true";
}
void overriding_field::choice(const char* field, std::string& at, const std::vector<std::string>& words, const char*) {
  if (!is(field)) return;
  if (std::find(words.begin(), words.end(), value_) == words.end()) why_ = "is not one of its words";
  at = value_;
}

// The name of a symbol may hold a colon ("I:SPX"), that of an option does not.
std::optional<override_entry> parse_override(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  const std::size_t colon = text.rfind(':', equals);
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  return override_entry{text.substr(0, colon), text.substr(colon + 1, equals - colon - 1), text.substr(equals + 1)};
}

}  // namespace isobar::config
