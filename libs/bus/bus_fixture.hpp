#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "bus/local_bus.hpp"
#include "bus/nats_bus.hpp"
#include "testing/eventually.hpp"
#include "testing/nats_server.hpp"

namespace isobar::bus::testing {

using isobar::testing::eventually;
using isobar::testing::nats_server;

/// A subscription together with what it delivered so far.
class collector {
 public:
  collector(bus& on, std::string_view pattern, subscribe_options options = {}) {
    auto made = on.subscribe(pattern, std::move(options), [this] { ++ready_; });
    if (!made) throw std::runtime_error(made.error().evidence);
    subscription_ = std::move(*made);
  }
  /// Drains until `n` messages came, or ten seconds passed.
  bool wait_for(std::size_t n) {
    return eventually([&] {
      subscription_->drain(messages_, 1000);
      return messages_.size() >= n;
    });
  }
  /// Drains without waiting.
  void drain() { subscription_->drain(messages_, 1'000'000); }
  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const message& m : messages_) out.emplace_back(m.bytes());
    return out;
  }
  const std::vector<message>& messages() const { return messages_; }
  int ready() const { return ready_; }
  subscription_stats stats() const { return subscription_->stats(); }
  void end() { subscription_.reset(); }

 private:
  std::atomic<int> ready_{0};
  std::vector<message> messages_;
  std::unique_ptr<subscription> subscription_;
};

/// Publishes and flushes; throws what the bus refuses.
inline void send(bus& on, std::string_view subject, std::string payload) {
  if (auto ok = on.publish(subject, std::move(payload)); !ok) throw std::runtime_error(ok.error().evidence);
  if (auto ok = on.flush(); !ok) throw std::runtime_error(ok.error().evidence);
}

inline std::unique_ptr<bus> connect(const nats_server& server, nats_options options = {}) {
  options.url = server.url();
  options.reconnect_wait = std::chrono::milliseconds(20);
  options.reconnect_wait_max = std::chrono::milliseconds(200);
  auto made = make_nats_bus(std::move(options));
  if (!made) throw std::runtime_error(made.error().evidence);
  return std::move(*made);
}

}  // namespace isobar::bus::testing
