#include "service/standby_bus.hpp"

#include <algorithm>

#include "wire/feed_codec.hpp"
#include "wire/frame.hpp"

namespace isobar::service {
namespace {

constexpr std::size_t queue_frames = 8192, batch = 256;

}  // namespace

isobar::bus::result<void> standby_bus::follow() {
  for (const std::string& subject : which_.outputs) {
    auto made = subscribe(subject, {.queue_limit = queue_frames}, [this] { listen(); });
    if (!made) return std::unexpected(made.error());
    const std::lock_guard lock(listening_);
    heard_.push_back(std::move(*made));
  }
  listen();
  return {};
}

void standby_bus::listen() {
  const std::lock_guard order(listening_);
  std::vector<isobar::bus::message> messages;
  for (const auto& from : heard_)
    while (from->drain(messages, batch) == batch) {}
  const std::lock_guard lock(mutex_);
  for (const auto& m : messages) {
    const auto header = wire::peek_header(m.bytes());
    if (header && !header->heartbeat) ledger_.seen(m.subject, header->ts_last, m.bytes());
  }
}

bool standby_bus::agrees() {
  listen();
  const std::lock_guard lock(mutex_);
  return ledger_.agrees();
}

std::size_t standby_bus::held_bytes() const {
  const std::lock_guard lock(mutex_);
  return ledger_.bytes();
}

bool standby_bus::is_output(std::string_view subject) const {
  return std::ranges::find(which_.outputs, subject) != which_.outputs.end();
}

isobar::bus::result<void> standby_bus::publish(std::string_view subject, std::string payload) {
  const std::string name(subject);
  std::unique_lock lock(mutex_);
  if (standing_by_) {
    if (name == which_.requests) {
      const auto asked = wire::decode_refill_request(payload);
      if (!asked || asked->purpose != wire::refill_purpose::want) return {};
      lock.unlock();
      return inner_->publish(subject, std::move(payload));
    }
    keep(name, std::move(payload));
    return {};
  }
  if (is_output(subject)) {
    const auto header = wire::peek_header(payload);
    const bool said =
        header && (header->heartbeat ? ledger_.behind(name) : ledger_.published(name, header->ts_last, payload));
    if (said) return {};
  }
  lock.unlock();
  return inner_->publish(subject, std::move(payload));
}

void standby_bus::keep(const std::string& subject, std::string payload) {
  if (is_output(subject)) {
    const auto header = wire::peek_header(payload);
    if (header && !header->heartbeat) return ledger_.made(subject, header->ts_last, std::move(payload));
  }
  last_said_[subject] = std::move(payload);
}

/// No callback of theirs runs any more when it returns.
void standby_bus::hear_no_more() {
  std::vector<std::unique_ptr<isobar::bus::subscription>> ended;  // their destructors wait for callbacks, which lock
  {
    const std::lock_guard lock(listening_);
    ended.swap(heard_);
  }
}

bool standby_bus::promote() {
  listen();
  // What would be heard from now on is our own.
  hear_no_more();
  {
    const std::lock_guard lock(mutex_);
    if (!ledger_.agrees()) return false;
    for (auto& f : ledger_.release()) (void)inner_->publish(f.subject, std::move(f.payload));
    for (auto& [subject, payload] : last_said_)
      if (!ledger_.behind(subject)) (void)inner_->publish(subject, std::move(payload));
    last_said_.clear();
    standing_by_ = false;
  }
  (void)flush();
  return true;
}

}  // namespace isobar::service
