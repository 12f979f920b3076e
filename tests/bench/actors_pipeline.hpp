#pragma once
// The six services in this process on a local bus, until their simulated market has ended.
#include <cstdint>

#include "epoch-manager/domain/epoch_machine.hpp"
#include "sim/option_market.hpp"
#include "wire/stream_digest.hpp"

namespace isobar::bench {

/// What both pipelines run.
struct suite_options {
  std::int64_t duration_ms = 20'000;
  std::int64_t quotes_per_second = 100'000;
  std::int64_t chain_interval_ms = 2'000;

  sim::config market() const;
  epoch_manager::machine_config epochs() const;  ///< nobody acknowledges
};

struct actors_result {
  double seconds = 0;          ///< from the first tile frame to the end of the last consumer
  wire::stream_digest digest;  ///< of windows, models, tiles, gradient and colours
};

/// Ends the process when the suite cannot start or does not end.
actors_result run_suite(const suite_options& o, int threads);

}  // namespace isobar::bench
