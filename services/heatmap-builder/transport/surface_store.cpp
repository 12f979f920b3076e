#include "heatmap-builder/transport/surface_store.hpp"

namespace isobar::heatmap_builder {

void surface_store::publish(std::shared_ptr<const surface_snapshot> snapshot, const market::heatmap_rows& rows) {
  {
    const std::lock_guard lock(mutex_);
    history_.append(snapshot, rows);
  }
  replace(std::make_shared<const surface_view>(surface_view{std::move(snapshot), resyncing_, ++windows_}));
}

void surface_store::begin_at(std::shared_ptr<const surface_snapshot> last) {
  {
    const std::lock_guard lock(mutex_);
    history_ = history(limits_, stale_after_);
  }
  market::heatmap_rows keyframe;
  keyframe.header.base = true;
  publish(std::move(last), keyframe);
}

void surface_store::replace(std::shared_ptr<const surface_view> next) {
  {
    const std::lock_guard lock(view_mutex_);
    view_.swap(next);
  }
  if (listener_) listener_();
}

std::shared_ptr<const surface_view> surface_store::latest() const {
  const std::lock_guard lock(view_mutex_);
  return view_;
}

void surface_store::set_resyncing(bool on) {
  if (resyncing_ == on) return;
  resyncing_ = on;
  if (const auto now = latest())
    replace(std::make_shared<const surface_view>(surface_view{now->snapshot, on, now->windows}));
}

std::shared_ptr<const surface_snapshot> surface_store::as_of(timestamp t) const {
  const std::lock_guard lock(mutex_);
  return history_.as_of(t);
}

std::shared_ptr<const surface_snapshot> surface_store::at_revision(std::uint64_t revision) const {
  const std::lock_guard lock(mutex_);
  return history_.at_revision(revision);
}

std::size_t surface_store::history_windows() const {
  const std::lock_guard lock(mutex_);
  return history_.windows();
}

std::size_t surface_store::history_bytes() const {
  const std::lock_guard lock(mutex_);
  return history_.bytes();
}

}  // namespace isobar::heatmap_builder
