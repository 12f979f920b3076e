#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::cli {

/// The command line of `isobar replay`, its short words spelt out as the services' own options.
struct replay_words {
  std::vector<std::string> words;  ///< the program's name first
  std::vector<std::string> files;  ///< of futures
  bool csv = false;
  bool chains = false, quotes = false, futures = false, hold = false;

  /// `option` is among the words, with "=VALUE" or without.
  bool has(std::string_view option) const;
};

/// --chains DIR, --quotes FILE, --dbn FILE..., --csv FILE..., --speed N, --from TIME, --until TIME, --hold; a value may
/// also follow "=". Other words stay as they are. The error says what is wrong with which word.
std::expected<replay_words, std::string> spelt_out(const std::vector<std::string>& command_line);

}  // namespace isobar::cli
