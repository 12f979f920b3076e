#include "actors/worker.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace isobar::actors::detail {

namespace {

/// Held messages handed over before other actors get the thread.
constexpr std::size_t resume_batch = 64;

}  // namespace

worker::worker(std::shared_ptr<ref::impl> cell, std::unique_ptr<behaviour> b, std::optional<supervision> s)
    : cell_(std::move(cell)),
      behaviour_(std::move(b)),
      supervision_(std::move(s)),
      random_(static_cast<std::uint32_t>(std::hash<std::string>{}(cell_->name) | 1u)) {}

bool worker::take(const packet& p) {
  if (ended_) return false;
  if (!started_) start();
  if (!quitting_) handle(p);
  if (quitting_) end();
  return !ended_;
}

void worker::handle(const packet& p) {
  switch (p.what) {
    case packet::kind::start:
      break;
    case packet::kind::message:
      on_message(p);
      break;
    case packet::kind::restart:
      restart();
      break;
    case packet::kind::resume:
      resume();
      break;
    case packet::kind::stop:
      if (stop_now())
        quitting_ = true;
      else
        push_to_self(packet::kind::stop);
      break;
  }
}

void worker::start() {
  started_ = true;
  if (supervision_) {
    restart();
  } else {
    guarded([this] { behaviour_->started(*this); });
  }
}

void worker::restart() {
  if (behaviour_ || quitting_) return;
  if (incarnation_ > 1) cell_->core->restarts.fetch_add(1, std::memory_order_relaxed);
  started_at_ = std::chrono::steady_clock::now();
  cell_->down.store(false, std::memory_order_relaxed);
  guarded([this] {
    behaviour_ = supervision_->make();
    behaviour_->started(*this);
  });
  resume();
}

void worker::on_message(const packet& p) {
  if (p.incarnation != 0 && p.incarnation != incarnation_) {
    cell_->depth.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  const bool waits = !behaviour_ || (p.where == lane::data && !held_data_.empty()) || !held_control_.empty();
  if (waits)
    hold(p);
  else
    deliver(p);
}

void worker::deliver(const packet& p) {
  cell_->depth.fetch_sub(1, std::memory_order_relaxed);
  guarded([&] {
    envelope content = p.content;
    if (!behaviour_->receive(*this, content)) cell_->core->unexpected.fetch_add(1, std::memory_order_relaxed);
  });
}

void worker::hold(const packet& p) {
  if (held_control_.size() + held_data_.size() < supervision_->held_max) {
    (p.where == lane::control ? held_control_ : held_data_).push_back(p);
    return;
  }
  cell_->depth.fetch_sub(1, std::memory_order_relaxed);
  cell_->core->dead_letters.fetch_add(1, std::memory_order_relaxed);
}

void worker::resume() {
  for (std::size_t n = 0; n < resume_batch && behaviour_ && !quitting_; ++n) {
    auto& from = held_control_.empty() ? held_data_ : held_control_;
    if (from.empty()) return;
    const packet p = std::move(from.front());
    from.pop_front();
    deliver(p);
  }
  if (behaviour_ && !quitting_) push_to_self(packet::kind::resume);
}

/// True when nothing is left that arrived before the stop: the urgent lane may still hold some, and held messages of
/// an actor that is down are not waited for.
bool worker::stop_now() { return !behaviour_ || cell_->depth.load(std::memory_order_relaxed) == 0; }

template <class F>
void worker::guarded(F&& step) {
  try {
    step();
  } catch (const std::exception& e) {
    failed(e.what());
  } catch (...) {
    failed("exception of unknown type");
  }
}

void worker::failed(std::string what) {
  core& shared = *cell_->core;
  shared.failures.fetch_add(1, std::memory_order_relaxed);
  behaviour_.reset();
  ++incarnation_;
  failure_listener listener;
  {
    const std::lock_guard lock(shared.mutex);
    listener = shared.listener;
  }
  if (listener) listener(cell_->name, {.failed = true, .what = std::move(what)});
  if (!supervision_) {
    quitting_ = true;
    return;
  }
  const auto delay = next_delay();
  const restart_policy& policy = supervision_->policy;
  if (policy.attempts_max != 0 && attempts_ > policy.attempts_max) {
    quitting_ = true;
    return;
  }
  cell_->down.store(true, std::memory_order_relaxed);
  const bool set = shared.clock.add(delay, [weak = std::weak_ptr(cell_)] {
    const auto cell = weak.lock();
    if (!cell) return;
    const std::lock_guard lock(cell->mutex);
    if (cell->target) cell->target->push({.what = packet::kind::restart});
  });
  if (!set) quitting_ = true;
}

std::chrono::nanoseconds worker::next_delay() {
  const restart_policy& policy = supervision_->policy;
  if (std::chrono::steady_clock::now() - started_at_ >= policy.healthy_after) attempts_ = 0;
  ++attempts_;
  const auto doubled = policy.base * (std::int64_t{1} << std::min(attempts_ - 1, 20u));
  const std::chrono::nanoseconds delay = std::min<std::chrono::nanoseconds>(doubled, policy.max);
  return delay + std::chrono::nanoseconds(std::uniform_int_distribution<std::int64_t>(0, delay.count() / 5)(random_));
}

void worker::send_envelope_after(std::chrono::nanoseconds delay, envelope message) {
  const bool set =
      cell_->core->clock.add(delay, [weak = std::weak_ptr(cell_), incarnation = incarnation_, m = std::move(message)] {
        if (const auto cell = weak.lock()) cell->send({.incarnation = incarnation, .content = m});
      });
  if (!set) cell_->core->dead_letters.fetch_add(1, std::memory_order_relaxed);
}

void worker::push_to_self(packet::kind what) {
  const std::lock_guard lock(cell_->mutex);
  if (cell_->target) cell_->target->push({.what = what});
}

void worker::end() {
  if (ended_) return;
  ended_ = true;
  behaviour_.reset();
  cell_->down.store(false, std::memory_order_relaxed);
  held_control_.clear();
  held_data_.clear();
  cell_->end(0);
}

}  // namespace isobar::actors::detail
