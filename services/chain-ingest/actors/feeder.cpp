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

void feeder::progressed() {
  const std::lock_guard lock(mutex_);
  ++reports_;
  wake_.notify_all();
}

void feeder::wait_for_consumers(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop, options_.start_wait, [this] { return reports_ > 0; });
}

void feeder::wait_for_gate(timestamp next, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex_);
    const std::uint64_t seen = reports_;
    lock.unlock();
    if (gate_->allowed(next)) return;
    lock.lock();
    // The time limit only guards against a report lost between the two locks.
    wake_.wait_for(lock, stop, std::chrono::milliseconds(200), [&] { return reports_ != seen; });
  }
}

void feeder::run(const std::stop_token& stop) {
  wait_for_consumers(stop);
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
