#pragma once
#include "sim/option_market.hpp"
#include "ws-hydrator/sources/event_stream.hpp"

namespace isobar::ws_hydrator {

/// The simulated market's quotes and trades, in steps of 20 ms of event time; the watermark is simulated time.
class sim_stream final : public event_stream {
 public:
  explicit sim_stream(sim::config c) : market_(std::move(c)) {}
  std::string kind() const override { return "sim"; }
  std::optional<timestamp> next() override;
  timestamp read(std::vector<feed_event>& out) override;

 private:
  sim::option_market market_;
  std::vector<market::option_event> scratch_;
};

}  // namespace isobar::ws_hydrator
