#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/types.hpp"

namespace isobar::radar_physics {

/// One frame of feed.book, or the watermark of a heartbeat, in its turn.
struct line_item {
  std::shared_ptr<const std::string> bytes;  ///< nothing: a watermark
  std::uint64_t sequence = 0;
  timestamp watermark = start_of_time;
  bool after_gap = false;  ///< frames before it are lost for good
};

/// Puts the frames of one feed.book subject in order, whatever the bus and feed.refill bring: drops duplicates, holds
/// what comes early, says which frame is wanted. No clock: the worker's timer asks again. Not thread-safe.
///
/// A feed that restarts makes the same frames again, so a smaller sequence is a duplicate; only a live feed may begin a
/// new life with other content, which is known by records younger than all before under an old number.
class feed_line {
 public:
  enum class verdict {
    next,       ///< it and perhaps held ones are ready
    duplicate,  ///< had it
    held,       ///< frames before it are missing: wanted()
    full,       ///< no room to hold it; it can be asked for later
    refused,    ///< not plausible()
    new_life,   ///< live: the feed began anew; its frames are wanted from 1
  };

  /// A number further than this past the next frame is no number of this feed: 50 days of 1,000 frames a second.
  static constexpr std::uint64_t lead_max = std::uint64_t{1} << 32;

  feed_line(bool live, std::size_t held_max) : live_(live), held_max_(held_max) {}

  /// The next frame to take; frames before it are known, and none of their records is younger than `newest`.
  void expect(std::uint64_t sequence, timestamp newest) {
    next_ = sequence;
    newest_ = newest;
  }
  /// The feed is another one than before: everything from frame 1, behind a gap or as if there had been nothing.
  void begin_anew(bool gap);

  /// Frames and heartbeats of other numbers are refused: believed, they would be waited for without end.
  bool plausible(std::uint64_t sequence) const { return sequence < next_ || sequence - next_ <= lead_max; }
  /// A data frame of feed.book or feed.refill. `newest`: event time of its last record.
  verdict offer(std::uint64_t sequence, timestamp newest, std::shared_ptr<const std::string> bytes, bool refill);
  /// A heartbeat of feed.book. True: its watermark holds and is ready as an item; false: frames are missing before it,
  /// or it is an old one.
  bool offer_heartbeat(std::uint64_t sequence, timestamp watermark);
  /// The end of an answer on feed.refill. True: the frames wanted are kept no more, and the line went on behind them.
  bool offer_answer_end(std::uint64_t last_sent);
  /// Goes on with the first held frame, or at the end that heartbeats have told of; false when nothing is missing.
  bool give_up();

  /// First frame that is missing although later ones are known of.
  std::optional<std::uint64_t> wanted() const;
  /// A request for wanted() has been sent.
  void asked() { answer_first_.reset(); }

  std::deque<line_item>& ready() { return ready_; }
  std::uint64_t next() const { return next_; }
  std::size_t held() const { return held_.size(); }

 private:
  void accept(std::uint64_t sequence, timestamp newest, std::shared_ptr<const std::string> bytes);
  void release();
  void tell(timestamp watermark);
  void skip_to(std::uint64_t sequence);

  struct early {
    timestamp newest;
    std::shared_ptr<const std::string> bytes;
  };
  const bool live_;
  const std::size_t held_max_;
  std::uint64_t next_ = 1;
  std::uint64_t told_ = 0;  ///< last frame that a heartbeat has told of, and its watermark
  timestamp told_watermark_ = start_of_time;
  timestamp newest_ = start_of_time;
  bool after_gap_ = false;
  std::map<std::uint64_t, early> held_;
  std::optional<std::uint64_t> answer_first_;  ///< least frame of the answer under way
  int answers_without_ = 0;                    ///< in a row: answers that begin behind what is wanted
  std::deque<line_item> ready_;
};

}  // namespace isobar::radar_physics
