#pragma once
#include <functional>
#include <memory>

#include "chain-ingest/sources/recorder.hpp"
#include "chain-ingest/sources/source.hpp"
#include "sim/option_market.hpp"
#include "sim/pacer.hpp"

namespace isobar::chain_ingest {

struct simulator_options {
  sim::config market;
  duration_ns interval = seconds(10);  ///< event time between chains; the first is at the market's start
  sim::pacer pace{timestamp{}, timestamp{}, 0};
  std::function<timestamp()> clock{};  ///< wall clock, for pacing
  std::string vendor_underlying;       ///< for recordings
};

/// The simulated market, seen as snapshots. Paced, next() sleeps until the wall clock has come to the chain's time.
class simulator_source final : public source {
 public:
  /// `records` may be null.
  simulator_source(simulator_options options, std::unique_ptr<recorder> records);
  std::string_view kind() const override { return "sim"; }
  std::optional<timestamp> next_at() override;
  source_event next(std::stop_token stop) override;

 private:
  void record(const market::chain_snapshot& chain);

  simulator_options options_;
  sim::option_market market_;
  timestamp next_;
  std::vector<market::option_event> discarded_;
  std::unique_ptr<recorder> records_;
  std::uint64_t fetch_ = 0;
};

}  // namespace isobar::chain_ingest
