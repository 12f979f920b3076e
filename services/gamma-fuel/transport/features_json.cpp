#include "gamma-fuel/transport/features_json.hpp"

#include <vector>

#include "gamma-fuel/domain/signal_features.hpp"

namespace isobar::gamma_fuel {
namespace {

/// The table's texts hold no control characters.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::vector<std::string> values_of(const signal_feature& f) {
  std::vector<std::string> out;
  std::string_view rest = f.values;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('|'), rest.size());
    out.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::string row_of(const signal_feature& f) {
  std::string out = "    {\"name\": " + quoted(f.name) + ", \"type\": " + quoted(f.type) +
                    ", \"nullable\": " + (f.nullable ? "true" : "false") + ", \"unit\": " + quoted(f.unit) +
                    ", \"field\": " + quoted(f.field);
  const char* between = ",\n     \"values\": [";
  for (const std::string& v : values_of(f)) {
    out += between + quoted(v);
    between = ", ";
  }
  if (!f.values.empty()) out += "]";
  return out + ",\n     \"definition\": " + quoted(f.definition) + "}";
}

}  // namespace

std::string features_json() {
  std::string out = "{\n  \"schema\": \"isobar.level.v1.LevelSignal\",\n  \"version\": ";
  out += quoted(signal_features_version) + ",\n  \"features\": [";
  const char* between = "\n";
  for (const signal_feature& f : signal_features()) {
    out += between + row_of(f);
    between = ",\n";
  }
  return out + "\n  ]\n}\n";
}

void write_feature_schema(level::v1::GetFeatureSchemaResponse& to) {
  to.set_json(features_json());
  to.set_version(std::string(signal_features_version));
  for (const signal_feature& f : signal_features()) {
    auto& row = *to.add_features();
    row.set_name(std::string(f.name));
    row.set_type(std::string(f.type));
    row.set_unit(std::string(f.unit));
    row.set_definition(std::string(f.definition));
    row.set_field(std::string(f.field));
    row.set_nullable(f.nullable);
    for (std::string& v : values_of(f)) row.add_values(std::move(v));
  }
}

}  // namespace isobar::gamma_fuel
