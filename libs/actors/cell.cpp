#include "actors/cell.hpp"

namespace isobar::actors {

void ref::impl::send(detail::packet p) {
  // A dead letter is destroyed outside of the lock: its destructor is the sender's code.
  const std::lock_guard lock(mutex);
  if (!open || !target) {
    core->dead_letters.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  depth.fetch_add(1, std::memory_order_relaxed);
  target->push(std::move(p));
}

void ref::impl::stop() {
  const std::lock_guard lock(mutex);
  if (!open || !target) return;
  open = false;
  target->push({.what = detail::packet::kind::stop});
}

void ref::impl::end(std::size_t lost) {
  std::shared_ptr<detail::port> released;
  {
    const std::lock_guard lock(mutex);
    open = false;
    released = std::move(target);
    target = nullptr;
    lost += depth.exchange(0, std::memory_order_relaxed);
  }
  core->dead_letters.fetch_add(lost, std::memory_order_relaxed);
  const std::lock_guard lock(core->mutex);
  core->cells.erase(id);
  core->ended.notify_all();
}

void ref::send_envelope(detail::envelope message, lane where) const {
  if (impl_) impl_->send({.where = where, .content = std::move(message)});
}

std::size_t ref::mailbox_depth() const { return impl_ ? impl_->depth.load(std::memory_order_relaxed) : 0; }

}  // namespace isobar::actors
