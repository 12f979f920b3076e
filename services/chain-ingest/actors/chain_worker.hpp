#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "actors/actors.hpp"
#include "chain-ingest/metrics.hpp"
#include "chain-ingest/sources/source.hpp"
#include "chain-ingest/transport/latest_chains.hpp"
#include "service/intake.hpp"
#include "service/latest_writer.hpp"
#include "service/publisher.hpp"
#include "service/symbol_workers.hpp"

namespace isobar::chain_ingest {

/// Lets the feeder hand over one event at a time: the worker's mailbox holds at most one.
class hand_over {
 public:
  void taken() {
    const std::lock_guard lock(mutex_);
    ++taken_;
    wake_.notify_all();
  }
  std::uint64_t count() {
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  /// Waits until `count` events were taken or a stop is asked for.
  void wait(std::uint64_t count, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, stop, [&] { return taken_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::uint64_t taken_ = 0;
};

// Messages of a worker.
/// Something happened at the source.
struct event_met {
  std::shared_ptr<source_event> event;
};
/// Nothing older than this will come from the source.
struct watermark_known {
  timestamp until;
};
/// Repeats the last heartbeat; live, moves the watermark with the clock first.
struct heartbeat_due {};

/// What a worker keeps over restarts, and what it works with. Used by one worker at a time.
struct worker_shared {
  isobar::symbol symbol;
  std::string source_kind;
  std::string key;  ///< in bucket "chains"
  ingest core;
  service::publisher out;
  chain_ingest::metrics& series;
  std::shared_ptr<latest_chain> latest;
  std::shared_ptr<service::latest_writer> store;
  std::shared_ptr<hand_over> credit;
  std::function<timestamp()> clock;
  duration_ns lateness;
  std::chrono::milliseconds heartbeat;
  bool clock_watermark = false;  ///< only a clock can tell how far the source has come
  bool live = false;
  bool synthetic = false;
  timestamp watermark = start_of_time;
  wire::frame_info header{};  ///< of the last chain's frame
  std::uint64_t overruns = 0;
  std::shared_ptr<service::intake> resync{};     ///< replay: feed.resync; else none
  std::optional<service::symbol_place> place{};  ///< of a symbol that was shared out: the bus that `out` is on
};

/// One symbol's worker: takes what the source met, asks the domain, publishes complete chains and heartbeats.
struct chain_worker {
  using messages = actors::message_list<event_met, watermark_known, heartbeat_due, service::intake_ready>;
  std::shared_ptr<worker_shared> shared;

  void on_start(actors::context& self);
  void on(actors::context& self, const event_met& m);
  void on(actors::context& self, const watermark_known& m);
  void on(actors::context& self, const heartbeat_due& m);
  void on(actors::context& self, const service::intake_ready& m);

 private:
  void apply(chain_arrived& e);
  void apply(const chain_refused& e);
  void apply(const fetch_failed& e);
  void apply(const source_ended& e);
  void publish(const market::chain_snapshot& chain);
  void measure(const market::chain_snapshot& chain);
  void show();
  void raise_watermark(timestamp to);
};

}  // namespace isobar::chain_ingest
