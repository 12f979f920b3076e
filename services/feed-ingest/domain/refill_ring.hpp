#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "feed-ingest/domain/checkpoint.hpp"

namespace isobar::feed_ingest {

/// The published book frames that a consumer may still ask for, oldest first, with sequences that grow by one.
class refill_ring {
 public:
  struct entry {
    std::uint64_t sequence = 0;
    std::shared_ptr<const std::string> bytes;
    mark behind;  ///< the batch that the frame came with
  };

  explicit refill_ring(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  void push(entry e) {
    bytes_ += e.bytes->size();
    entries_.push_back(std::move(e));
  }
  /// No room for another frame.
  bool full() const { return bytes_ >= bytes_max_; }
  /// Drops the oldest frames until the bound is kept; returns how many.
  std::uint64_t make_room() {
    std::uint64_t dropped = 0;
    for (; bytes_ > bytes_max_ && entries_.size() > 1; ++dropped) pop();
    return dropped;
  }
  /// Forgets the frames up to `sequence`; the mark behind the last of them, when there was one.
  std::optional<mark> forget(std::uint64_t sequence) {
    std::optional<mark> last;
    while (!entries_.empty() && entries_.front().sequence <= sequence) {
      last = entries_.front().behind;
      pop();
    }
    return last;
  }
  /// Calls `each(entry)` for every kept frame from `sequence` on.
  template <class F>
  void from(std::uint64_t sequence, F&& each) const {
    for (const auto& e : entries_)
      if (e.sequence >= sequence) each(e);
  }
  /// 0: none.
  std::uint64_t oldest() const { return entries_.empty() ? 0 : entries_.front().sequence; }
  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return entries_.size(); }

 private:
  void pop() {
    bytes_ -= entries_.front().bytes->size();
    entries_.pop_front();
  }
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::deque<entry> entries_;
};

}  // namespace isobar::feed_ingest
