#include "service/standby_ledger.hpp"

#include <algorithm>

#include "core/digest.hpp"

namespace isobar::service {

std::optional<standby_ledger::entry> standby_ledger::take(std::deque<entry>& from, timestamp t, std::uint64_t digest) {
  const auto at = std::ranges::find_if(from, [&](const entry& e) { return e.at == t && e.digest == digest; });
  if (at == from.end()) return std::nullopt;
  const entry found = *at;
  from.erase(at);
  return found;
}

void standby_ledger::drop(const entry& made) {
  const auto at = held_.find(made.number);
  bytes_ -= at->second.payload.size();
  held_.erase(at);
}

void standby_ledger::made(const std::string& subject, timestamp t, std::string payload) {
  line& l = lines_[subject];
  if (t < l.last_made) return;
  if (!l.first_made) l.first_made = t;
  l.last_made = t;
  const std::uint64_t digest = hash64(payload);
  if (take(l.seen, t, digest)) {
    --seen_;
  } else {
    l.made.push_back({t, digest, next_});
    bytes_ += payload.size();
    held_.emplace(next_++, frame{subject, std::move(payload)});
  }
  settle(l);
}

void standby_ledger::seen(const std::string& subject, timestamp t, std::string_view payload) {
  line& l = lines_[subject];
  if (t < l.last_seen) return;
  if (!l.first_seen) l.first_seen = t;
  l.last_seen = t;
  const std::uint64_t digest = hash64(payload);
  if (const auto met = take(l.made, t, digest)) {
    drop(*met);
  } else {
    l.seen.push_back({t, digest, 0});
    ++seen_;
  }
  settle(l);
}

/// What one has passed without making it will not be made. Before the first frame that was seen, or made, that says
/// nothing: the other was not there yet.
void standby_ledger::settle(line& l) {
  for (; !l.made.empty() && l.made.front().at < l.last_seen; l.made.pop_front()) {
    if (l.made.front().at > *l.first_seen) agrees_ = false;
    drop(l.made.front());
  }
  for (; !l.seen.empty() && l.seen.front().at < l.last_made; l.seen.pop_front()) {
    if (l.seen.front().at > *l.first_made) agrees_ = false;
    --seen_;
  }
  if (waiting() <= limits_.frames && bytes_ <= limits_.bytes) return;
  agrees_ = false;
  for (auto& [subject, every] : lines_) {
    every.made.clear();
    every.seen.clear();
  }
  held_.clear();
  bytes_ = seen_ = 0;
}

std::vector<standby_ledger::frame> standby_ledger::release() {
  std::vector<frame> out;
  for (auto& [number, f] : held_) out.push_back(std::move(f));
  held_.clear();
  bytes_ = 0;
  for (auto& [subject, l] : lines_) l.made.clear();
  return out;
}

bool standby_ledger::published(const std::string& subject, timestamp t, std::string_view payload) {
  const auto at = lines_.find(subject);
  if (at == lines_.end()) return false;
  line& l = at->second;
  const bool met = take(l.seen, t, hash64(payload)).has_value();
  if (met) --seen_;
  if (t > l.last_seen) {
    seen_ -= l.seen.size();
    l.seen.clear();
  }
  return met;
}

bool standby_ledger::behind(const std::string& subject) const {
  const auto at = lines_.find(subject);
  return at != lines_.end() && !at->second.seen.empty();
}

}  // namespace isobar::service
