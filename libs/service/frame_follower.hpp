#pragma once
#include <algorithm>
#include <cstdint>

namespace isobar::service {

/// Follows the frames of one subject whose producer keeps them (kept_frames): exactly one frame is the next one. What
/// was had is dropped, and so is what comes early: its producer gives it again behind what is missing, so nothing is
/// held here. Not thread-safe; no clock, the owner's timer calls again().
class frame_follower {
 public:
  enum class verdict : std::uint8_t {
    next,    ///< take it
    repeat,  ///< had it, or a heartbeat of the past
    early,   ///< frames are missing before it, or up to it: see wants()
    gap,     ///< take it; frames before it are lost for good
  };
  /// Calls of again() without any answer until what is missing is given up.
  static constexpr int patience = 64;

  verdict observe(std::uint64_t sequence, bool heartbeat) {
    if (sequence < last_ || (sequence == last_ && !heartbeat)) return verdict::repeat;
    const bool expected = sequence == (heartbeat ? last_ : last_ + 1);
    if (!expected && !alone_) {
      known_ = std::max(known_, sequence);
      return verdict::early;
    }
    last_ = sequence;
    known_ = std::max(known_, last_);
    return expected ? verdict::next : verdict::gap;
  }
  /// Something is missing and has not been asked for: next() is to be asked for now.
  bool wants() {
    if (known_ <= last_ || asked_ == next()) return false;
    asked_ = next();
    calls_ = 0;
    return true;
  }
  /// In regular intervals: true when next() is to be asked for again (behind 1, 2, 4, ... calls).
  bool again() {
    if (known_ <= last_ || asked_ != next()) return false;
    if (++calls_ >= patience) {
      calls_ = 0;
      // Nobody there keeps frames: from now on they are taken as they come.
      if (!answered_) alone_ = true;
      if (alone_) known_ = last_;
      return !alone_;
    }
    return (calls_ & (calls_ - 1)) == 0;
  }
  /// The producer keeps frames from `sequence` on. True: what was missing before it is lost for good.
  bool kept_from(std::uint64_t sequence) {
    answered_ = true;
    alone_ = false;
    if (sequence <= next()) return false;
    last_ = sequence - 1;
    known_ = std::max(known_, last_);
    return true;
  }
  /// Goes on behind `last`.
  void resume_after(std::uint64_t last) { *this = frame_follower(last); }

  std::uint64_t last() const { return last_; }
  std::uint64_t next() const { return last_ + 1; }
  bool missing() const { return known_ > last_; }

  frame_follower() = default;

 private:
  explicit frame_follower(std::uint64_t last) : last_(last), known_(last) {}
  std::uint64_t last_ = 0;   ///< last frame taken
  std::uint64_t known_ = 0;  ///< largest number heard of
  std::uint64_t asked_ = 0;  ///< last frame asked for
  int calls_ = 0;
  bool answered_ = false, alone_ = false;
};

}  // namespace isobar::service
