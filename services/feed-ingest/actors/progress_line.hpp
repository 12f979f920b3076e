#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "core/types.hpp"
#include "feed-ingest/sources/source.hpp"

namespace isobar::feed_ingest {

/// Once a second, on standard error, how far a replay has come: records, rate, event time, share of the bytes, time
/// left.
class progress_line {
 public:
  explicit progress_line(bool on) : on_(on) {}
  /// Cheap when nothing is due.
  void show(std::uint64_t records, timestamp event_time, source_progress read, bool last);

  /// "1234567 records  2345678/s  2023-12-25T22:00:01Z  43 %  12 s left"; seconds since the start.
  static std::string text(std::uint64_t records, double rate, timestamp event_time, source_progress read,
                          double seconds);

 private:
  using clock = std::chrono::steady_clock;
  bool on_;
  clock::time_point began_ = clock::now(), shown_ = began_;
  std::uint64_t records_shown_ = 0;
};

}  // namespace isobar::feed_ingest
