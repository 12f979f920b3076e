#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

/// One list of fields, with name, help and bounds, serves both to declare options and to read overrides of single
/// symbols:
///
///   template <class Visitor> void visit_fields(settings& s, Visitor&& v) {
///     v.integer("window-ms", s.window_ms, "Window, ms of event time", 100, 60'000);
///   }
namespace isobar::config {

/// Declares each field as the option prefix + name.
class declaring_fields {
 public:
  /// Both outlive the declaration.
  declaring_fields(schema& s, std::string prefix) : schema_(s), prefix_(std::move(prefix)) {}
  void text(const char* name, std::string& at, const char* help) { schema_.option(prefix_ + name, at, help); }
  void integer(const char* name, std::int64_t& at, const char* help, std::int64_t low, std::int64_t high) {
    schema_.option(prefix_ + name, at, help, low, high);
  }
  void number(const char* name, double& at, const char* help, double low, double high) {
    schema_.option(prefix_ + name, at, help, low, high);
  }
  void flag(const char* name, bool& at, const char* help) { schema_.option(prefix_ + name, at, help); }
  void choice(const char* name, std::string& at, std::vector<std::string> words, const char* help) {
    schema_.choice(prefix_ + name, at, std::move(words), help);
  }

 private:
  schema& schema_;
  const std::string prefix_;
};

/// Sets the one field that is named from text.
class overriding_field {
 public:
  overriding_field(std::string_view name, std::string_view value) : name_(name), value_(value) {}
  void text(const char* field, std::string& at, const char* help);
  void integer(const char* field, std::int64_t& at, const char* help, std::int64_t low, std::int64_t high);
  void number(const char* field, double& at, const char* help, double low, double high);
  void flag(const char* field, bool& at, const char* help);
  void choice(const char* field, std::string& at, const std::vector<std::string>& words, const char* help);

  bool found() const { return found_; }
  /// What is wrong with the value; empty: taken.
  const std::string& why() const { return why_; }

 private:
  bool is(const char* field);
  template <class Number>
  void ranged(const char* field, Number& at, Number low, Number high);

  std::string_view name_, value_;
  bool found_ = false;
  std::string why_;
};

/// "ES:bucket-ticks=4": who it is for, and what is said.
struct override_entry {
  std::string_view who, name, value;
};
std::optional<override_entry> parse_override(std::string_view text);

/// Sets what the entry names; the error is a clause about `text`.
template <class Settings, class Visit>
std::expected<override_entry, std::string> apply_override(const std::string& text, Settings& to, Visit visit) {
  const auto e = parse_override(text);
  if (!e) return std::unexpected("override: \"" + text + "\" is not like ES:NAME=VALUE");
  overriding_field v(e->name, e->value);
  visit(to, v);
  if (!v.found()) return std::unexpected("override: \"" + text + "\": no option \"" + std::string(e->name) + "\"");
  if (!v.why().empty()) return std::unexpected("override: \"" + text + "\": the value " + v.why());
  return *e;
}

/// `all` with what is said of the symbol: that of its product first, then its own.
template <class Settings, class Visit>
std::expected<Settings, std::string> overridden(Settings all, const std::vector<std::string>& overrides,
                                                std::string_view symbol, std::optional<std::string_view> product,
                                                Visit visit) {
  for (const bool exact : {false, true}) {
    for (const std::string& text : overrides) {
      const auto e = parse_override(text);
      if (e && (exact ? e->who != symbol : (e->who == symbol || !product || e->who != *product))) continue;
      if (auto ok = apply_override(text, all, visit); !ok) return std::unexpected(ok.error());
    }
  }
  return all;
}

}  // namespace isobar::config
