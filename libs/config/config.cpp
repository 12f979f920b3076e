#include "config/config.hpp"

#include <algorithm>
#include <deque>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "config/command_line.hpp"
#include "config/nearest.hpp"
#include "config/value.hpp"

namespace isobar::config {
namespace {

using target =
    std::variant<std::string*, std::int64_t*, double*, bool*, std::vector<std::string>*, std::vector<symbol>*>;

struct entry {
  std::string name, help;
  value now;  ///< the default first, then what the strongest origin gave
  limits bounds;
  std::vector<target> targets;
  std::string origin = "default";
  bool is_secret = false;
};

std::string variable_of(std::string_view name) {
  std::string out = "ISOBAR_";
  for (const char c : name) {
    out += c == '-' || c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

bool is_option_name(std::string_view name) {
  const auto ok = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !name.empty() && std::ranges::all_of(name, ok) && name.front() != '-' && name.front() != '.' &&
         name.back() != '.';
}

std::string type_text(const entry& e) {
  static const char* const names[] = {"TEXT", "INTEGER", "NUMBER", "BOOLEAN", "TEXT,...", "SYMBOL,..."};
  if (!e.bounds.words.empty()) {
    std::string words;
    for (const auto& word : e.bounds.words) words += (words.empty() ? "" : "|") + word;
    return words;
  }
  const auto range = [](const value& min, const value& max, bool has_min, bool has_max) {
    if (!has_min && !has_max) return std::string();
    return " " + (has_min ? to_toml(min) : "") + ".." + (has_max ? to_toml(max) : "");
  };
  std::string out = names[e.now.index()];
  const auto& b = e.bounds;
  const limits none;
  if (e.now.index() == 1) out += range(b.int_min, b.int_max, b.int_min != none.int_min, b.int_max != none.int_max);
  if (e.now.index() == 2) {
    out += range(b.double_min, b.double_max, b.double_min != none.double_min, b.double_max != none.double_max);
  }
  return out;
}

/// Somebody may have put a password into a URL: what stands between "://" and "@" is not shown.
std::string without_credentials(std::string text) {
  for (std::size_t from = 0; (from = text.find("://", from)) != std::string::npos;) {
    from += 3;
    const auto end = text.find_first_of("/?# ,\"", from);
    const auto at = text.rfind('@', end == std::string::npos ? end : end - 1);
    if (at != std::string::npos && at >= from) text.replace(from, at - from, "<redacted>");
  }
  return text;
}

// At most `bytes_max` bytes of a file, or nothing.
std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error) && !std::filesystem::is_fifo(path, error)) return {};
  std::ifstream in(path, std::ios::binary);
  if (!in) return {};
  std::string text(bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || text.size() > bytes_max) return {};
  return text;
}

}  // namespace

struct schema::impl {
  std::string program, description, version;
  std::deque<entry> entries;              ///< in order of declaration; addresses stay
  std::map<std::string, entry*> by_name;  ///< every declared option and secret
  std::map<std::string, entry*> by_variable;
  std::set<std::string> ignored{"ISOBAR_SHARED"};
  std::string positional_name;
  std::vector<std::string>* positionals = nullptr;
  std::string config_file;

  entry& declare(std::string name, std::string help, value initial, target t, limits bounds = {}, bool secret = false);
  result<void, errc> assign(entry& e, const raw_value& raw, std::string origin);
  result<void, errc> read_toml(const std::string& path);
  result<void, errc> read_environment(const std::map<std::string, std::string>& variables);
  result<void, errc> read_secret(entry& e, const std::map<std::string, std::string>& variables);
  result<void, errc> read_flags(const command_line& line);
  command_line_spec line_spec() const;
  std::vector<std::string> names(bool with_secrets) const;
  std::vector<std::string> variables() const;
  void write_targets();
  std::string print() const;
};

entry& schema::impl::declare(std::string name, std::string help, value initial, target t, limits bounds, bool secret) {
  ISOBAR_ASSERT(is_option_name(name) && name != "help" && name != "version" && name != "print-config");
  if (const auto found = by_name.find(name); found != by_name.end()) {
    ISOBAR_ASSERT(found->second->now.index() == initial.index() && found->second->is_secret == secret);
    found->second->targets.push_back(t);
    return *found->second;
  }
  ISOBAR_ASSERT(outside(initial, bounds).empty());
  auto& e = entries.emplace_back(entry{name, std::move(help), std::move(initial), std::move(bounds), {t}});
  e.is_secret = secret;
  by_name[name] = &e;
  const auto variable = variable_of(name);
  ISOBAR_ASSERT(!by_variable.contains(variable));  // "a.b" and "a-b" would share one
  by_variable[variable] = &e;
  return e;
}

std::vector<std::string> schema::impl::names(bool with_secrets) const {
  std::vector<std::string> out;
  for (const auto& e : entries) {
    if (with_secrets || !e.is_secret) out.push_back(e.name);
  }
  return out;
}

