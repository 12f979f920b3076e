#include "service/frame_order.hpp"

namespace isobar::service {

void frame_order::deliver(bus::message m, std::uint64_t sequence, bool heartbeat, std::vector<bus::message>& out) {
  started_ = true;
  const bus::arrival kind = passed_.observe(sequence, heartbeat);
  // What is held belongs to the sequence that has ended.
  if (kind == bus::arrival::restarted) give_up(out);
  out.push_back(std::move(m));
  if (kind == bus::arrival::restarted) passed_.reset(sequence);
}

void frame_order::start_behind(std::uint64_t sequence) {
  if (started_) return;
  started_ = true;
  passed_.reset(sequence);
}

void frame_order::take(bus::message m, std::uint64_t sequence, bool heartbeat, std::vector<bus::message>& out) {
  const std::uint64_t expected = passed_.last() + (heartbeat ? 0 : 1);
  if (!started_ || sequence <= expected) {
    deliver(std::move(m), sequence, heartbeat, out);
    return release(out);
  }
  if (heartbeat) {
    if (!heartbeat_ || sequence >= heartbeat_->sequence) heartbeat_ = {std::move(m), sequence};
  } else if (const auto [it, fresh] = held_.try_emplace(sequence, std::move(m)); fresh) {
    held_bytes_ += it->second.bytes().size();
  }
  if (held_.size() > limits_.frames || held_bytes_ > limits_.bytes || missing()->count() > limits_.frames) give_up(out);
}

void frame_order::fill(bus::message m, std::uint64_t sequence, std::vector<bus::message>& out) {
  if (const auto hole = missing(); hole && sequence >= hole->first) take(std::move(m), sequence, false, out);
}

std::optional<frame_range> frame_order::missing() const {
  if (!held_.empty()) return frame_range{passed_.last() + 1, held_.begin()->first - 1};
  if (heartbeat_) return frame_range{passed_.last() + 1, heartbeat_->sequence};
  return std::nullopt;
}

void frame_order::release(std::vector<bus::message>& out) {
  while (!held_.empty() && held_.begin()->first <= passed_.last() + 1) {
    auto next = held_.extract(held_.begin());
    held_bytes_ -= next.mapped().bytes().size();
    if (next.key() > passed_.last()) deliver(std::move(next.mapped()), next.key(), false, out);
  }
  if (!held_.empty() || !heartbeat_ || heartbeat_->sequence > passed_.last()) return;
  const waiting_heartbeat last = *std::exchange(heartbeat_, std::nullopt);
  if (last.sequence == passed_.last()) deliver(last.frame, last.sequence, true, out);
}

void frame_order::give_up(std::vector<bus::message>& out) {
  for (auto& [sequence, m] : std::exchange(held_, {})) {
    (void)passed_.observe(sequence, false);
    out.push_back(std::move(m));
  }
  held_bytes_ = 0;
  const auto last = std::exchange(heartbeat_, std::nullopt);
  if (!last || last->sequence < passed_.last()) return;
  (void)passed_.observe(last->sequence, true);
  out.push_back(last->frame);
}

}  // namespace isobar::service
