#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "ws-hydrator/domain/hydrator.hpp"
#include "ws-hydrator/domain/window_history.hpp"
#include "ws-hydrator/sources/quote_source.hpp"

namespace isobar::ws_hydrator {

/// What queries may see of one symbol. The worker writes, gRPC threads read; locks are held for copies of pointers and
/// counters only.
class symbol_view {
 public:
  struct status {
    hydrator_counts counts;
    std::string source;
    source_status feed;
    std::uint32_t not_subscribed = 0;
    std::int64_t switch_pause_max_ns = 0;
    bool has_epoch = false;
    timestamp closed_until = start_of_time;
    std::string problem;  ///< not empty: an input that cannot be used, for readiness
  };

  explicit symbol_view(std::size_t history_bytes) : history_(history_bytes) {}

  void push(const market::frozen_window& w) {
    const std::lock_guard lock(mutex_);
    history_.push(w);
  }
  std::vector<window_history::window_ptr> until(timestamp as_of) const {
    const std::lock_guard lock(mutex_);
    return history_.until(as_of);
  }
  void set_status(status s) {
    const std::lock_guard lock(mutex_);
    status_ = std::move(s);
  }
  status get_status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }
  /// Boards of the epochs that the history may name, newest last; at most 16.
  void add_board(std::shared_ptr<const market::epoch> e) {
    const std::lock_guard lock(mutex_);
    if (boards_.size() == 16) boards_.erase(boards_.begin());
    boards_.push_back(std::move(e));
  }
  std::shared_ptr<const market::epoch> board(std::uint64_t epoch_id) const {
    const std::lock_guard lock(mutex_);
    for (const auto& b : boards_)
      if (b->id == epoch_id) return b;
    return nullptr;
  }

 private:
  mutable std::mutex mutex_;
  window_history history_;
  status status_;
  std::vector<std::shared_ptr<const market::epoch>> boards_;
};

}  // namespace isobar::ws_hydrator