std::vector<std::string> schema::impl::variables() const {
  std::vector<std::string> out;
  for (const auto& [variable, e] : by_variable) {
    out.push_back(variable);
    if (e->is_secret) out.push_back(variable + "_FILE");
  }
  return out;
}

result<void, errc> schema::impl::assign(entry& e, const raw_value& raw, std::string origin) {
  auto v = read_value(raw, e.now, e.bounds);
  if (!v) return fail(errc::usage, e.name + ": " + v.error() + " (from " + origin + ")");
  e.now = std::move(*v);
  e.origin = std::move(origin);
  return {};
}

result<void, errc> schema::impl::read_toml(const std::string& path) {
  const auto text = read_file(path, 1 << 20);
  if (!text) return fail(errc::unreadable, "cannot read the configuration file " + path);
  const auto parsed = parse_toml(*text);
  if (!parsed) return fail(errc::usage, path + ":" + parsed.error().evidence);
  for (const auto& item : *parsed) {
    const auto place = path + ":" + std::to_string(item.line);
    const auto found = by_name.find(item.name);
    if (found == by_name.end() || item.name == "config") {
      return fail(errc::usage, place + ": unknown key " + item.name + suggestion(item.name, names(false)));
    }
    if (found->second->is_secret) {
      return fail(errc::usage, place + ": " + item.name + " is a secret: give it in " + variable_of(item.name) +
                                   " or in a file named by " + variable_of(item.name) + "_FILE");
    }
    if (auto done = assign(*found->second, item.value, place); !done) return done;
  }
  return {};
}

result<void, errc> schema::impl::read_environment(const std::map<std::string, std::string>& variables_given) {
  for (const auto& [variable, text] : variables_given) {
    if (ignored.contains(variable)) continue;
    const auto found = by_variable.find(variable);
    if (found != by_variable.end()) {
      if (found->second->is_secret) continue;
      if (auto done = assign(*found->second, {shape::text, {text}}, "environment " + variable); !done) return done;
      continue;
    }
    const bool is_secret_file = variable.ends_with("_FILE") &&
                                by_variable.contains(variable.substr(0, variable.size() - 5)) &&
                                by_variable.at(variable.substr(0, variable.size() - 5))->is_secret;
    if (is_secret_file) continue;
    return fail(errc::usage, "unknown environment variable " + variable + suggestion(variable, variables()));
  }
  for (auto& e : entries) {
    if (!e.is_secret) continue;
    if (auto done = read_secret(e, variables_given); !done) return done;
  }
  return {};
}

result<void, errc> schema::impl::read_secret(entry& e, const std::map<std::string, std::string>& variables_given) {
  const auto variable = variable_of(e.name);
  const auto direct = variables_given.find(variable);
  const auto by_file = variables_given.find(variable + "_FILE");
  if (direct != variables_given.end() && by_file != variables_given.end()) {
    return fail(errc::usage, e.name + ": both " + variable + " and " + variable + "_FILE are set");
  }
  if (direct != variables_given.end()) {
    e.now = direct->second;
    e.origin = "environment " + variable;
  }
  if (by_file != variables_given.end()) {
    auto text = read_file(by_file->second, 64 << 10);
    if (!text) {
      return fail(errc::unreadable,
                  e.name + ": cannot read the file " + by_file->second + " (from " + variable + "_FILE)");
    }
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
    e.now = std::move(*text);
    e.origin = "file " + by_file->second;
  }
  return {};
}

result<void, errc> schema::impl::read_flags(const command_line& line) {
  for (const auto& [name, text] : line.given) {
    if (auto done = assign(*by_name.at(name), {shape::text, {text}}, "flag --" + name); !done) return done;
  }
  if (!line.rest.empty() && !positionals) return fail(errc::usage, "unexpected word " + line.rest.front());
  if (positionals) *positionals = line.rest;
  return {};
}

command_line_spec schema::impl::line_spec() const {
  command_line_spec spec{program, description, {}, positional_name, ""};
  std::string secrets;
  for (const auto& e : entries) {
    if (e.is_secret) {
      secrets += "  " + variable_of(e.name) + " or " + variable_of(e.name) + "_FILE: " + e.help + "\n";
      continue;
    }
    auto shown = to_toml(e.now);
    if (shown == "\"\"" || shown == "[]") shown.clear();
    spec.flags.push_back({e.name, e.help, type_text(e), shown, std::holds_alternative<bool>(e.now)});
  }
  spec.footer =
      "Every option is also a key of the TOML file given by --config and an environment variable:\n"
      "--a-b.c-d is key c-d in section [a-b] and ISOBAR_A_B_C_D. Flags win, then environment, then file.\n";
  if (!secrets.empty()) spec.footer += "Secrets, only from the environment or a file:\n" + secrets;
  return spec;
}

void schema::impl::write_targets() {
  for (auto& e : entries) {
    for (const auto& t : e.targets) {
      std::visit([&e](auto* to) { *to = std::get<std::remove_pointer_t<decltype(to)>>(e.now); }, t);
    }
  }
}

