#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace isobar::telemetry {

enum class level { debug, info, warn, error };

struct log_options {
  level minimum = level::info;
  bool json = false;  ///< one JSON object a line instead of text
  std::string file;   ///< empty: standard error
};

/// Sets up the process's sink. Call once, before any logger writes; tests may call it again.
void start_logging(const log_options& options);
/// Lines written and lines suppressed by rate limits since start.
std::uint64_t lines_written();
std::uint64_t lines_suppressed();
std::optional<level> parse_level(std::string_view text);

/// One per component, named like its folder. Message style: "subject verb object key=value". Thread-safe; not for hot
/// paths (about 600 ns a line).
class logger {
 public:
  explicit logger(std::string component) : component_(std::move(component)) {}
  void debug(std::string_view message) const;
  void info(std::string_view message) const;
  void warn(std::string_view message) const;
  void error(std::string_view message) const;
  /// At most one line per `key` and `every`; the next one says how many were suppressed. Keys are a bounded set
  /// (4,096).
  void warn_limited(std::string_view key, std::string_view message,
                    std::chrono::milliseconds every = std::chrono::seconds(10)) const;
  const std::string& component() const { return component_; }

 private:
  std::string component_;
};

}  // namespace isobar::telemetry
