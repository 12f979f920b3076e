#pragma once
#include <expected>
#include <string>
#include <utility>

namespace isobar {

/// An error value: a component's own code (`enum class errc`) and the evidence (what was met, where).
template <class Errc>
struct failure {
  Errc code;
  std::string evidence;
};

template <class T, class Errc>
using result = std::expected<T, failure<Errc>>;

/// `return fail(errc::truncated, "SPX.csv:17: 9 of 17 columns");`
template <class Errc>
std::unexpected<failure<Errc>> fail(Errc code, std::string evidence) {
  return std::unexpected(failure<Errc>{code, std::move(evidence)});
}

/// Programmer errors end the process in release builds too, naming the place.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace isobar

#define ISOBAR_ASSERT(expression) \
  (static_cast<bool>(expression) ? void(0) : ::isobar::assertion_failed(#expression, __FILE__, __LINE__))
