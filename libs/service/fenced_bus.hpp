#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "bus/bus.hpp"

namespace isobar::service {

/// Whether the worker of one symbol may publish: until a time that its process moves on with its lease, and until it is
/// shut for good. Thread-safe. The clock is read at every question, so that a process that was paused knows at once.
class symbol_gate {
 public:
  /// `valid_until_ns`: steady clock; shared by all symbols of the process.
  explicit symbol_gate(std::shared_ptr<const std::atomic<std::int64_t>> valid_until_ns)
      : valid_until_ns_(std::move(valid_until_ns)) {}

  bool open() const {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return !shut_ && std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() < *valid_until_ns_;
  }
  void shut() { shut_ = true; }

 private:
  const std::shared_ptr<const std::atomic<std::int64_t>> valid_until_ns_;
  std::atomic<bool> shut_{false};
};

/// The bus as a worker of one symbol has it: it publishes only while the gate is open;
/// otherwise that is refused (`closed`) and counted. Everything else passes. `inner` outlives it.
class fenced_bus final : public bus::bus {
 public:
  fenced_bus(isobar::bus::bus& inner, std::shared_ptr<symbol_gate> gate,
             std::shared_ptr<std::atomic<std::uint64_t>> refused)
      : inner_(inner), gate_(std::move(gate)), refused_(std::move(refused)) {}

  isobar::bus::result<void> publish(std::string_view subject, std::string payload) override {
    if (!gate_->open()) return refuse(subject);
    return inner_.publish(subject, std::move(payload));
  }
  isobar::bus::result<void> flush() override { return inner_.flush(); }
  isobar::bus::result<std::unique_ptr<isobar::bus::subscription>> subscribe(std::string_view pattern,
                                                                            isobar::bus::subscribe_options options,
                                                                            std::function<void()> on_ready) override {
    return inner_.subscribe(pattern, std::move(options), std::move(on_ready));
  }
  isobar::bus::result<isobar::bus::message> request(std::string_view subject, std::string payload,
                                                    std::chrono::milliseconds limit) override {
    return inner_.request(subject, std::move(payload), limit);
  }
  void request_async(std::string_view subject, std::string payload, std::chrono::milliseconds limit,
                     std::function<void(isobar::bus::result<isobar::bus::message>)> on_answer) override {
    inner_.request_async(subject, std::move(payload), limit, std::move(on_answer));
  }
  isobar::bus::result<std::shared_ptr<isobar::bus::kv_bucket>> bucket(std::string_view name,
                                                                      isobar::bus::kv_options options) override {
    return inner_.bucket(name, options);
  }
  isobar::bus::result<void> keep(std::string_view name, isobar::bus::stream_options options) override {
    return inner_.keep(name, std::move(options));
  }
  isobar::bus::result<std::shared_ptr<isobar::bus::stream>> kept(std::string_view name) override {
    return inner_.kept(name);
  }
  std::size_t max_payload() const override { return inner_.max_payload(); }
  isobar::bus::bus_stats stats() const override { return inner_.stats(); }
  /// The process's own matter.
  void on_connection(std::function<void(bool)>) override {}
  void close() override {}

 private:
  isobar::bus::result<void> refuse(std::string_view subject) {
    ++*refused_;
    return fail(isobar::bus::errc::closed, std::string(subject) + ": the symbol is held no more");
  }
  isobar::bus::bus& inner_;
  const std::shared_ptr<symbol_gate> gate_;
  const std::shared_ptr<std::atomic<std::uint64_t>> refused_;
};

}  // namespace isobar::service
