#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "actors/actors.hpp"
#include "feed-ingest/actors/lane.hpp"
#include "feed-ingest/actors/progress_line.hpp"
#include "feed-ingest/domain/normaliser.hpp"
#include "feed-ingest/domain/option_router.hpp"
#include "feed-ingest/domain/router.hpp"
#include "feed-ingest/metrics.hpp"
#include "feed-ingest/sources/input.hpp"
#include "sim/pacer.hpp"

namespace isobar::feed_ingest {

struct feeder_options {
  double speed = 0;                            ///< event seconds per second; 0: as fast as consumers go
  timestamp from = start_of_time;              ///< event time at which pacing begins
  timestamp until = end_of_time;               ///< the input ends before the first record of this event time
  std::optional<sim::pacer> pace;              ///< a pace that is known already: `speed` and `from` do not matter then
  std::chrono::milliseconds start_wait{1500};  ///< longest wait for a consumer's first report
  bool wait_for_consumers = true;
  bool progress = false;                               ///< a line a second on standard error
  std::function<timestamp()> clock;                    ///< wall time
  std::function<void(const std::string&)> on_error{};  ///< why the input broke off; before its end is published
};

/// One symbol of a stream.
struct feeder_lane {
  normaliser core;
  actors::ref worker;
  std::shared_ptr<lane> flow;
  bool leads_with_options = false;  ///< no instrument of its own: consumers count frames of its options
};

/// What a stream has held, once it has ended.
struct stream_summary {
  std::string words;       ///< of the input
  record_counts counts;    ///< of all symbols and of none
  std::uint64_t read = 0;  ///< records, those that were skipped included
  std::uint64_t gaps = 0;
  timestamp first = start_of_time, last = start_of_time;  ///< event times
  double seconds = 0;
  std::map<std::uint32_t, std::uint64_t> unknown;  ///< records by instruments that nothing names; at most 1,000 numbers
  std::optional<std::string> error;                ///< why the input broke off
  /// "40000 records of dbn ESH4.dbn.zst in 0.3 s: mbo 40000; ..."
  std::string text() const;
};

/// The thread of one stream of records, which may feed several symbols: reads, sends each record to its symbol's
/// normaliser, hands batches to the workers as their lanes allow. One lane that holds holds the stream: what its other
/// symbols have pending leaves first.
class feeder {
 public:
  static constexpr std::size_t unknown_max = 1000;

  feeder(input from, std::vector<feeder_lane> lanes, feeder_options options, telemetry::registry& registry,
         std::function<void(const stream_summary&)> on_end);
  ~feeder() { stop(); }
  void start();
  /// Ends the thread; the input is then not at its end, and no end is announced.
  void stop();

 private:
  void run(const std::stop_token& stop);
  bool read(const std::stop_token& stop);
  bool take(const input_record& r, const std::stop_token& stop);
  bool take_stranger(const input_record& r, const std::stop_token& stop);
  bool pass_marker(const input_record& r, const std::stop_token& stop);
  bool hand_over_due(const std::stop_token& stop);
  bool hand_over(std::size_t lane, std::unique_ptr<batch> made, const std::stop_token& stop);
  void wait_for_pace(timestamp until, const std::stop_token& stop);
  void wait_for_first_report(const std::stop_token& stop);
  void count_stranger(const input_record& r);
  void settle(const std::stop_token& stop);
  void finish(const std::stop_token& stop);
  void report(bool last);
  stream_summary summary() const;

  input from_;
  std::vector<feeder_lane> lanes_;
  feeder_options options_;
  stream_metrics series_;
  std::function<void(const stream_summary&)> on_end_;
  router routes_;
  option_router options_of_;
  progress_line line_;
  std::chrono::steady_clock::time_point began_;
  double seconds_ = 0;             ///< until the last record was handed over
  timestamp now_ = start_of_time;  ///< largest event time so far
  timestamp first_ = start_of_time;
  timestamp next_due_ = end_of_time;
  std::uint64_t ordinal_ = 0;
  std::uint64_t gaps_ = 0;
  record_counts strangers_;
  std::map<std::uint32_t, std::uint64_t> unknown_;
  std::mutex waiting_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace isobar::feed_ingest
