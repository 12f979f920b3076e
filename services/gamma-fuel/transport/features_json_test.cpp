#include "gamma-fuel/transport/features_json.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "isobar/level/v1/signal.pb.h"

namespace isobar::gamma_fuel {
namespace {

namespace pb = google::protobuf;

/// The proto field behind a path like "state.sweep.direction" or "set.spot_nanos"; nullptr: there is none.
const pb::FieldDescriptor* field_of(std::string path) {
  const pb::Descriptor* in = level::v1::LevelSignal::descriptor();
  if (path.starts_with("set.")) {
    in = level::v1::LevelSignals::descriptor();
    path.erase(0, 4);
  }
  const pb::FieldDescriptor* field = nullptr;
  std::istringstream parts(path);
  for (std::string part; std::getline(parts, part, '.');) {
    if (field) in = field->message_type();
    field = in ? in->FindFieldByName(part) : nullptr;
    if (!field) return nullptr;
  }
  return field;
}

bool fits(const pb::FieldDescriptor& field, const std::string& type) {
  using f = pb::FieldDescriptor;
  switch (field.cpp_type()) {
    case f::CPPTYPE_BOOL:
      return type == "bool";
    case f::CPPTYPE_ENUM:
    case f::CPPTYPE_STRING:
      return type == "category";
    case f::CPPTYPE_DOUBLE:
      return type == "double";
    default:  // integers; prices in nanos become doubles in points
      return type == "int64" || (type == "double" && field.name().ends_with("_nanos"));
  }
}

TEST(FeaturesJson, IsWhatTheCodeSays) {
  const std::string file = ISOBAR_SOURCE_DIR "/docs/features.json";
  if (std::getenv("ISOBAR_WRITE_FEATURES")) std::ofstream(file) << features_json();
  std::ifstream in(file);
  std::ostringstream committed;
  committed << in.rdbuf();
  EXPECT_EQ(committed.str(), features_json()) << "run this test with ISOBAR_WRITE_FEATURES=1 and raise the version";
}

TEST(FeaturesJson, EveryFeatureComesFromAFieldOfTheSignal) {
  level::v1::GetFeatureSchemaResponse schema;
  write_feature_schema(schema);
  EXPECT_GT(schema.features_size(), 50);
  EXPECT_EQ(schema.json(), features_json());
  for (const auto& f : schema.features()) {
    const auto* field = field_of(f.field());
    ASSERT_TRUE(field) << f.name() << ": " << f.field();
    EXPECT_TRUE(fits(*field, f.type())) << f.name();
    if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_ENUM) continue;
    // A closed set names every value of the enum that is ever given.
    for (const std::string& value : f.values()) {
      bool known = false;
      for (int i = 0; i < field->enum_type()->value_count(); ++i)
        known = known || field->enum_type()->value(i)->name().ends_with("_" + value);
      EXPECT_TRUE(known) << f.name() << " " << value;
    }
  }
}

}  // namespace
}  // namespace isobar::gamma_fuel
