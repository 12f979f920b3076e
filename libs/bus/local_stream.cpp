#include "bus/local_stream.hpp"

#include <algorithm>

namespace isobar::bus {
namespace {

std::int64_t weight(const message& m) { return static_cast<std::int64_t>(m.subject.size() + m.bytes().size()); }

}  // namespace

void local_stream::configure(stream_options options) {
  const std::scoped_lock lock(mutex_);
  options_ = std::move(options);
  trim(clock::now());
}

void local_stream::offer(const message& m) {
  const std::scoped_lock lock(mutex_);
  if (std::ranges::none_of(options_.patterns, [&](const std::string& p) { return matches(p, m.subject); })) return;
  const auto now = clock::now();
  entries_.push_back({{++last_, m}, now});
  bytes_ += weight(m);
  trim(now);
}

void local_stream::trim(clock::time_point now) {
  while (!entries_.empty() && (bytes_ > options_.bytes_max || entries_.front().at + options_.age_max < now)) {
    bytes_ -= weight(entries_.front().kept.content);
    entries_.pop_front();
  }
}

void local_stream::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
}

result<stored_message> local_stream::next(std::string_view subject, std::uint64_t place) {
  if (!valid_subject(subject)) return fail(errc::invalid_subject, "subject '" + std::string(subject) + "'");
  const std::scoped_lock lock(mutex_);
  if (closed_) return fail(errc::closed, std::string(subject));
  const auto from = std::ranges::lower_bound(entries_, place, {}, [](const entry& e) { return e.kept.place; });
  const auto it = std::find_if(from, entries_.end(), [&](const entry& e) { return e.kept.content.subject == subject; });
  if (it == entries_.end()) return fail(errc::not_found, std::string(subject));
  return it->kept;
}

result<stored_message> local_stream::last(std::string_view subject) {
  if (!valid_subject(subject)) return fail(errc::invalid_subject, "subject '" + std::string(subject) + "'");
  const std::scoped_lock lock(mutex_);
  if (closed_) return fail(errc::closed, std::string(subject));
  const auto it = std::find_if(entries_.rbegin(), entries_.rend(),
                               [&](const entry& e) { return e.kept.content.subject == subject; });
  if (it == entries_.rend()) return fail(errc::not_found, std::string(subject));
  return it->kept;
}

result<stream_state> local_stream::state() {
  const std::scoped_lock lock(mutex_);
  if (closed_) return fail(errc::closed, "stream");
  return stream_state{.messages = entries_.size(),
                      .bytes = static_cast<std::uint64_t>(bytes_),
                      .first = entries_.empty() ? last_ + 1 : entries_.front().kept.place,
                      .last = last_};
}

}  // namespace isobar::bus
