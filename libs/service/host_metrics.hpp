#pragma once
#include <memory>
#include <string_view>

#include "actors/actors.hpp"
#include "bus/bus.hpp"
#include "telemetry/metrics.hpp"

namespace isobar::service {

/// Figures of the process that live outside of the registry: copied in before every scrape until the token goes.
[[nodiscard]] std::shared_ptr<void> export_host_metrics(telemetry::registry& registry, bus::bus& bus,
                                                        actors::system& actors);

}  // namespace isobar::service
