#include "config/command_line.hpp"

#include <CLI/CLI.hpp>
#include <memory>

namespace isobar::config {
namespace {

struct parser {
  CLI::App app;
  std::map<std::string, std::string> values;
  bool help = false, version = false, print_config = false;
};

std::string group_of(const std::string& name) {
  const auto dot = name.rfind('.');
  return dot == std::string::npos ? "Options" : name.substr(0, dot);
}

std::unique_ptr<parser> make_parser(const command_line_spec& spec) {
  auto p = std::make_unique<parser>();
  auto& app = p->app;
  app.name(spec.program);
  app.description(spec.description);
  app.set_help_flag();
  app.allow_extras();
  app.footer(spec.footer);
  app.add_flag("-h,--help", p->help, "Print this text and exit");
  app.add_flag("--version", p->version, "Print the version and exit");
  app.add_flag("--print-config", p->print_config, "Print the configuration in force as TOML and exit");
  for (const auto& f : spec.flags) {
    auto& value = p->values[f.name];
    auto* option =
        f.is_switch ? app.add_flag("--" + f.name, value, f.help) : app.add_option("--" + f.name, value, f.help);
    option->group(group_of(f.name))->take_last();
    if (!f.is_switch) option->type_name(f.type);
    if (!f.value.empty()) option->default_str(f.value);
  }
  return p;
}

}  // namespace

result<command_line, command_line_errc> read_command_line(const command_line_spec& spec, int argc,
                                                          const char* const* argv) {
  const auto p = make_parser(spec);
  try {
    p->app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return fail(command_line_errc::usage, error.what());
  }
  command_line out{{}, p->app.remaining(), p->help, p->version, p->print_config};
  for (const auto& f : spec.flags) {
    if (p->app.count("--" + f.name) != 0) out.given[f.name] = p->values[f.name];
  }
  for (const auto& word : out.rest) {
    if (word == "--") break;
    if (word.size() > 1 && word[0] == '-') {
      const auto dashes = word.find_first_not_of('-');
      const auto name = dashes == std::string::npos ? word : word.substr(dashes);
      return fail(command_line_errc::unknown_flag, name.substr(0, name.find('=')));
    }
  }
  std::erase(out.rest, "--");
  return out;
}

std::string help_text(const command_line_spec& spec) {
  auto text = make_parser(spec)->app.help();
  if (!spec.positionals.empty()) {
    const auto end = text.find("[OPTIONS]");
    if (end != std::string::npos) text.insert(end + 9, " " + spec.positionals + "...");
  }
  return text;
}

}  // namespace isobar::config
