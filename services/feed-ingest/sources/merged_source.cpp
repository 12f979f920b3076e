#include "feed-ingest/sources/merged_source.hpp"

#include <algorithm>

namespace isobar::feed_ingest {

merged_source::merged_source(std::vector<std::unique_ptr<source>> parts) {
  for (auto& p : parts) parts_.push_back({.from = std::move(p)});
}

bool merged_source::advance(part& p) {
  p.head = p.from->next();
  if (p.head == nullptr) {
    if (auto e = p.from->error(); e && !error_) error_ = std::move(e);
    return !error_;
  }
  const auto said = p.head->delivered != start_of_time ? p.head->delivered : p.head->event_time;
  p.at = std::max(p.at, said.ns);
  return true;
}

void merged_source::choose() {
  now_ = SIZE_MAX;
  std::size_t second = SIZE_MAX;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].head == nullptr) continue;
    if (now_ == SIZE_MAX || parts_[i].at < parts_[now_].at) {
      second = now_;
      now_ = i;
    } else if (second == SIZE_MAX || parts_[i].at < parts_[second].at) {
      second = i;
    }
  }
  limit_ = second == SIZE_MAX ? INT64_MAX : parts_[second].at;
  limit_included_ = second == SIZE_MAX || now_ < second;
}

const input_record* merged_source::next() {
  if (error_) return nullptr;
  if (!started_) {
    started_ = true;
    for (auto& p : parts_)
      if (!advance(p)) return nullptr;
    choose();
  } else if (now_ != SIZE_MAX) {
    auto& p = parts_[now_];
    if (!advance(p)) return nullptr;
    if (p.head == nullptr || p.at > limit_ || (p.at == limit_ && !limit_included_)) choose();
  }
  return now_ == SIZE_MAX ? nullptr : parts_[now_].head;
}

source_progress merged_source::progress() const {
  source_progress out;
  for (const auto& p : parts_) {
    const auto one = p.from->progress();
    out.bytes_read += one.bytes_read;
    out.bytes += one.bytes;
  }
  return out;
}

record_counts merged_source::skipped() const {
  record_counts out;
  for (const auto& p : parts_) out += p.from->skipped();
  return out;
}

}  // namespace isobar::feed_ingest
