#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/digest.hpp"

namespace isobar::wire {

/// One number over everything a run emitted: per subject a running hash of every data frame's bytes in order, then a
/// hash over the subjects in name order. Heartbeats, acknowledgements, requests and progress reports carry liveness,
/// not data, and are left out (docs/architecture.md, determinism contract). Not thread-safe.
class stream_digest {
 public:
  /// `bytes` is a whole frame. A frame whose header cannot be read is hashed too, and counted in unreadable().
  void add(std::string_view subject, std::string_view bytes);

  std::uint64_t value() const;
  std::uint64_t frames() const { return frames_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t unreadable() const { return unreadable_; }

  struct subject_total {
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    std::uint64_t hash = 0;
  };
  std::map<std::string, subject_total> by_subject() const;

 private:
  struct running {
    digest64 hash;
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
  };
  std::map<std::string, running, std::less<>> subjects_;
  std::uint64_t frames_ = 0, bytes_ = 0, unreadable_ = 0;
};

}  // namespace isobar::wire
