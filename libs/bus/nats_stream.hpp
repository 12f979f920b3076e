#pragma once
#include <memory>
#include <string_view>

#include "bus/nats_core.hpp"

namespace isobar::bus {

/// What a stream holds, a bucket's ("KV_<name>") too; not_found: there is none.
result<stream_state> nats_stream_state(nats_core& core, const std::string& name);
/// Makes a JetStream stream (file storage, direct reads) or changes its options.
result<void> keep_nats_stream(nats_core& core, std::string_view name, const stream_options& options);
/// For reading; asks the server nothing yet.
result<std::shared_ptr<stream>> open_nats_stream(std::shared_ptr<nats_core> core, std::string_view name);

}  // namespace isobar::bus
