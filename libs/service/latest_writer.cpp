#include "service/latest_writer.hpp"

namespace isobar::service {

latest_writer::latest_writer(bus::bus& on, std::string bucket, std::string owner)
    : bus_(on), bucket_name_(std::move(bucket)), log_(std::move(owner)), thread_([this] { run(); }) {}

latest_writer::~latest_writer() { close(); }

void latest_writer::put(std::string key, std::shared_ptr<const std::string> value) {
  const std::lock_guard lock(mutex_);
  waiting_[std::move(key)] = std::move(value);
  wake_.notify_one();
}

void latest_writer::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::uint64_t latest_writer::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

void latest_writer::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    auto next = waiting_.extract(waiting_.begin());
    lock.unlock();
    const bool done = write(next.key(), *next.mapped());
    lock.lock();
    if (done) continue;
    ++failures_;
    if (closing_) continue;
    // Later, unless something newer came meanwhile.
    waiting_.insert(std::move(next));
    wake_.wait_for(lock, std::chrono::seconds(1), [this] { return closing_; });
  }
}

bool latest_writer::write(const std::string& key, const std::string& value) {
  if (!bucket_) {
    auto opened = bus_.bucket(bucket_name_);
    if (!opened) {
      log_.warn_limited("bucket",
                        "bucket not opened name=" + bucket_name_ + " error=\"" + opened.error().evidence + "\"");
      return false;
    }
    bucket_ = std::move(*opened);
  }
  const auto put = bucket_->put(key, value);
  if (!put) log_.warn_limited(key, "latest value not stored key=" + key + " error=\"" + put.error().evidence + "\"");
  return put.has_value();
}

}  // namespace isobar::service
