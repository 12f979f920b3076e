#pragma once
#include <memory>
#include <string_view>

#include "bus/nats_core.hpp"

namespace isobar::bus {

/// Opens a JetStream stream (file storage, direct reads), making it when absent.
result<std::shared_ptr<stream>> open_nats_stream(std::shared_ptr<nats_core> core, std::string_view name,
                                                 stream_options options);

}  // namespace isobar::bus
