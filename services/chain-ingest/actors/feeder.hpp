#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "actors/actors.hpp"
#include "chain-ingest/actors/chain_worker.hpp"
#include "chain-ingest/sources/source.hpp"
#include "service/replay_gate.hpp"

namespace isobar::chain_ingest {

/// Counts progress reports and wakes the feeder. Shared, because the bus may still be calling when the feeder is gone.
class progress_signal {
 public:
  void report() {
    const std::lock_guard lock(mutex_);
    ++reports_;
    wake_.notify_all();
  }
  std::uint64_t count() {
    const std::lock_guard lock(mutex_);
    return reports_;
  }
  /// Until there are more than `seen` reports, `limit` has passed or a stop is asked for.
  void wait(std::uint64_t seen, std::chrono::milliseconds limit, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, limit, [&] { return reports_ > seen; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::uint64_t reports_ = 0;
};

struct feeder_options {
  bool paced_by_consumers = false;  ///< replay: at most the gate's lead ahead of control.progress
  std::chrono::milliseconds start_wait{1500};
};

/// The thread of one symbol's source: waits for the first progress report of a consumer (at most start_wait; a bus
/// does not keep what nobody has subscribed to), then hands one event after another to the worker, each once the gate
/// allows it and the worker has taken the one before.
class feeder {
 public:
  feeder(std::unique_ptr<source> from, actors::ref worker, std::shared_ptr<hand_over> credit, feeder_options options);
  ~feeder() { stop(); }
  /// Before start().
  void set_gate(std::shared_ptr<service::replay_gate> gate) { gate_ = std::move(gate); }
  void start();
  /// Ends the thread; a request under way is broken off.
  void stop();
  /// Told of every progress report, from any thread.
  const std::shared_ptr<progress_signal>& progress() const { return progress_; }

 private:
  void run(const std::stop_token& stop);
  void wait_for_gate(timestamp next, const std::stop_token& stop);

  std::unique_ptr<source> from_;
  actors::ref worker_;
  std::shared_ptr<hand_over> credit_;
  feeder_options options_;
  std::shared_ptr<service::replay_gate> gate_;
  std::shared_ptr<progress_signal> progress_ = std::make_shared<progress_signal>();
  std::jthread thread_;
};

}  // namespace isobar::chain_ingest
