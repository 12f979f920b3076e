#include "gamma-fuel/actors/epoch_loader.hpp"

#include <algorithm>

#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::gamma_fuel {
namespace {

const telemetry::logger& log() {
  static const telemetry::logger l("gamma-fuel");
  return l;
}

}  // namespace

epoch_loader::epoch_loader(bus::bus& on, std::string venue) : bus_(on), venue_(std::move(venue)) {
  thread_ = std::thread([this] { run(); });
}

epoch_loader::~epoch_loader() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void epoch_loader::load(const symbol& s, std::uint64_t epoch_id, const void* owner, found_call found) {
  const std::lock_guard lock(mutex_);
  const bool waits = std::any_of(wanted_.begin(), wanted_.end(), [&](const wanted& w) {
    return w.name == s && w.epoch == epoch_id && w.owner == owner;
  });
  if (waits || closing_) return;
  wanted_.push_back({s, epoch_id, owner, std::move(found)});
  changed_.notify_all();
}

void epoch_loader::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closing_ || !wanted_.empty(); });
    if (closing_) return;
    const wanted next = std::move(wanted_.front());
    wanted_.pop_front();
    lock.unlock();
    read(next);
    lock.lock();
  }
}

void epoch_loader::read(const wanted& w) {
  if (!bucket_) {
    if (!bus_.stats().connected) return;
    auto opened = bus_.bucket(subjects::epochs_bucket, {.create = false});
    if (!opened && opened.error().code == bus::errc::not_found) return;
    if (!opened) {
      log().warn_limited("bucket", "bucket cannot be opened name=epochs error=" + opened.error().evidence);
      return;
    }
    bucket_ = std::move(*opened);
  }
  const std::string key =
      w.epoch == 0 ? subjects::active_epoch_key(venue_, w.name) : subjects::epoch_key(venue_, w.name, w.epoch);
  const auto entry = bucket_->get(key);
  if (!entry) return;
  const auto record = wire::decode_epoch(entry->value);
  if (record)
    w.found(record->body);
  else
    log().warn_limited("epoch " + key, "epoch in store refused key=" + key + " error=" + record.error().evidence);
}

}  // namespace isobar::gamma_fuel
