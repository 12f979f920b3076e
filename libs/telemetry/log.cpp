#include "telemetry/log.hpp"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

namespace isobar::telemetry {
namespace {

constexpr std::size_t file_bytes_max = 64 << 20;
constexpr std::size_t files_max = 4;
constexpr std::size_t keys_max = 4096;

struct limited_key {
  std::chrono::steady_clock::time_point last;
  std::uint64_t suppressed = 0;
};

// The process's one log: the only thing of a process that apps share without being handed it.
struct sink {
  std::mutex guard;
  std::shared_ptr<spdlog::logger> out;
  bool json = false;
  std::map<std::string, limited_key, std::less<>> keys;
  std::atomic<std::uint64_t> written{0}, suppressed{0};
};

sink& process_sink() {
  static sink s;
  return s;
}

spdlog::level::level_enum spdlog_level(level l) {
  switch (l) {
    case level::debug:
      return spdlog::level::debug;
    case level::info:
      return spdlog::level::info;
    case level::warn:
      return spdlog::level::warn;
    case level::error:
      break;
  }
  return spdlog::level::err;
}

// Keeps the sinks' exceptions (an unwritable file) inside: the log then goes to standard error.
std::shared_ptr<spdlog::logger> make_logger(const log_options& options, std::string& trouble) {
  spdlog::sink_ptr to;
  if (!options.file.empty()) {
    try {
      to = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(options.file, file_bytes_max, files_max - 1);
    } catch (const spdlog::spdlog_ex& error) {
      trouble = error.what();
    }
  }
  if (!to) to = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto out = std::make_shared<spdlog::logger>("isobar", std::move(to));
  out->set_level(spdlog_level(options.minimum));
  out->flush_on(options.file.empty() ? spdlog::level::debug : spdlog::level::warn);
  out->set_pattern(options.json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                   spdlog::pattern_time_type::utc);
  return out;
}

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// A line is a line: control characters of a message are escaped, so that input cannot forge one.
std::string one_line(std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += std::string("\\x") + hex[byte >> 4] + hex[byte & 15];
    }
  }
  return out;
}

void write(level l, std::string_view component, std::string_view message) {
  auto& s = process_sink();
  std::shared_ptr<spdlog::logger> out;
  bool json = false;
  {
    const std::scoped_lock lock(s.guard);
    std::string ignored;
    if (!s.out) s.out = make_logger({}, ignored);
    out = s.out;
    json = s.json;
  }
  if (!out->should_log(spdlog_level(l))) return;
  const std::string text = json ? "\"component\":" + json_text(component) + ",\"message\":" + json_text(message)
                                : std::string(component) + ": " + one_line(message);
  out->log(spdlog_level(l), spdlog::string_view_t(text));
  s.written.fetch_add(1, std::memory_order_relaxed);
}

// How many lines of `key` were held back since the last one, or nothing when this one must be held back too.
std::optional<std::uint64_t> admit(std::string_view key, std::chrono::milliseconds every) {
  auto& s = process_sink();
  const auto now = std::chrono::steady_clock::now();
  const std::scoped_lock lock(s.guard);
  auto found = s.keys.find(key);
  if (found == s.keys.end()) {
    const auto name = s.keys.size() < keys_max ? std::string(key) : std::string();  // the rest share one key
    found = s.keys.try_emplace(name, limited_key{now - every}).first;
  }
  auto& [last, held] = found->second;
  if (now - last < every) {
    ++held;
    s.suppressed.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  last = now;
  return std::exchange(held, 0);
}

}  // namespace

void start_logging(const log_options& options) {
  auto& s = process_sink();
  std::string trouble;
  auto out = make_logger(options, trouble);
  {
    const std::scoped_lock lock(s.guard);
    if (s.out) s.out->flush();
    s.out = std::move(out);
    s.json = options.json;
    s.keys.clear();
  }
  if (!trouble.empty()) write(level::error, "telemetry", "log file refused, writing to standard error: " + trouble);
}

std::uint64_t lines_written() { return process_sink().written.load(std::memory_order_relaxed); }
std::uint64_t lines_suppressed() { return process_sink().suppressed.load(std::memory_order_relaxed); }

std::optional<level> parse_level(std::string_view text) {
  if (text == "debug") return level::debug;
  if (text == "info") return level::info;
  if (text == "warn" || text == "warning") return level::warn;
  if (text == "error") return level::error;
  return {};
}

void logger::debug(std::string_view message) const { write(level::debug, component_, message); }
void logger::info(std::string_view message) const { write(level::info, component_, message); }
void logger::warn(std::string_view message) const { write(level::warn, component_, message); }
void logger::error(std::string_view message) const { write(level::error, component_, message); }

void logger::warn_limited(std::string_view key, std::string_view message, std::chrono::milliseconds every) const {
  const auto held = admit(component_ + "/" + std::string(key), every);
  if (!held) return;
  write(level::warn, component_,
        *held == 0 ? std::string(message) : std::string(message) + " suppressed=" + std::to_string(*held));
}

}  // namespace isobar::telemetry
