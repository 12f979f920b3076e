#include "epoch-manager/actors/epoch_store.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "wire/subjects.hpp"

namespace isobar::epoch_manager {
namespace {

/// The id at the end of "{venue}.{symbol}.{epoch_id}".
std::optional<std::uint64_t> id_of(std::string_view key, std::string_view prefix) {
  if (!key.starts_with(prefix)) return std::nullopt;
  key.remove_prefix(prefix.size());
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
  return error == std::errc{} && end == key.data() + key.size() ? std::optional(id) : std::nullopt;
}

}  // namespace

bool epoch_store::open() {
  if (bucket_) return true;
  auto opened = bus_->bucket(subjects::epochs_bucket);
  if (!opened) {
    log_.warn_limited("bucket", "store cannot open bucket=epochs error=" + opened.error().evidence);
    return false;
  }
  bucket_ = std::move(*opened);
  return true;
}

bool epoch_store::write(const std::string& key, const std::shared_ptr<const std::string>& value) {
  if (!open()) return false;
  if (!value) return bucket_->remove(key).has_value();
  const auto put = bucket_->put(key, *value);
  if (!put) log_.warn_limited("put", "store cannot write key=" + key + " error=" + put.error().evidence);
  return put.has_value();
}

void epoch_store::remember(const std::string& key, const stored& v) {
  if (key.ends_with(".active")) {
    active_[key] = v;
    return;
  }
  std::erase_if(newest_, [&](const auto& known) { return known.first == key; });
  if (v) newest_.emplace_back(key, v);
  if (newest_.size() > remembered_max) newest_.pop_front();
}

/// Nobody else has what this service wrote: a store that lost it gets it again.
void epoch_store::on(actors::context& self, const check_store&) {
  self.send_after(check_every, check_store{});
  const std::uint64_t losses = bucket_ ? bucket_->losses() : 0;
  if (std::exchange(losses_, losses) == losses) return;
  for (const auto& [key, v] : newest_) waiting_.try_emplace(key, v);
  for (const auto& [key, v] : active_) waiting_.try_emplace(key, v);
  log_.warn("store gets epochs again keys=" + std::to_string(waiting_.size()));
  on(self, retry_store{});
}

void epoch_store::on(actors::context& self, const store_value& m) {
  if (!std::exchange(checking_, true)) self.send_after(check_every, check_store{});
  remember(m.key, m.value);
  // Behind what waits already, or an older value would win.
  if (waiting_.empty() && write(m.key, m.value)) return;
  if (waiting_.size() < waiting_max || waiting_.count(m.key) != 0)
    waiting_[m.key] = m.value;
  else
    log_.warn_limited("full", "store drops value key=" + m.key);
  retry_later(self);
}

void epoch_store::on(actors::context& self, const load_epochs& m) {
  loads_.push_back(m);
  on(self, retry_store{});
}

void epoch_store::on(actors::context& self, const retry_store&) {
  retrying_ = false;
  while (!waiting_.empty() && write(waiting_.begin()->first, waiting_.begin()->second))
    waiting_.erase(waiting_.begin());
  std::vector<load_epochs> left;
  for (const auto& request : loads_) {
    if (auto loaded = open() ? load(request.symbol) : fail(bus::errc::disconnected, "bucket"))
      request.to.send(std::move(*loaded), actors::lane::control);
    else
      left.push_back(request);
  }
  loads_ = std::move(left);
  if (!waiting_.empty() || !loads_.empty()) retry_later(self);
}

void epoch_store::retry_later(actors::context& self) {
  if (retrying_) return;
  retrying_ = true;
  self.send_after(std::chrono::seconds(1), retry_store{});
}

result<loaded_epochs, bus::errc> epoch_store::load(const symbol& s) {
  const auto keys = bucket_->keys();
  if (!keys) return std::unexpected(keys.error());
  auto prefix = subjects::active_epoch_key(venue_, s);
  prefix.resize(prefix.size() - std::string_view("active").size());
  std::set<std::uint64_t> ids;
  for (const auto& key : *keys)
    if (const auto id = id_of(key, prefix)) ids.insert(*id);
  while (ids.size() > epochs_loaded_max) ids.erase(ids.begin());

  std::optional<failure<bus::errc>> broken;
  const auto read = [&](const std::string& key) -> std::optional<wire::framed<wire::epoch_record>> {
    const auto entry = bucket_->get(key);
    if (!entry) {
      // An epoch that cannot be read now must not pass for one that is not there: its id would be given out again.
      if (entry.error().code != bus::errc::not_found) broken = entry.error();
      return std::nullopt;
    }
    auto decoded = wire::decode_epoch(entry->value);
    if (!decoded) {
      log_.warn("store refuses key=" + key + " reason=" + std::string(wire::to_string(decoded.error().code)) + " " +
                decoded.error().evidence);
      return std::nullopt;
    }
    remember(key, std::make_shared<const std::string>(entry->value));
    return std::move(*decoded);
  };
  loaded_epochs out;
  for (const auto id : ids)
    if (auto record = read(subjects::epoch_key(venue_, s, id))) out.epochs.push_back(std::move(*record));
  if (auto active = read(subjects::active_epoch_key(venue_, s))) {
    out.active = active->body.epoch.id;
    const auto same = [&](const auto& e) { return e.body.epoch.id == out.active; };
    const auto at = std::find_if(out.epochs.begin(), out.epochs.end(), same);
    if (at == out.epochs.end())
      out.epochs.push_back(std::move(*active));
    else
      *at = std::move(*active);
  }
  if (broken) return std::unexpected(*broken);
  return out;
}

}  // namespace isobar::epoch_manager
