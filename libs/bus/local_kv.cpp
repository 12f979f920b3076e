#include "bus/local_kv.hpp"

#include <algorithm>

namespace isobar::bus {
namespace {

constexpr std::size_t watch_backlog_max = 4096;

class watch_handle : public kv_watch {
 public:
  explicit watch_handle(std::shared_ptr<local_watch> watch) : watch_(std::move(watch)) {}
  ~watch_handle() override { watch_->close(); }

 private:
  std::shared_ptr<local_watch> watch_;
};

std::int64_t size_of(const kv_entry& entry) { return static_cast<std::int64_t>(entry.key.size() + entry.value.size()); }

}  // namespace

void local_watch::push(kv_entry entry) {
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() >= watch_backlog_max) {
      std::erase_if(waiting_, [&](const kv_entry& old) { return old.key == entry.key; });
    }
    waiting_.push_back(std::move(entry));
    if (scheduled_) return;
    scheduled_ = true;
  }
  worker_->post([self = shared_from_this()] { self->deliver(); });
}

void local_watch::deliver() {
  for (;;) {
    std::deque<kv_entry> batch;
    {
      const std::scoped_lock lock(mutex_);
      batch.swap(waiting_);
      scheduled_ = !batch.empty();
      if (!scheduled_) return;
    }
    for (const kv_entry& entry : batch) gate_.run([&] { on_entry_(entry); });
  }
}

result<void> local_bucket::check(std::string_view key) const {
  if (closed_) return fail(errc::closed, "bucket of a closed bus");
  if (!valid_key(key)) return fail(errc::invalid_subject, "key '" + std::string(key) + "'");
  return {};
}

const kv_entry* local_bucket::latest(std::string_view key) const {
  const auto it = entries_.find(key);
  return it == entries_.end() ? nullptr : &it->second.back();
}

result<kv_entry> local_bucket::get(std::string_view key) {
  const std::scoped_lock lock(mutex_);
  if (auto ok = check(key); !ok) return std::unexpected(ok.error());
  const kv_entry* entry = latest(key);
  if (!entry || entry->deleted) return fail(errc::not_found, "key '" + std::string(key) + "'");
  return *entry;
}

result<std::uint64_t> local_bucket::put(std::string_view key, std::string_view value) {
  const std::scoped_lock lock(mutex_);
  return write(key, value, false);
}

result<std::uint64_t> local_bucket::create(std::string_view key, std::string_view value) {
  const std::scoped_lock lock(mutex_);
  const kv_entry* entry = latest(key);
  if (entry && !entry->deleted) return fail(errc::wrong_revision, "key '" + std::string(key) + "' exists");
  return write(key, value, false);
}

result<std::uint64_t> local_bucket::update(std::string_view key, std::string_view value, std::uint64_t revision) {
  const std::scoped_lock lock(mutex_);
  const kv_entry* entry = latest(key);
  const std::uint64_t present = entry ? entry->revision : 0;
  if (present != revision) {
    return fail(errc::wrong_revision, "key '" + std::string(key) + "' is at revision " + std::to_string(present) +
                                          ", not " + std::to_string(revision));
  }
  return write(key, value, false);
}

result<void> local_bucket::remove(std::string_view key) {
  const std::scoped_lock lock(mutex_);
  auto done = write(key, {}, true);
  if (!done) return std::unexpected(done.error());
  return {};
}

result<std::uint64_t> local_bucket::write(std::string_view key, std::string_view value, bool deleted) {
  if (auto ok = check(key); !ok) return std::unexpected(ok.error());
  if (value.size() > max_value_) return fail(errc::too_large, "value of " + std::to_string(value.size()) + " bytes");
  kv_entry entry{std::string(key), std::string(value), revision_ + 1, deleted};
  const auto kept = entries_.find(key);
  const std::size_t history = std::clamp<std::size_t>(options_.history, 1, 64);
  const bool full = kept != entries_.end() && kept->second.size() >= history;
  const std::int64_t after = bytes_ + size_of(entry) - (full ? size_of(kept->second.front()) : 0);
  if (!deleted && after > options_.max_bytes) return fail(errc::too_large, "bucket is full");

  std::deque<kv_entry>& line = kept != entries_.end() ? kept->second : entries_[entry.key];
  if (full) line.pop_front();
  line.push_back(entry);
  bytes_ = after;
  revision_ = entry.revision;
  std::erase_if(watches_, [&](const std::weak_ptr<local_watch>& weak) {
    const auto watch = weak.lock();
    if (watch && watch->wants(key)) watch->push(entry);
    return !watch;
  });
  return revision_;
}

result<std::vector<kv_entry>> local_bucket::history(std::string_view key) {
  const std::scoped_lock lock(mutex_);
  if (auto ok = check(key); !ok) return std::unexpected(ok.error());
  const auto it = entries_.find(key);
  if (it == entries_.end()) return fail(errc::not_found, "key '" + std::string(key) + "'");
  return std::vector<kv_entry>(it->second.begin(), it->second.end());
}

result<std::vector<std::string>> local_bucket::keys() {
  const std::scoped_lock lock(mutex_);
  if (closed_) return fail(errc::closed, "bucket of a closed bus");
  std::vector<std::string> out;
  for (const auto& [key, line] : entries_) {
    if (!line.back().deleted) out.push_back(key);
  }
  return out;
}

result<std::unique_ptr<kv_watch>> local_bucket::watch(std::string_view pattern,
                                                      std::function<void(const kv_entry&)> on_entry) {
  if (!valid_pattern(pattern)) return fail(errc::invalid_subject, "pattern '" + std::string(pattern) + "'");
  const std::scoped_lock lock(mutex_);
  if (closed_) return fail(errc::closed, "bucket of a closed bus");
  auto watch = std::make_shared<local_watch>(std::string(pattern), std::move(on_entry), worker_);
  std::vector<const kv_entry*> present;
  for (const auto& [key, line] : entries_) {
    if (!line.back().deleted && watch->wants(key)) present.push_back(&line.back());
  }
  std::ranges::sort(present, {}, &kv_entry::revision);
  for (const kv_entry* entry : present) watch->push(*entry);
  watches_.push_back(watch);
  return std::make_unique<watch_handle>(std::move(watch));
}

result<stream_state> local_bucket::state() {
  const std::scoped_lock lock(mutex_);
  if (closed_) return fail(errc::closed, "bucket of a closed bus");
  stream_state out{.bytes = static_cast<std::uint64_t>(bytes_), .first = revision_ + 1, .last = revision_};
  for (const auto& [key, line] : entries_) {
    out.messages += line.size();
    out.first = std::min(out.first, line.front().revision);
  }
  return out;
}

void local_bucket::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  watches_.clear();
}

}  // namespace isobar::bus
