#pragma once
#include <string>

#include "isobar/level/v1/level_service.pb.h"

namespace isobar::gamma_fuel {

/// The learning schema of a level's signal as JSON, in the order of domain/signal_features.hpp: docs/features.json.
std::string features_json();
/// The same as a message.
void write_feature_schema(level::v1::GetFeatureSchemaResponse& to);

}  // namespace isobar::gamma_fuel
