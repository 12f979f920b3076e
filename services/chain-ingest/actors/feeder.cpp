#include "chain-ingest/actors/feeder.hpp"

#include "telemetry/log.hpp"

namespace isobar::chain_ingest {

feeder::feeder(std::unique_ptr<source> from, actors::ref worker, std::shared_ptr<hand_over> credit,
               feeder_options options)
    : from_(std::move(from)), worker_(std::move(worker)), credit_(std::move(credit)), options_(options) {}

void feeder::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void feeder::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void feeder::wait_for_gate(timestamp next, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const std::uint64_t seen = progress_->count();
    if (gate_->allowed(next)) return;
    progress_->wait(seen, std::chrono::seconds(1), stop);
  }
}

void feeder::run(const std::stop_token& stop) {
  progress_->wait(0, options_.start_wait, stop);
  for (std::uint64_t given = credit_->count(); !stop.stop_requested();) {
    const std::optional<timestamp> at = from_->next_at();
    if (at && *at != end_of_time) {
      worker_.send(watermark_known{*at});
      if (gate_ && options_.paced_by_consumers) wait_for_gate(*at, stop);
    }
    auto event = std::make_shared<source_event>();
    try {
      *event = from_->next(stop);
    } catch (const std::exception& e) {
      *event = fetch_failed{"internal", e.what()};
    }
    // A source that was told to stop has not ended: no end may be announced.
    if (stop.stop_requested()) return;
    const bool ended = std::holds_alternative<source_ended>(*event);
    worker_.send(event_met{std::move(event)});
    credit_->wait(++given, stop);
    if (ended) return;
  }
}

}  // namespace isobar::chain_ingest
