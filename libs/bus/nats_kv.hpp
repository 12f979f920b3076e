#pragma once
#include <memory>
#include <string>

#include "bus/nats_core.hpp"

namespace isobar::bus {

/// Opens a JetStream key-value bucket, creating it when absent.
result<std::shared_ptr<kv_bucket>> open_nats_bucket(std::shared_ptr<nats_core> core, std::string_view name,
                                                    kv_options options);

}  // namespace isobar::bus
