#pragma once
#include <cstdint>
#include <string>

namespace isobar::bus {

/// What a frame's sequence number says about its stream.
enum class arrival {
  first,      ///< first frame seen of this producer
  next,       ///< exactly the one expected
  duplicate,  ///< already seen: drop it
  gap,        ///< one or more frames are missing before it
  restarted,  ///< the producer began again at 1: treat state as unknown
};

/// Per-subject sequence check of one consumer. Sequences start at 1; a heartbeat repeats the last one sent, so that a
/// lost tail shows too.
class sequence_check {
 public:
  /// `heartbeat`: the frame carries no records and repeats the producer's last sequence.
  arrival observe(std::uint64_t sequence, bool heartbeat);
  /// Frames missing over the life of the check.
  std::uint64_t missing() const { return missing_; }
  std::uint64_t last() const { return last_; }
  /// Accepts `sequence` as the last one seen: after a snapshot.
  void reset(std::uint64_t sequence) {
    last_ = sequence;
    seen_ = true;
  }

 private:
  std::uint64_t last_ = 0;
  std::uint64_t missing_ = 0;
  bool seen_ = false;
};

}  // namespace isobar::bus
