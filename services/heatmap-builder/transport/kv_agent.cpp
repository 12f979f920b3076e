#include "heatmap-builder/transport/kv_agent.hpp"

#include <numeric>

#include "heatmap-builder/transport/messages.hpp"
#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::heatmap_builder {
namespace {

const telemetry::logger& log() {
  static const telemetry::logger l("heatmap-builder");
  return l;
}

}  // namespace

std::string encode_model(const surface_snapshot& s, const std::vector<std::size_t>& planes,
                         const std::string& assumptions) {
  heatmap::v1::GetSurfaceResponse m;
  to_proto(s, false, assumptions, *m.mutable_info());
  tile_columns columns;
  for (const std::size_t i : planes) {
    valid_tiles(s.board->planes[i], *s.planes[i], columns);
    to_proto(s, i, true, columns, *m.add_planes());
  }
  return wire::serialize(m);
}

kv_agent::kv_agent(bus::bus& bus, std::string venue, std::string assumptions,
                   std::function<void(const symbol&, const written&)> report)
    : bus_(bus), venue_(std::move(venue)), assumptions_(std::move(assumptions)), report_(std::move(report)) {
  thread_ = std::thread([this] { run(); });
}

kv_agent::~kv_agent() {
  close({});
  thread_.join();
}

void kv_agent::load_epoch(const symbol& s, std::uint64_t epoch_id, std::function<void(wire::epoch_record)> found) {
  const std::lock_guard lock(mutex_);
  if (closing_) return;
  for (const load& l : loads_)
    if (l.name == s && l.epoch == epoch_id) return;
  loads_.push_back({s, epoch_id, std::move(found)});
  changed_.notify_all();
}

void kv_agent::store_model(std::shared_ptr<const surface_snapshot> snapshot) {
  const std::lock_guard lock(mutex_);
  if (closing_) return;
  models_[snapshot->board->symbol] = std::move(snapshot);
  changed_.notify_all();
}

void kv_agent::close(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  closing_ = true;
  loads_.clear();
  changed_.notify_all();
  if (!changed_.wait_for(lock, limit, [this] { return ended_; })) models_.clear();
}

void kv_agent::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closing_ || !loads_.empty() || !models_.empty(); });
    if (!loads_.empty()) {
      const load next = std::move(loads_.front());
      loads_.pop_front();
      lock.unlock();
      read(next);
      lock.lock();
    } else if (!models_.empty()) {
      const auto next = std::move(models_.begin()->second);
      models_.erase(models_.begin());
      lock.unlock();
      report_(next->board->symbol, write(*next));
      lock.lock();
    } else if (closing_) {
      ended_ = true;
      changed_.notify_all();
      return;
    }
  }
}

bus::kv_bucket* kv_agent::open(std::shared_ptr<bus::kv_bucket>& bucket, std::string_view name, bool create) {
  if (!bucket && bus_.stats().connected) {
    auto opened = bus_.bucket(name, {.create = create});
    if (opened)
      bucket = std::move(*opened);
    else if (create || opened.error().code != bus::errc::not_found)
      log().warn_limited("bucket",
                         "bucket cannot be opened name=" + std::string(name) + " error=" + opened.error().evidence);
  }
  return bucket.get();
}

void kv_agent::read(const load& l) {
  bus::kv_bucket* bucket = open(epochs_, subjects::epochs_bucket, false);
  if (!bucket) return;
  const std::string key =
      l.epoch == 0 ? subjects::active_epoch_key(venue_, l.name) : subjects::epoch_key(venue_, l.name, l.epoch);
  const auto entry = bucket->get(key);
  if (!entry) return;
  auto record = wire::decode_epoch(entry->value);
  if (record)
    l.found(std::move(record->body));
  else
    log().warn_limited("epoch " + key, "epoch in store refused key=" + key + " error=" + record.error().evidence);
}

bool kv_agent::put(const std::string& key, const std::string& value) {
  if (value.size() > bus_.max_payload()) return false;
  bus::kv_bucket* bucket = open(heatmap_, subjects::heatmap_bucket, true);
  if (!bucket) return false;
  const auto done = bucket->put(key, value);
  if (!done)
    log().warn_limited("put",
                       "model not written key=" + key + " error=" + std::string(bus::to_string(done.error().code)));
  return done.has_value();
}

kv_agent::written kv_agent::write(const surface_snapshot& s) {
  written out;
  const symbol& name = s.board->symbol;
  const std::uint64_t epoch = s.board->epoch;
  const auto count = [&out](bool ok) { ++(ok ? out.models : out.skipped); };
  // Planes that did not change are written only when the store has them no more.
  if (const std::uint64_t losses = heatmap_ ? heatmap_->losses() : 0; std::exchange(losses_, losses) != losses)
    last_.clear();

  const auto& before = last_[name];
  for (std::size_t i = 0; i < s.planes.size(); ++i) {
    if (before && before->board == s.board && before->planes[i] == s.planes[i]) continue;
    count(put(subjects::model_key(venue_, name, epoch, s.board->planes[i].key), encode_model(s, {i}, assumptions_)));
  }
  // The whole model where one message can hold it; otherwise what it is made of, to be read plane by plane.
  std::vector<std::size_t> all(s.planes.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::string model = encode_model(s, all, assumptions_);
  if (model.size() > bus_.max_payload()) model = encode_model(s, {}, assumptions_);
  count(put(subjects::model_key(venue_, name, epoch), model));
  count(put(subjects::model_key(venue_, name), model));
  last_[name] = std::make_shared<const surface_snapshot>(s);
  return out;
}

}  // namespace isobar::heatmap_builder
