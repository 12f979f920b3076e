#include "gamma-fuel/transport/features_json.hpp"

#include "gamma-fuel/domain/signal_features.hpp"

namespace isobar::gamma_fuel {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string features_json() {
  std::string out = "{\n  \"schema\": \"isobar level signal\",\n  \"version\": ";
  out += quoted(signal_features_version);
  out += ",\n  \"features\": [";
  const char* between = "\n";
  for (const signal_feature& f : signal_features()) {
    out += between;
    out += "    {\"name\": " + quoted(f.name) + ", \"type\": " + quoted(f.type) + ", \"unit\": " + quoted(f.unit) +
           ",\n     \"definition\": " + quoted(f.definition) + "}";
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
  }
}

}  // namespace isobar::gamma_fuel
