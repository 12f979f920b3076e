#include "radar-physics/actors/feed_line.hpp"

#include <algorithm>
#include <utility>

namespace isobar::radar_physics {
namespace {

/// Another consumer may have asked for later frames at the same time: one answer that lacks ours is no proof.
constexpr int answers_that_prove = 2;

}  // namespace

void feed_line::begin_anew(bool gap) {
  next_ = 1;
  told_ = 1;  // it has a first frame
  told_watermark_ = start_of_time;
  newest_ = start_of_time;
  after_gap_ = gap;
  held_.clear();
  answer_first_.reset();
  answers_without_ = 0;
}

feed_line::verdict feed_line::offer(std::uint64_t sequence, timestamp newest, std::shared_ptr<const std::string> bytes,
                                    bool refill) {
  if (!plausible(sequence)) return verdict::refused;
  if (refill && sequence >= next_) answer_first_ = std::min(answer_first_.value_or(sequence), sequence);
  if (sequence < next_) {
    if (!live_ || refill || newest <= newest_) return verdict::duplicate;
    begin_anew(true);
    if (sequence > 1) held_.emplace(sequence, early{newest, std::move(bytes)});
    if (sequence == 1) accept(sequence, newest, std::move(bytes));
    return verdict::new_life;
  }
  if (sequence == next_) {
    accept(sequence, newest, std::move(bytes));
    release();
    return verdict::next;
  }
  if (held_.contains(sequence)) return verdict::duplicate;
  if (held_.size() >= held_max_) {
    // The early ones are needed first.
    const auto last = std::prev(held_.end());
    if (last->first < sequence) return verdict::full;
    held_.erase(last);
  }
  held_.emplace(sequence, early{newest, std::move(bytes)});
  return verdict::held;
}

bool feed_line::offer_heartbeat(std::uint64_t sequence, timestamp watermark) {
  if (!plausible(sequence)) return false;
  if (sequence >= told_) {
    told_watermark_ = sequence == told_ ? std::max(told_watermark_, watermark) : watermark;
    told_ = sequence;
  }
  if (sequence + 1 != next_) return false;
  tell(watermark);
  return true;
}

void feed_line::tell(timestamp watermark) {
  // A heartbeat that follows another replaces it.
  if (!ready_.empty() && !ready_.back().bytes)
    ready_.back().watermark = std::max(ready_.back().watermark, watermark);
  else
    ready_.push_back({.bytes = nullptr, .sequence = next_ - 1, .watermark = watermark});
}

bool feed_line::offer_answer_end(std::uint64_t last_sent) {
  const bool lacks = wanted() && answer_first_ && *answer_first_ > next_ && last_sent >= *answer_first_;
  answers_without_ = lacks ? answers_without_ + 1 : 0;
  if (answers_without_ < answers_that_prove) return false;
  skip_to(held_.empty() ? *answer_first_ : held_.begin()->first);
  return true;
}

bool feed_line::give_up() {
  if (!wanted()) return false;
  skip_to(held_.empty() ? told_ + 1 : held_.begin()->first);
  // What was told of is waited for once.
  told_ = std::min(told_, next_ - 1);
  return true;
}

std::optional<std::uint64_t> feed_line::wanted() const {
  if (held_.empty() && told_ < next_) return std::nullopt;
  return next_;
}

void feed_line::accept(std::uint64_t sequence, timestamp newest, std::shared_ptr<const std::string> bytes) {
  ready_.push_back({.bytes = std::move(bytes), .sequence = sequence, .after_gap = std::exchange(after_gap_, false)});
  newest_ = std::max(newest_, newest);
  next_ = sequence + 1;
  answers_without_ = 0;
  // The heartbeat that told of this frame came before it.
  if (told_ == sequence && told_watermark_ != start_of_time) tell(told_watermark_);
}

void feed_line::release() {
  while (!held_.empty() && held_.begin()->first <= next_) {
    auto first = held_.extract(held_.begin());
    if (first.key() == next_) accept(first.key(), first.mapped().newest, std::move(first.mapped().bytes));
  }
}

void feed_line::skip_to(std::uint64_t sequence) {
  next_ = sequence;
  after_gap_ = true;
  answers_without_ = 0;
  release();
  if (told_ + 1 == sequence && told_watermark_ != start_of_time) tell(told_watermark_);
}

}  // namespace isobar::radar_physics
