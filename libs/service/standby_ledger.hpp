#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/types.hpp"

namespace isobar::service {

/// What a standby makes against what the holder of its symbol publishes. Pure.
///
/// Both make the same frames of each subject in the order of their time (ts_last; several may have one time), or else
/// they have come apart: then the standby is of no use. A frame of the standby waits until the holder's was seen; one
/// that the holder was first with is dropped when it is made. What waits at a take-over is what nobody has published.
class standby_ledger {
 public:
  struct limits {
    std::size_t frames = 8192;      ///< that wait, made or seen, over all subjects
    std::size_t bytes = 32u << 20;  ///< of those made
  };
  struct frame {
    std::string subject, payload;
  };
  explicit standby_ledger(limits l) : limits_(l) {}

  /// The standby made a frame. Frames that go back in time are repeats for those who asked, and nothing here.
  void made(const std::string& subject, timestamp t, std::string payload);
  /// The holder published one.
  void seen(const std::string& subject, timestamp t, std::string_view payload);

  /// False from the first frame on that only one of the two made, or when more waits than may.
  bool agrees() const { return agrees_; }
  /// Take-over: what the holder has not published, in the order it was made. Nothing waits any more.
  std::vector<frame> release();
  /// After release(): whether the holder had published this frame already, being ahead.
  bool published(const std::string& subject, timestamp t, std::string_view payload);
  /// After release(): the holder was ahead on the subject, and still is.
  bool behind(const std::string& subject) const;

  std::size_t waiting() const { return held_.size() + seen_; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct entry {
    timestamp at;
    std::uint64_t digest;
    std::uint64_t number;  ///< in held_
  };
  struct line {
    std::deque<entry> made, seen;  ///< not yet met
    std::optional<timestamp> first_made, first_seen;
    timestamp last_made = start_of_time, last_seen = start_of_time;
  };
  static std::optional<entry> take(std::deque<entry>& from, timestamp t, std::uint64_t digest);
  void settle(line& l);
  void drop(const entry& made);

  const limits limits_;
  std::map<std::string, line> lines_;
  std::map<std::uint64_t, frame> held_;  ///< in the order made
  std::uint64_t next_ = 0;
  std::size_t bytes_ = 0, seen_ = 0;
  bool agrees_ = true;
};

}  // namespace isobar::service
