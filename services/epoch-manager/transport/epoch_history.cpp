#include "epoch-manager/transport/epoch_history.hpp"

namespace isobar::epoch_manager {

void epoch_history::put(const symbol& s, epoch_message message, bool active) {
  const std::lock_guard lock(mutex_);
  auto& row = rows_.at(s);
  if (active) row.active = message->epoch_id();
  row.epochs[message->epoch_id()] = std::move(message);
  if (row.epochs.size() > epochs_kept) row.epochs.erase(row.epochs.begin());
}

void epoch_history::set_status(const symbol& s, status now) {
  const std::lock_guard lock(mutex_);
  rows_.at(s).status = now;
}

epoch_message epoch_history::find(const symbol& s, std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto& row = rows_.at(s);
  const auto at = row.epochs.find(id == 0 ? row.active : id);
  return at == row.epochs.end() ? nullptr : at->second;
}

epoch_history::status epoch_history::status_of(const symbol& s) const {
  const std::lock_guard lock(mutex_);
  return rows_.at(s).status;
}

std::vector<epoch_message> epoch_history::list(const symbol& s, std::size_t most, std::uint64_t before) const {
  const std::lock_guard lock(mutex_);
  std::vector<epoch_message> out;
  const auto& epochs = rows_.at(s).epochs;
  for (auto it = before == 0 ? epochs.end() : epochs.lower_bound(before); it != epochs.begin() && out.size() < most;)
    out.push_back((--it)->second);
  return out;
}

}  // namespace isobar::epoch_manager
