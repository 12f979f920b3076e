#include "core/symbol.hpp"

#include <cstdio>

namespace isobar {

std::optional<symbol> symbol::parse(std::string_view text) {
  if (text.empty() || text.size() > 32) return std::nullopt;
  for (const char c : text) {
    if (c <= ' ' || c > '~') return std::nullopt;
  }
  return symbol(std::string(text));
}

namespace {

bool stays(char c) { return (c >= '0' && c <= '9') || c == '-' || c == '_'; }
bool upper(char c) { return c >= 'A' && c <= 'Z'; }
bool lower(char c) { return c >= 'a' && c <= 'z'; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string subject_token(std::string_view text) {
  std::string token;
  for (const char c : text) {
    if (stays(c)) {
      token += c;
    } else if (upper(c)) {
      token += static_cast<char>(c - 'A' + 'a');
    } else {
      char escaped[4];
      std::snprintf(escaped, sizeof escaped, "%%%02x", static_cast<unsigned char>(c));
      token += escaped;
    }
  }
  return token;
}

std::optional<std::string> from_subject_token(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const char c = token[i];
    if (stays(c)) {
      text += c;
    } else if (lower(c)) {
      text += static_cast<char>(c - 'a' + 'A');
    } else if (c == '%' && i + 2 < token.size() && hex_digit(token[i + 1]) >= 0 && hex_digit(token[i + 2]) >= 0) {
      const char decoded = static_cast<char>(hex_digit(token[i + 1]) * 16 + hex_digit(token[i + 2]));
      if (stays(decoded) || upper(decoded)) return std::nullopt;
      text += decoded;
      i += 2;
    } else {
      return std::nullopt;
    }
  }
  return text;
}

}  // namespace isobar
