#include "config/toml.hpp"

#include <charconv>
#include <set>

namespace isobar::config {
namespace {

constexpr std::size_t bytes_max = 1 << 20;

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

// Walks the text once; `why_` is set on the first error and everything unwinds.
class reader {
 public:
  explicit reader(std::string_view text) : text_(text) {}

  result<std::vector<toml_entry>, toml_errc> run() {
    skip_blank();
    while (!done() && why_.empty()) {
      if (peek() == '[') {
        section();
      } else {
        entry();
      }
      if (why_.empty()) end_of_line();
      if (why_.empty()) skip_blank();
    }
    if (!why_.empty()) return fail(code_, std::to_string(line_) + ": " + why_);
    return std::move(entries_);
  }

 private:
  bool done() const { return at_ >= text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  void refuse(std::string why, toml_errc code = toml_errc::syntax) {
    if (!why_.empty()) return;
    why_ = std::move(why);
    code_ = code;
  }

  void skip_spaces() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  void skip_comment() {
    if (peek() != '#') return;
    while (!done() && peek() != '\n') ++at_;
  }
  void skip_blank() {
    for (;;) {
      skip_spaces();
      skip_comment();
      if (peek() == '\r') ++at_;
      if (peek() != '\n') return;
      ++at_;
      ++line_;
    }
  }
  void end_of_line() {
    skip_spaces();
    skip_comment();
    if (peek() == '\r') ++at_;
    if (!done() && peek() != '\n') refuse(std::string("unexpected text after the value, at '") + peek() + "'");
  }

  std::string key() {
    skip_spaces();
    const auto begin = at_;
    while (is_key_char(peek()) && !done()) ++at_;
    const std::string found(text_.substr(begin, at_ - begin));
    if (found.empty() || found.front() == '.' || found.back() == '.') refuse("expected a key");
    skip_spaces();
    return found;
  }

  void section() {
    ++at_;
    if (peek() == '[') return refuse("arrays of tables are not supported");
    section_ = key();
    if (peek() != ']') return refuse("expected ']' after the section's name");
    ++at_;
  }

  void entry() {
    const int line = line_;
    std::string name = key();
    if (!section_.empty()) name = section_ + "." + name;
    if (!why_.empty()) return;
    if (peek() != '=') return refuse("expected '=' after " + name);
    ++at_;
    skip_spaces();
    toml_entry e{name, value(), line};
    if (!why_.empty()) return;
    if (!seen_.insert(name).second) return refuse(name + " is given twice", toml_errc::duplicate);
    entries_.push_back(std::move(e));
  }

  raw_value value() {
    if (peek() == '[') return array();
    const bool quoted = peek() == '"' || peek() == '\'';
    return {quoted ? shape::quoted : shape::bare, {scalar()}};
  }

  raw_value array() {
    raw_value out{shape::array, {}};
    ++at_;
    skip_blank();
    while (why_.empty() && peek() != ']') {
      out.items.push_back(scalar());
      skip_blank();
      if (peek() == ',') {
        ++at_;
        skip_blank();
      } else if (peek() != ']') {
        refuse("expected ',' or ']' in the array");
      }
    }
    ++at_;
    return out;
  }

  std::string scalar() {
    if (peek() == '"') return basic_string();
    if (peek() == '\'') return literal_string();
    if (peek() == '{') refuse("inline tables are not supported");
    const auto begin = at_;
    while (!done() && (is_key_char(peek()) || peek() == '+' || peek() == ':')) ++at_;
    if (at_ == begin) refuse("expected a value");
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string literal_string() {
    const auto begin = ++at_;
    while (!done() && peek() != '\'' && peek() != '\n') ++at_;
    if (peek() != '\'') refuse("string without its closing quote");
    return std::string(text_.substr(begin, at_++ - begin));
  }

  std::string basic_string() {
    std::string out;
    ++at_;
    while (why_.empty() && peek() != '"') {
      if (done() || peek() == '\n') {
        refuse("string without its closing quote");
      } else if (peek() == '\\') {
        ++at_;
        escape(out);
      } else {
        out += text_[at_++];
      }
    }
    ++at_;
    return out;
  }

  void escape(std::string& out) {
    const char c = peek();
    ++at_;
    switch (c) {
      case '"':
      case '\\':
        out += c;
        return;
      case 'n':
        out += '\n';
        return;
      case 't':
        out += '\t';
        return;
      case 'r':
        out += '\r';
        return;
      case 'u':
        return control_character(out);
      default:
        return refuse("unknown escape in a string");
    }
  }

  // \u00XX below 0x80: what toml_quote writes; other characters stand as UTF-8.
  void control_character(std::string& out) {
    const auto digits = text_.substr(std::min(at_, text_.size()), 4);
    unsigned code = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc{} || end != digits.data() + 4 || code >= 0x80) {
      return refuse("\\u takes four hexadecimal digits below 0080; write other characters as UTF-8");
    }
    out += static_cast<char>(code);
    at_ += 4;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::string section_, why_;
  toml_errc code_ = toml_errc::syntax;
  std::set<std::string> seen_;
  std::vector<toml_entry> entries_;
};

}  // namespace

result<std::vector<toml_entry>, toml_errc> parse_toml(std::string_view text) {
  if (text.size() > bytes_max) return fail(toml_errc::syntax, "1: file is larger than 1 MiB");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return reader(text).run();
}

std::string toml_quote(std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace isobar::config
