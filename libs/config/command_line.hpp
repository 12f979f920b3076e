#pragma once
#include <map>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace isobar::config {

/// One flag as the command line and its help see it.
struct flag {
  std::string name;   ///< without the dashes
  std::string help;   ///< one sentence
  std::string type;   ///< "TEXT", "INTEGER in 50..1000"; ignored for switches
  std::string value;  ///< the default, as help shows it; empty: none
  bool is_switch = false;
};

struct command_line_spec {
  std::string program, description;
  std::vector<flag> flags;
  std::string positionals;  ///< name of what may follow the flags; empty: nothing may
  std::string footer;
};

struct command_line {
  std::map<std::string, std::string> given;  ///< flag -> value; the last of a repeated flag
  std::vector<std::string> rest;             ///< positionals
  bool help = false, version = false, print_config = false;
};

enum class command_line_errc { unknown_flag, usage };

/// Evidence of unknown_flag is the flag's name alone: what follows a '=' might be a secret.
result<command_line, command_line_errc> read_command_line(const command_line_spec& spec, int argc,
                                                          const char* const* argv);

std::string help_text(const command_line_spec& spec);

}  // namespace isobar::config
