#include "wire/stream_digest.hpp"

#include "wire/frame.hpp"

namespace isobar::wire {
namespace {

bool carries_data(std::string_view subject) {
  // What comes again on a refill came before.
  for (const std::string_view kind : {".ack", ".resync", ".refill", ".progress"}) {
    if (subject.ends_with(kind)) return false;
  }
  return true;
}

}  // namespace

void stream_digest::add(std::string_view subject, std::string_view bytes) {
  if (!carries_data(subject)) return;
  const auto header = peek_header(bytes);
  if (!header) ++unreadable_;
  if (header && header->heartbeat) return;
  auto at = subjects_.find(subject);
  if (at == subjects_.end()) at = subjects_.emplace(std::string(subject), running{}).first;
  at->second.hash.update(static_cast<std::int64_t>(bytes.size()));
  at->second.hash.update(bytes);
  ++at->second.frames;
  at->second.bytes += bytes.size();
  ++frames_;
  bytes_ += bytes.size();
}

std::uint64_t stream_digest::value() const {
  digest64 all;
  for (const auto& [subject, one] : subjects_) {
    all.update(subject);
    all.update(static_cast<std::int64_t>(one.frames));
    all.update(static_cast<std::int64_t>(one.hash.value()));
  }
  return all.value();
}

std::map<std::string, stream_digest::subject_total> stream_digest::by_subject() const {
  std::map<std::string, subject_total> totals;
  for (const auto& [subject, one] : subjects_) totals[subject] = {one.frames, one.bytes, one.hash.value()};
  return totals;
}

}  // namespace isobar::wire
