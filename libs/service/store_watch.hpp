#pragma once
#include <chrono>
#include <cstddef>
#include <memory>

#include "bus/bus.hpp"

namespace isobar::service {

struct store_watch_options {
  std::chrono::milliseconds look_every{5000};
  std::size_t keys_max = 65'536;                ///< of one bucket, remembered of what this process wrote
  std::size_t read_back_bytes_max = 256 << 20;  ///< of one look
};

/// A bus that notices what the server's store has lost. Nobody is told of a store that was emptied, truncated or
/// damaged: a damaged entry reads like one that was never there. So what each bucket and stream in use holds is looked
/// at now and then and after every reconnection, when also the keys that this process wrote are read back. A loss is
/// logged by name and counted (bus_stats::store_losses); what is not there at all is made again, and owners of what a
/// bucket held see kv_bucket::losses() grow and write it again. Everything else goes to `inner` as it is.
///
/// Not noticed: damage to a stream's messages that the server itself has not found; whoever reads them meets a gap.
std::shared_ptr<bus::bus> make_watching_bus(std::shared_ptr<bus::bus> inner, store_watch_options options = {});

}  // namespace isobar::service
