#pragma once
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace isobar {

/// A symbol of the registry ("SPX", "ES", "BTCUSDT"): 1 to 32 printable ASCII characters, no spaces.
/// It names the worker, the subject token and the metric label.
class symbol {
 public:
  symbol() = default;
  static std::optional<symbol> parse(std::string_view text);

  const std::string& str() const { return text_; }
  auto operator<=>(const symbol&) const = default;

 private:
  explicit symbol(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// One token of a bus subject: lower-case letters, digits, '-' and '_' stay; upper-case letters are lowered; every
/// other byte, and '%' itself, becomes %xx. A lower-case letter in the input is escaped too, so that two symbols never
/// share a token: "SPX" -> "spx", "I:SPX" -> "i%3aspx", "brk.b" -> "%62%72%6b%2e%62".
std::string subject_token(std::string_view text);

/// The inverse of subject_token; nothing when the token was not made by it.
std::optional<std::string> from_subject_token(std::string_view token);

}  // namespace isobar
