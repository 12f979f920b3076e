#pragma once
#include <atomic>
#include <functional>

#include "market/window.hpp"
#include "service/frame_history.hpp"

namespace isobar::radar_physics {

using service::frame_history;
using service::kept_frame;

struct store_limits {
  std::size_t windows = 7'200;            ///< columns and feature vectors
  std::size_t history_bytes = 16u << 20;  ///< of columns, and of feature vectors
  std::size_t surface_bytes = 32u << 20;
  std::size_t breakthroughs = 1'000;
  std::size_t columns = 60;  ///< of an answer that asks for none
};

/// One symbol's outputs as readers see them: written by its worker, read by any thread without asking the worker.
/// Survives the worker's restarts.
class radar_store {
 public:
  /// Of breakthroughs; of those and levels.
  static constexpr std::size_t breakthrough_bytes = 4u << 20, small_bytes = 5u << 20;

  explicit radar_store(store_limits limits)
      : columns(limits.windows, limits.history_bytes),
        features(limits.windows, limits.history_bytes),
        surfaces(limits.windows, limits.surface_bytes),
        breakthroughs(limits.breakthroughs, breakthrough_bytes),
        levels(1, small_bytes - breakthrough_bytes),
        limits_(limits) {}

  frame_history columns, features, surfaces, breakthroughs, levels;

  /// Worker only: after each batch. Wakes streams when a window closed.
  void publish(timestamp watermark, market::quality quality, std::uint64_t breakthroughs_total) {
    watermark_ = watermark.ns;
    quality_ = quality;
    breakthroughs_total_ = breakthroughs_total;
    if (listener_) listener_();
  }
  /// Called from the worker's thread after each publish(); must be quick. Set once, before the worker starts.
  void on_change(std::function<void()> listener) { listener_ = std::move(listener); }
  /// What readers hold is of another run from now on.
  void clear() {
    ++life_;
    for (frame_history* h : {&columns, &features, &surfaces, &breakthroughs, &levels}) h->clear();
  }

  /// Runs so far: columns are numbered anew in each. Read it before what it is about.
  std::uint64_t life() const { return life_; }
  timestamp watermark() const { return {watermark_}; }
  market::quality quality() const { return quality_; }
  std::uint64_t breakthroughs_total() const { return breakthroughs_total_; }
  const store_limits& limits() const { return limits_; }

 private:
  const store_limits limits_;
  std::atomic<std::int64_t> watermark_{INT64_MIN};
  std::atomic<market::quality> quality_{market::quality::ok};
  std::atomic<std::uint64_t> breakthroughs_total_{0};
  std::atomic<std::uint64_t> life_{0};
  std::function<void()> listener_;
};

}  // namespace isobar::radar_physics
