#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

namespace isobar::service {

/// Frames of one subject that a consumer may still ask for, with numbers that grow by one. Bounded: the oldest give way
/// and are counted. Not thread-safe: the actor that owns the subject owns it.
class kept_frames {
 public:
  /// Frames of one answer: whoever lacks more asks again once it has them, so that no queue overflows.
  static constexpr std::size_t answer_max = 256;
  static constexpr std::size_t answer_bytes_max = 8 << 20;  ///< and of their bytes, but for one frame
  static constexpr std::size_t requesters_max = 64;

  /// `bytes_max` 0: nothing is kept.
  explicit kept_frames(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// A number that does not follow the last one begins anew.
  void push(std::uint64_t sequence, std::shared_ptr<const std::string> bytes) {
    if (bytes_max_ == 0) return;
    if (sequence != last() + 1) {
      frames_.clear();
      bytes_ = 0;
      gone_ = sequence - 1;
    }
    bytes_ += bytes->size();
    frames_.push_back(std::move(bytes));
    for (; bytes_ > bytes_max_ && frames_.size() > 1; ++dropped_) pop();
  }
  /// `requester` will not ask for frames before `from`; they go when nobody will who has ever said so.
  void release(const std::string& requester, std::uint64_t from) {
    if (!released_.contains(requester) && released_.size() >= requesters_max) return;
    auto& until = released_[requester];
    until = std::max(until, from);
    std::uint64_t least = until;
    for (const auto& [who, before] : released_) least = std::min(least, before);
    while (!frames_.empty() && gone_ + 1 < least) pop();
  }
  /// Calls `send(bytes)` for the frames from `sequence` on, answer_max of them and answer_bytes_max at most; how many.
  /// None when `sequence` is not kept.
  template <class Send>
  std::size_t answer(std::uint64_t sequence, Send&& send) const {
    if (sequence <= gone_ || sequence > last()) return 0;
    const auto at = static_cast<std::size_t>(sequence - gone_ - 1);
    const std::size_t end = std::min(frames_.size(), at + answer_max);
    std::size_t i = at;
    for (std::size_t sent = 0; i < end && (i == at || sent + frames_[i]->size() <= answer_bytes_max); ++i) {
      sent += frames_[i]->size();
      send(*frames_[i]);
    }
    return i - at;
  }

  /// The first frame that is, or would be, kept.
  std::uint64_t first() const { return gone_ + 1; }
  std::uint64_t last() const { return gone_ + frames_.size(); }
  std::size_t size() const { return frames_.size(); }
  std::size_t bytes() const { return bytes_; }
  /// Somebody has said what it may still ask for.
  bool followed() const { return !released_.empty(); }
  /// Frames that went because there was no room.
  std::uint64_t dropped() const { return dropped_; }

  template <class Archive>
  void write(Archive& a) const {
    std::deque<std::string> all;
    for (const auto& f : frames_) all.push_back(*f);
    a(gone_, released_, all);
  }
  template <class Archive>
  void read(Archive& a) {
    std::deque<std::string> all;
    a(gone_, released_, all);
    frames_.clear();
    bytes_ = 0;
    const std::uint64_t gone = gone_;
    for (std::string& f : all) push(last() + 1, std::make_shared<const std::string>(std::move(f)));
    if (bytes_max_ == 0) gone_ = gone + all.size();
  }

 private:
  void pop() {
    bytes_ -= frames_.front()->size();
    frames_.pop_front();
    ++gone_;
  }
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::uint64_t gone_ = 0;  ///< the last frame before those that are kept
  std::uint64_t dropped_ = 0;
  std::map<std::string, std::uint64_t> released_;  ///< by requester: the first frame that it may still ask for
  std::deque<std::shared_ptr<const std::string>> frames_;
};

}  // namespace isobar::service
