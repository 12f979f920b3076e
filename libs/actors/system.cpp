#include <algorithm>
#include <ranges>

#include "actors/actors.hpp"
#include "actors/cell.hpp"
#include "actors/runtime.hpp"
#include "actors/worker.hpp"

namespace isobar::actors {

struct system::impl {
  std::shared_ptr<detail::core> core = std::make_shared<detail::core>();
  std::unique_ptr<detail::runtime> runtime;

  ref spawn(std::string name, std::unique_ptr<behaviour> b, std::optional<detail::supervision> s, spawn_options o);
  std::shared_ptr<ref::impl> last();
  /// Stops it and waits for it; false at the deadline.
  bool end(const std::shared_ptr<ref::impl>& cell, std::chrono::steady_clock::time_point deadline);
};

system::system(system_options options) : impl_(std::make_unique<impl>()) {
  impl_->runtime = detail::make_runtime(options);
}

system::~system() {
  shutdown(std::chrono::hours(1));
  impl_->core->clock.stop();
}

ref system::impl::spawn(std::string name, std::unique_ptr<behaviour> b, std::optional<detail::supervision> s,
                        spawn_options o) {
  auto cell = std::make_shared<ref::impl>(core, std::move(name));
  {
    const std::lock_guard lock(core->mutex);
    if (core->closed) {
      cell->open = false;
      return ref(cell);
    }
    cell->id = core->next_id++;
    core->cells.emplace(cell->id, cell);
  }
  auto port = runtime->launch(std::make_unique<detail::worker>(cell, std::move(b), std::move(s)), o);
  const std::lock_guard lock(cell->mutex);
  cell->target = std::move(port);
  cell->target->push({.what = detail::packet::kind::start, .where = lane::control});
  return ref(cell);
}

ref system::spawn_behaviour(std::string name, std::unique_ptr<behaviour> b, spawn_options options) {
  return impl_->spawn(std::move(name), std::move(b), std::nullopt, options);
}

ref system::supervise_behaviour(std::string name, std::function<std::unique_ptr<behaviour>()> make,
                                restart_policy policy, std::size_t held_max) {
  return impl_->spawn(std::move(name), nullptr, detail::supervision{std::move(make), policy, held_max}, {});
}

void system::stop(const ref& actor) {
  if (const auto& cell = actor.get_impl()) cell->stop();
}

bool system::impl::end(const std::shared_ptr<ref::impl>& cell, std::chrono::steady_clock::time_point deadline) {
  cell->stop();
  std::unique_lock lock(core->mutex);
  return core->ended.wait_until(lock, deadline, [&] { return !core->cells.contains(cell->id); });
}

bool system::stop(const ref& actor, std::chrono::milliseconds limit) {
  const auto& cell = actor.get_impl();
  return !cell || impl_->end(cell, std::chrono::steady_clock::now() + limit);
}

std::shared_ptr<ref::impl> system::impl::last() {
  const std::lock_guard lock(core->mutex);
  core->closed = true;
  return core->cells.empty() ? nullptr : core->cells.rbegin()->second;
}

bool system::shutdown(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (const auto cell = impl_->last())
    if (!impl_->end(cell, deadline)) return false;
  return true;
}

system_stats system::stats() const {
  const detail::core& c = *impl_->core;
  system_stats out{.unexpected_messages = c.unexpected.load(),
                   .dead_letters = c.dead_letters.load(),
                   .failures = c.failures.load(),
                   .restarts = c.restarts.load(),
                   .timers = c.clock.pending()};
  const std::lock_guard lock(impl_->core->mutex);
  out.actors = c.cells.size();
  for (const auto& cell : std::views::values(c.cells)) out.down += cell->down.load() ? 1 : 0;
  return out;
}

std::vector<actor_info> system::list() const {
  std::vector<actor_info> out;
  const std::lock_guard lock(impl_->core->mutex);
  for (const auto& cell : std::views::values(impl_->core->cells))
    out.push_back({cell->name, cell->depth.load(), cell->down.load()});
  return out;
}

void system::on_failure(failure_listener listener) {
  const std::lock_guard lock(impl_->core->mutex);
  impl_->core->listener = std::move(listener);
}

}  // namespace isobar::actors
