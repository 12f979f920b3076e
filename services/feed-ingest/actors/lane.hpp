#pragma once
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>

namespace isobar::feed_ingest {

struct lane_options {
  std::uint64_t lead_frames = 256;  ///< book frames ahead of the slowest consumer
  std::uint64_t queue_max = 16;     ///< batches handed over and not published
  bool wait_for_consumers = true;
  std::chrono::milliseconds patience{5000};  ///< held while consumers get no further: not ready
};

/// Flow control between the thread that reads and one symbol's worker: how many batches may be on their way, and how
/// far the book frames may be ahead of the consumers. Thread-safe.
class lane {
 public:
  explicit lane(lane_options options) : options_(options) {}

  /// Blocks until another batch may be handed over, `limit` has passed or a stop is asked for. True: hand it over.
  bool wait(std::chrono::milliseconds limit, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, limit, [this] { return open(); });
    const auto now = clock::now();
    if (open() || queued_ >= options_.queue_max) {
      held_ = false;
    } else if (!held_) {
      held_ = true;
      held_since_ = now;
    }
    return open();
  }
  /// A batch was sent; `frames`: of those that consumers count.
  void given(std::uint64_t frames) {
    const std::lock_guard lock(mutex_);
    ++queued_;
    made_ += frames;
    given_ = std::max(given_, made_);
  }
  /// The worker is done with one.
  void taken() {
    const std::lock_guard lock(mutex_);
    --queued_;
    wake_.notify_all();
  }
  /// Frames that a resumed run makes but does not publish again: no lead.
  void start_after(std::uint64_t book_sequence) {
    const std::lock_guard lock(mutex_);
    start_ = given_ = applied_ = book_sequence;
  }
  /// True while the next book frame is one of those, or one that all consumers have applied: of an earlier life.
  bool repeats() const {
    const std::lock_guard lock(mutex_);
    return made_ < start_ || (reported_ && made_ < applied_);
  }
  /// What the slowest consumer has applied, and what all have made durable.
  void applied(std::uint64_t book_sequence, std::uint64_t durable = 0) {
    const std::lock_guard lock(mutex_);
    reported_ = true;
    if (book_sequence > applied_ || durable > durable_) last_growth_ = clock::now();
    applied_ = book_sequence;
    durable_ = durable;
    wake_.notify_all();
  }
  /// Live input drops instead of holding the source.
  void ring_full(bool full) {
    const std::lock_guard lock(mutex_);
    ring_full_ = full;
    wake_.notify_all();
  }
  std::uint64_t queued() const {
    const std::lock_guard lock(mutex_);
    return queued_;
  }
  /// Blocks until a consumer has reported, `limit` has passed or a stop is asked for.
  void wait_for_report(std::chrono::milliseconds limit, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, limit, [this] { return reported_; });
  }
  /// Blocks until everything handed over was published and, when there are consumers, applied; or `limit` has passed or
  /// a stop is asked for.
  void wait_until_settled(std::chrono::milliseconds limit, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, limit, [this] { return settled(); });
  }
  /// For readiness: what holds the source, when consumers have got no further for longer than the patience. Reports
  /// that repeat what is known do not count.
  std::string held() const {
    const std::lock_guard lock(mutex_);
    const auto now = clock::now();
    if (!held_ || now - std::max(held_since_, last_growth_) < options_.patience) return {};
    if (ring_full_)
      return "kept frames are at their bound and consumers have made nothing behind frame " + std::to_string(durable_) +
             " durable";
    return "consumers have applied nothing behind frame " + std::to_string(applied_) + " while " +
           std::to_string(given_) + " are published";
  }

 private:
  using clock = std::chrono::steady_clock;
  bool open() const {
    if (queued_ >= options_.queue_max) return false;
    return !options_.wait_for_consumers || (!ring_full_ && given_ < applied_ + options_.lead_frames);
  }
  bool settled() const { return queued_ == 0 && (!reported_ || !options_.wait_for_consumers || applied_ >= given_); }
  const lane_options options_;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::uint64_t queued_ = 0;
  std::uint64_t start_ = 0;  ///< last book frame that is not published again
  std::uint64_t made_ = 0;   ///< book frames handed over
  std::uint64_t given_ = 0;  ///< last book frame published or on its way
  std::uint64_t applied_ = 0, durable_ = 0;
  bool reported_ = false, ring_full_ = false, held_ = false;
  clock::time_point held_since_, last_growth_;
};

}  // namespace isobar::feed_ingest
