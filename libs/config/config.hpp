#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/symbol.hpp"

namespace isobar::config {

enum class errc {
  usage,       ///< unknown key or flag, wrong type, value out of range; evidence names the key and where it came from
  unreadable,  ///< configuration file or secret file cannot be read
  help,        ///< --help or --version was asked: evidence is the text to print, exit code 0
  printed,     ///< --print-config was asked: evidence is the text, exit code 0
};

/// One program's options, declared once: default < file (--config, TOML) < environment < flag. The name
/// "heatmap-builder.window-ms" is the flag --heatmap-builder.window-ms, the variable ISOBAR_HEATMAP_BUILDER_WINDOW_MS
/// and the file's key window-ms in section [heatmap-builder]. Unknown keys in any of the three are errors (an unknown
/// ISOBAR_* variable too, except ISOBAR_SHARED and those given to ignore_environment()).
/// Not thread-safe; targets must outlive parse(). A refused configuration changes no target.
class schema {
 public:
  schema(std::string program, std::string description, std::string version);
  ~schema();

  /// Declares an option; `target` holds the default now and the value after parse(). `help` says the unit. A name may
  /// be declared by several apps of one process: every target receives the value, the first help and default stand.
  void option(std::string name, std::string& target, std::string help);
  void option(std::string name, std::int64_t& target, std::string help, std::int64_t min = INT64_MIN,
              std::int64_t max = INT64_MAX);
  void option(std::string name, double& target, std::string help, double min, double max);
  void option(std::string name, bool& target, std::string help);
  void option(std::string name, std::vector<std::string>& target, std::string help);  ///< comma-separated
  void option(std::string name, std::vector<symbol>& target, std::string help);       ///< comma-separated
  /// One of the given words.
  void choice(std::string name, std::string& target, std::vector<std::string> words, std::string help);
  /// Only from the environment (ISOBAR_<NAME>) or a file named by ISOBAR_<NAME>_FILE; refused as flag and as file key;
  /// printed as "<redacted>".
  void secret(std::string name, std::string& target, std::string help);
  /// Words left over after the flags; refused when not declared.
  void positionals(std::string name, std::vector<std::string>& target, std::string help);
  void ignore_environment(std::string variable);

  /// Reads file, environment and flags. On errc::help and errc::printed print the evidence and exit 0.
  result<void, errc> parse(int argc, const char* const* argv, const char* const* envp);
  /// The configuration in force as a TOML file that --config accepts, each key with its help and origin; secrets
  /// redacted.
  std::string print() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::config
