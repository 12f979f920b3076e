#pragma once
#include <functional>
#include <memory>
#include <mutex>

#include "heatmap-builder/domain/history.hpp"

namespace isobar::heatmap_builder {

/// What readers see: replaced as a whole by the worker, never changed.
struct surface_view {
  std::shared_ptr<const surface_snapshot> snapshot;
  bool resyncing = false;     ///< input has a gap that is not healed
  std::uint64_t windows = 0;  ///< published since start
};

/// One symbol's published surface: written by its worker, read by any thread without asking the worker. Survives the
/// worker's restarts.
class surface_store {
 public:
  surface_store(history_limits limits, duration_ns stale_after)
      : limits_(limits), stale_after_(stale_after), history_(limits, stale_after) {}

  /// Worker only.
  void publish(std::shared_ptr<const surface_snapshot> snapshot, const market::heatmap_rows& rows);
  void set_resyncing(bool on);
  /// The worker goes on from a checkpoint that ends with `last`: what was kept behind it is given again.
  void begin_at(std::shared_ptr<const surface_snapshot> last);
  /// Called from the worker's thread after each change; must be quick. Set once, before the worker starts.
  void on_change(std::function<void()> listener) { listener_ = std::move(listener); }

  /// Newest view; nothing before the first window.
  std::shared_ptr<const surface_view> latest() const;
  /// Newest kept window that ends at or before `t`.
  std::shared_ptr<const surface_snapshot> as_of(timestamp t) const;
  std::shared_ptr<const surface_snapshot> at_revision(std::uint64_t revision) const;
  std::size_t history_windows() const;
  std::size_t history_bytes() const;

 private:
  void replace(std::shared_ptr<const surface_view> next);

  /// Held for the copy of a pointer only. (The load of libstdc++ 12's std::atomic<shared_ptr> ends its spin lock with a
  /// relaxed store, which ThreadSanitizer rightly reports.)
  mutable std::mutex view_mutex_;
  std::shared_ptr<const surface_view> view_;
  const history_limits limits_;
  const duration_ns stale_after_;
  mutable std::mutex mutex_;
  history history_;
  bool resyncing_ = false;
  std::uint64_t windows_ = 0;
  std::function<void()> listener_;
};

}  // namespace isobar::heatmap_builder
