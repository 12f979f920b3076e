#include "service/frame_history.hpp"

#include <algorithm>

namespace isobar::service {

bool frame_history::add(kept_frame frame) {
  const std::lock_guard lock(mutex_);
  if (!frames_.empty() && frame.ordinal <= frames_.back().ordinal) return false;
  bytes_ += frame.bytes->size();
  frames_.push_back(std::move(frame));
  // The newest stays whatever its size.
  while (frames_.size() > 1 && (frames_.size() > frames_max_ || bytes_ > bytes_max_)) {
    bytes_ -= frames_.front().bytes->size();
    frames_.pop_front();
  }
  return true;
}

void frame_history::clear() {
  const std::lock_guard lock(mutex_);
  frames_.clear();
  bytes_ = 0;
}

std::shared_ptr<const std::string> frame_history::newest() const {
  const std::lock_guard lock(mutex_);
  return frames_.empty() ? nullptr : frames_.back().bytes;
}

std::vector<kept_frame> frame_history::until(timestamp t, std::size_t most) const {
  const std::lock_guard lock(mutex_);
  const auto end =
      std::partition_point(frames_.begin(), frames_.end(), [t](const kept_frame& f) { return f.first_end <= t; });
  const auto n = std::min(most, static_cast<std::size_t>(end - frames_.begin()));
  return {end - static_cast<std::ptrdiff_t>(n), end};
}

std::vector<kept_frame> frame_history::after(std::uint64_t ordinal, std::size_t most) const {
  const std::lock_guard lock(mutex_);
  const auto begin = std::partition_point(frames_.begin(), frames_.end(),
                                          [ordinal](const kept_frame& f) { return f.ordinal <= ordinal; });
  const auto n = std::min(most, static_cast<std::size_t>(frames_.end() - begin));
  return {frames_.end() - static_cast<std::ptrdiff_t>(n), frames_.end()};
}

std::optional<kept_frame> frame_history::at(timestamp end) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::partition_point(frames_.begin(), frames_.end(), [end](const kept_frame& f) { return f.last_end < end; });
  if (found == frames_.end() || found->last_end != end) return std::nullopt;
  return *found;
}

std::optional<timestamp> frame_history::oldest() const {
  const std::lock_guard lock(mutex_);
  if (frames_.empty()) return std::nullopt;
  return frames_.front().first_end;
}

std::uint64_t frame_history::newest_ordinal() const {
  const std::lock_guard lock(mutex_);
  return frames_.empty() ? 0 : frames_.back().ordinal;
}

std::size_t frame_history::size() const {
  const std::lock_guard lock(mutex_);
  return frames_.size();
}

std::size_t frame_history::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace isobar::service
