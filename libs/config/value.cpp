#include "config/value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace isobar::config {
namespace {

using unexpected = std::unexpected<std::string>;

template <class Number>
std::string number_text(Number n) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, n).ptr;
  std::string text(buffer, end);
  if (std::is_floating_point_v<Number> && text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

template <class Number>
std::string outside_range(Number n, Number min, Number max, Number lowest, Number highest) {
  if (n >= min && n <= max) return {};
  const auto text = number_text(n);
  if (max == highest) return text + " is below " + number_text(min);
  if (min == lowest) return text + " is above " + number_text(max);
  return text + " is outside " + number_text(min) + ".." + number_text(max);
}

template <class Number>
std::expected<value, std::string> read_number(std::string text, const char* what) {
  if (text.starts_with('+')) text.erase(0, 1);
  Number n{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error == std::errc::result_out_of_range) return unexpected(text + " does not fit " + what);
  if (error != std::errc{} || end != text.data() + text.size()) return unexpected(text + " is not " + what);
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(n)) return unexpected(text + " is not finite");
  }
  return n;
}

std::expected<value, std::string> read_bool(const std::string& text) {
  if (text == "true" || text == "1" || text == "on" || text == "yes") return true;
  if (text == "false" || text == "0" || text == "off" || text == "no") return false;
  return unexpected(text + " is neither true nor false");
}

// "a, b,c" -> a b c; an empty text is an empty list.
std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  while (begin <= text.size() && !text.empty()) {
    const auto comma = std::min(text.find(',', begin), text.size());
    auto item = text.substr(begin, comma - begin);
    item.erase(0, std::min(item.find_first_not_of(' '), item.size()));
    item.erase(item.find_last_not_of(' ') + 1);
    out.push_back(std::move(item));
    begin = comma + 1;
  }
  return out;
}

std::expected<value, std::string> read_list(const raw_value& raw) {
  auto items = raw.form == shape::array ? raw.items : split_list(raw.items.at(0));
  if (std::ranges::find(items, "") != items.end()) return unexpected("an item of the list is empty");
  return items;
}

std::expected<value, std::string> read_symbols(const raw_value& raw) {
  auto items = read_list(raw);
  if (!items) return items;
  std::vector<symbol> out;
  for (const auto& item : std::get<std::vector<std::string>>(*items)) {
    auto parsed = symbol::parse(item);
    if (!parsed) return unexpected(item + " is not a symbol (1 to 32 printable characters without spaces)");
    out.push_back(std::move(*parsed));
  }
  return out;
}

std::expected<value, std::string> read_typed(const raw_value& raw, const value& like) {
  const bool is_list = like.index() >= 4;
  if (is_list && raw.form != shape::bare) return like.index() == 4 ? read_list(raw) : read_symbols(raw);
  if (is_list) return unexpected(raw.items.at(0) + " is neither a list nor a quoted text");
  if (raw.form == shape::array) return unexpected("a list is not accepted here");
  const auto& text = raw.items.at(0);
  if (std::holds_alternative<std::string>(like)) {
    if (raw.form == shape::bare) return unexpected(text + " is not quoted");
    return text;
  }
  if (raw.form == shape::quoted) return unexpected("\"" + text + "\" must stand without quotes");
  if (std::holds_alternative<std::int64_t>(like)) return read_number<std::int64_t>(text, "an integer");
  if (std::holds_alternative<double>(like)) return read_number<double>(text, "a number");
  return read_bool(text);
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

template <class Items, class Text>
std::string toml_array(const Items& items, Text text) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + toml_quote(text(item));
  return "[" + out + "]";
}

}  // namespace

std::expected<value, std::string> read_value(const raw_value& raw, const value& like, const limits& bounds) {
  auto v = read_typed(raw, like);
  if (!v) return v;
  if (auto why = outside(*v, bounds); !why.empty()) return unexpected(std::move(why));
  return v;
}

std::string outside(const value& v, const limits& b) {
  if (const auto* n = std::get_if<std::int64_t>(&v)) {
    return outside_range(*n, b.int_min, b.int_max, limits{}.int_min, limits{}.int_max);
  }
  if (const auto* n = std::get_if<double>(&v)) {
    return outside_range(*n, b.double_min, b.double_max, limits{}.double_min, limits{}.double_max);
  }
  if (const auto* word = std::get_if<std::string>(&v)) {
    if (b.words.empty() || std::ranges::find(b.words, *word) != b.words.end()) return {};
    return *word + " is none of " + joined(b.words);
  }
  return {};
}

std::string to_toml(const value& v) {
  if (const auto* text = std::get_if<std::string>(&v)) return toml_quote(*text);
  if (const auto* n = std::get_if<std::int64_t>(&v)) return number_text(*n);
  if (const auto* n = std::get_if<double>(&v)) return number_text(*n);
  if (const auto* on = std::get_if<bool>(&v)) return *on ? "true" : "false";
  if (const auto* list = std::get_if<std::vector<std::string>>(&v)) {
    return toml_array(*list, [](const std::string& item) { return item; });
  }
  return toml_array(std::get<std::vector<symbol>>(v), [](const symbol& item) { return item.str(); });
}

}  // namespace isobar::config
