#include "epoch-manager/transport/epoch_history.hpp"

namespace isobar::epoch_manager {

void epoch_history::put(epoch_message message, bool active) {
  const std::lock_guard lock(mutex_);
  if (active) active_ = message->epoch_id();
  epochs_[message->epoch_id()] = std::move(message);
  if (epochs_.size() > epochs_kept) epochs_.erase(epochs_.begin());
}

void epoch_history::set_status(status now) {
  const std::lock_guard lock(mutex_);
  status_ = now;
}

epoch_message epoch_history::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto at = epochs_.find(id == 0 ? active_ : id);
  return at == epochs_.end() ? nullptr : at->second;
}

epoch_history::status epoch_history::get_status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

std::vector<epoch_message> epoch_history::list(std::size_t most, std::uint64_t before) const {
  const std::lock_guard lock(mutex_);
  std::vector<epoch_message> out;
  for (auto it = before == 0 ? epochs_.end() : epochs_.lower_bound(before); it != epochs_.begin() && out.size() < most;)
    out.push_back((--it)->second);
  return out;
}

}  // namespace isobar::epoch_manager
