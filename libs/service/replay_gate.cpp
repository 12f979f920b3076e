#include "service/replay_gate.hpp"

#include <algorithm>
#include <ranges>

#include "wire/progress_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::service {

namespace {

constexpr std::size_t participants_max = 16;

}  // namespace

bus::result<std::shared_ptr<replay_gate>> replay_gate::open(bus::bus& on, std::string_view venue, const symbol& s,
                                                            replay_gate_options options,
                                                            std::function<void()> on_progress) {
  std::shared_ptr<replay_gate> gate(new replay_gate(options));
  auto reports = on.subscribe(subjects::control_progress(venue, s),
                              {.queue_group = {}, .queue_limit = 64, .policy = bus::overflow::drop_oldest},
                              [weak = std::weak_ptr(gate), on_progress = std::move(on_progress)] {
                                // Drained here, or the next report would not be announced.
                                if (const auto self = weak.lock()) {
                                  const std::lock_guard lock(self->mutex_);
                                  self->take_reports();
                                }
                                if (on_progress) on_progress();
                              });
  if (!reports) return std::unexpected(reports.error());
  const std::lock_guard lock(gate->mutex_);
  gate->reports_ = std::move(*reports);
  return gate;
}

void replay_gate::take_reports() {
  if (!reports_) return;
  batch_.clear();
  while (reports_->drain(batch_, 64) == 64) {}
  for (const bus::message& m : batch_) {
    const auto report = wire::decode_progress(m.bytes());
    const bool known = report && (done_.contains(report->body.participant) || done_.size() < participants_max);
    if (!known || report->header.heartbeat) {
      rejected_ += known ? 0 : 1;
      continue;
    }
    timestamp& done = done_.emplace(report->body.participant, start_of_time).first->second;
    if (report->body.done_until > done) held_since_ = std::chrono::steady_clock::now();
    done = std::max(done, report->body.done_until);
  }
  if (!done_.empty()) done_until_ = std::ranges::min(std::views::values(done_));
}

bool replay_gate::allowed(timestamp next) {
  const std::lock_guard lock(mutex_);
  take_reports();
  first_ = std::min(first_, next);
  // Compared as a distance: done_until may be the end of time.
  const timestamp from = done_until_ == start_of_time ? first_ : done_until_;
  const bool may = next <= from || (next - from) <= milliseconds(options_.lead_ms);
  if (!may && !held_) held_since_ = std::chrono::steady_clock::now();
  held_ = !may;
  return may;
}

std::string replay_gate::waiting_too_long() {
  const std::lock_guard lock(mutex_);
  take_reports();
  const auto since = std::chrono::steady_clock::now() - held_since_;
  if (!held_ || since < options_.waiting_too_long) return {};
  return "replay waits for control.progress since " +
         std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(since).count()) + " ms";
}

timestamp replay_gate::done_until() {
  const std::lock_guard lock(mutex_);
  take_reports();
  return done_until_;
}

std::uint64_t replay_gate::rejected() {
  const std::lock_guard lock(mutex_);
  return rejected_;
}

}  // namespace isobar::service
