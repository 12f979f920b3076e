#pragma once
#include <chrono>
#include <deque>
#include <mutex>
#include <string>

#include "bus/bus.hpp"

namespace isobar::bus {

/// A stream in memory, bounded as a JetStream one.
class local_stream : public stream {
 public:
  void configure(stream_options options);
  /// Keeps the message when one of the patterns wants its subject.
  void offer(const message& m);
  /// Refuses everything after.
  void close();

  result<stored_message> next(std::string_view subject, std::uint64_t place) override;
  result<stored_message> last(std::string_view subject) override;
  result<stream_state> state() override;

 private:
  using clock = std::chrono::steady_clock;
  struct entry {
    stored_message kept;
    clock::time_point at;
  };
  void trim(clock::time_point now);

  std::mutex mutex_;
  stream_options options_;
  std::deque<entry> entries_;  ///< places are contiguous
  std::int64_t bytes_ = 0;
  std::uint64_t last_ = 0;
  bool closed_ = false;
};

}  // namespace isobar::bus
