#pragma once
#include <atomic>
#include <functional>

#include "market/window.hpp"
#include "service/frame_history.hpp"

namespace isobar::gamma_fuel {

struct store_limits {
  std::size_t profiles = 7'200;           ///< landscapes
  std::size_t profile_bytes = 48u << 20;  ///< of landscapes
  std::size_t expiry_bytes = 24u << 20;   ///< of their expiries by strike
  std::size_t alerts = 1'000;
};

/// One symbol's outputs as readers see them: written by its worker, read by any thread without asking the worker.
/// What is kept is immutable. Survives the worker's restarts.
class gamma_store {
 public:
  /// Of alerts; of the newest levels; of the newest signals.
  static constexpr std::size_t alert_bytes = 2u << 20, level_bytes = 1u << 20, signal_bytes = 4u << 20;

  explicit gamma_store(store_limits limits)
      : profiles(limits.profiles, limits.profile_bytes),
        expiries(limits.profiles, limits.expiry_bytes),
        levels(1, level_bytes),
        signals(signals_max, signal_bytes),
        alerts(limits.alerts, alert_bytes),
        limits_(limits) {}

  /// Frames as published, by the end of their window: gex.profile, level.set (by `effective`), level.signals and
  /// level.alert (by `as_of`). `expiries`: gamma_encoder::expiries() of the profile with the same ordinal and end.
  service::frame_history profiles, expiries, levels, signals, alerts;

  /// Worker only: after each batch. Wakes streams.
  void publish(timestamp profiles_until, timestamp signals_until) {
    profiles_until_ = profiles_until.ns;
    signals_until_ = signals_until.ns;
    if (listener_) listener_();
  }
  /// Called from the worker's thread after each publish(); must be quick. Set once, before the worker starts.
  void on_change(std::function<void()> listener) { listener_ = std::move(listener); }
  /// What readers hold is of another run from now on.
  void clear() {
    ++life_;
    for (service::frame_history* h : {&profiles, &expiries, &levels, &signals, &alerts}) h->clear();
  }

  /// Runs so far: frames are numbered anew in each. Read it before what it is about.
  std::uint64_t life() const { return life_; }
  /// Nothing older will be given any more.
  timestamp profiles_until() const { return {profiles_until_}; }
  timestamp signals_until() const { return {signals_until_}; }
  /// Nothing was given yet.
  bool empty() const { return profiles.size() + levels.size() + signals.size() == 0; }
  std::size_t bytes() const {
    return profiles.bytes() + expiries.bytes() + levels.bytes() + signals.bytes() + alerts.bytes();
  }
  /// Bound of bytes().
  std::size_t bytes_max() const {
    return limits_.profile_bytes + limits_.expiry_bytes + alert_bytes + level_bytes + signal_bytes;
  }
  const store_limits& limits() const { return limits_; }

 private:
  /// Streams of signals follow so far behind before they skip: 15 s.
  static constexpr std::size_t signals_max = 60;

  const store_limits limits_;
  std::atomic<std::int64_t> profiles_until_{INT64_MIN}, signals_until_{INT64_MIN};
  std::atomic<std::uint64_t> life_{0};
  std::function<void()> listener_;
};

}  // namespace isobar::gamma_fuel
