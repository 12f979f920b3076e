#include <algorithm>

#include "bus/bus.hpp"

namespace isobar::bus {
namespace {

constexpr std::size_t subject_size_max = 1024;

/// Cuts the first token off `rest`; false when there is none left.
bool next_token(std::string_view& rest, bool& more, std::string_view& token) {
  if (!more) return false;
  const std::size_t dot = rest.find('.');
  more = dot != std::string_view::npos;
  token = rest.substr(0, dot);
  rest = more ? rest.substr(dot + 1) : std::string_view();
  return true;
}

bool printable(std::string_view token) {
  return std::ranges::all_of(token, [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7f; });
}

bool alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool well_formed(std::string_view subject, bool wildcards) {
  if (subject.size() > subject_size_max) return false;
  std::string_view rest = subject;
  std::string_view token;
  bool more = true;
  while (next_token(rest, more, token)) {
    if (token.empty() || !printable(token)) return false;
    const bool wild = token == "*" || token == ">";
    if (wild && !wildcards) return false;
    if (token == ">" && more) return false;
    // A wildcard inside a longer token is legal on some servers and a surprise everywhere.
    if (!wild && token.find_first_of("*>") != std::string_view::npos) return false;
  }
  return true;
}

}  // namespace

bool valid_subject(std::string_view subject) { return well_formed(subject, false); }
bool valid_pattern(std::string_view pattern) { return well_formed(pattern, true); }

bool valid_bucket(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return alphanumeric(c) || c == '-' || c == '_'; });
}

bool valid_key(std::string_view key) {
  return valid_subject(key) &&
         std::ranges::all_of(key, [](char c) { return alphanumeric(c) || std::string_view("-_=/.%").contains(c); });
}

bool matches(std::string_view pattern, std::string_view subject) {
  std::string_view want;
  std::string_view have;
  bool more_pattern = true;
  bool more_subject = true;
  while (next_token(pattern, more_pattern, want)) {
    if (!next_token(subject, more_subject, have)) return false;
    if (want == ">") return true;
    if (want != "*" && want != have) return false;
  }
  return !more_subject;
}

}  // namespace isobar::bus