std::string schema::impl::print() const {
  std::map<std::string, std::string> sections;  // the unnamed one sorts first, as TOML wants
  for (const auto& e : entries) {
    const auto dot = e.name.rfind('.');
    const auto section = dot == std::string::npos ? "" : e.name.substr(0, dot);
    const auto key = dot == std::string::npos ? e.name : e.name.substr(dot + 1);
    auto& text = sections[section];
    std::string help = e.help;
    std::ranges::replace(help, '\n', ' ');
    text += "# " + help + " [" + type_text(e) + "; " + e.origin + "]\n";
    const bool empty = e.is_secret && std::get<std::string>(e.now).empty();
    const bool commented = e.is_secret || e.name == "config";
    text += (commented ? "# " : "") + key + " = " +
            (e.is_secret ? (empty ? "\"\"" : "\"<redacted>\"") : without_credentials(to_toml(e.now))) + "\n";
  }
  std::string out = "# " + program + " " + version + "\n";
  for (const auto& [section, text] : sections) {
    if (!section.empty()) out += "\n[" + section + "]\n";
    out += text;
  }
  return out;
}

schema::schema(std::string program, std::string description, std::string version) : impl_(std::make_unique<impl>()) {
  impl_->program = std::move(program);
  impl_->description = std::move(description);
  impl_->version = std::move(version);
  option("config", impl_->config_file, "TOML file with any of these options");
}
schema::~schema() = default;

void schema::option(std::string name, std::string& target, std::string help) {
  impl_->declare(std::move(name), std::move(help), target, &target);
}
void schema::option(std::string name, std::int64_t& target, std::string help, std::int64_t min, std::int64_t max) {
  impl_->declare(std::move(name), std::move(help), target, &target, {.int_min = min, .int_max = max});
}
void schema::option(std::string name, double& target, std::string help, double min, double max) {
  impl_->declare(std::move(name), std::move(help), target, &target, {.double_min = min, .double_max = max});
}
void schema::option(std::string name, bool& target, std::string help) {
  impl_->declare(std::move(name), std::move(help), target, &target);
}
void schema::option(std::string name, std::vector<std::string>& target, std::string help) {
  impl_->declare(std::move(name), std::move(help), target, &target);
}
void schema::option(std::string name, std::vector<symbol>& target, std::string help) {
  impl_->declare(std::move(name), std::move(help), target, &target);
}
void schema::choice(std::string name, std::string& target, std::vector<std::string> words, std::string help) {
  impl_->declare(std::move(name), std::move(help), target, &target, {.words = std::move(words)});
}
void schema::secret(std::string name, std::string& target, std::string help) {
  impl_->declare(std::move(name), std::move(help), target, &target, {}, true);
}
void schema::positionals(std::string name, std::vector<std::string>& target, std::string help) {
  ISOBAR_ASSERT(impl_->positionals == nullptr);
  impl_->positional_name = std::move(name);
  impl_->positionals = &target;
  impl_->description += "\n" + impl_->positional_name + ": " + help;
}
void schema::ignore_environment(std::string variable) { impl_->ignored.insert(std::move(variable)); }

result<void, errc> schema::parse(int argc, const char* const* argv, const char* const* envp) {
  auto& self = *impl_;
  std::map<std::string, std::string> variables;
  for (; envp && *envp; ++envp) {
    const std::string_view text(*envp);
    const auto equals = text.find('=');
    if (!text.starts_with("ISOBAR_") || equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }

  const auto spec = self.line_spec();
  const auto line = read_command_line(spec, argc, argv);
  if (!line) {
    const auto& error = line.error();
    if (error.code == command_line_errc::usage) return fail(errc::usage, error.evidence);
    const auto found = self.by_name.find(error.evidence);
    if (found != self.by_name.end() && found->second->is_secret) {
      return fail(errc::usage, "--" + error.evidence + " is a secret: give it in " + variable_of(error.evidence) +
                                   " or in a file named by " + variable_of(error.evidence) + "_FILE");
    }
    auto known = self.names(false);
    known.insert(known.end(), {"help", "version", "print-config"});
    return fail(errc::usage, "unknown flag --" + error.evidence + suggestion(error.evidence, known));
  }
  if (line->help) return fail(errc::help, help_text(spec));
  if (line->version) return fail(errc::help, self.program + " " + self.version + "\n");

  // Weakest first: every later origin overwrites.
  std::string path;
  if (const auto v = variables.find("ISOBAR_CONFIG"); v != variables.end()) path = v->second;
  if (const auto f = line->given.find("config"); f != line->given.end()) path = f->second;
  if (!path.empty()) {
    if (auto done = self.read_toml(path); !done) return done;
  }
  if (auto done = self.read_environment(variables); !done) return done;
  if (auto done = self.read_flags(*line); !done) return done;
  self.write_targets();
  if (line->print_config) return fail(errc::printed, self.print());
  return {};
}

std::string schema::print() const { return impl_->print(); }

}  // namespace isobar::config
