#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace isobar::bus {

/// What a frame's sequence number says about its stream.
enum class arrival {
  first,      ///< first frame seen of this producer
  next,       ///< exactly the one expected, or a heartbeat that repeats the last one
  duplicate,  ///< already seen: drop it
  gap,        ///< one or more frames are missing before it (or, for a heartbeat, up to it)
  restarted,  ///< the producer began again: treat state as unknown
};

/// Per-subject sequence check of one consumer. Sequences start at 1; a heartbeat repeats the last one sent, so that a
/// lost tail shows too.
///
/// A producer that began again is known by frame 1, by heartbeat 0, or, when its first frames were lost, by two
/// frames in a row that climb below the last one: a false alarm costs a resync, a missed restart costs a wrong surface.
class sequence_check {
 public:
  /// `heartbeat`: the frame carries no records and repeats the producer's last sequence (0: it sent none yet).
  arrival observe(std::uint64_t sequence, bool heartbeat);
  /// Frames missing over the life of the check.
  std::uint64_t missing() const { return missing_; }
  std::uint64_t last() const { return last_; }
  /// Accepts `sequence` as the last one seen: after a snapshot.
  void reset(std::uint64_t sequence) {
    last_ = sequence;
    seen_ = true;
    behind_.reset();
  }

 private:
  arrival observe_data(std::uint64_t sequence);
  arrival observe_heartbeat(std::uint64_t sequence);
  arrival accept(arrival kind, std::uint64_t sequence);

  std::uint64_t last_ = 0;
  std::uint64_t missing_ = 0;
  std::optional<std::uint64_t> behind_;  ///< the newest frame, when it was below last_
  bool seen_ = false;
};

}  // namespace isobar::bus
