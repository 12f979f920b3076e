#pragma once
#include <cstdint>
#include <string>

#include "heatmap-builder/domain/history.hpp"
#include "heatmap-builder/domain/surface.hpp"
#include "heatmap-builder/domain/theory.hpp"

namespace isobar::config {
class schema;
}

namespace isobar::heatmap_builder {

/// Options of heatmap-builder; see its README.
struct options {
  std::int64_t stale_ms = 0;
  bool gradient = true;
  bool kv = true;
  std::int64_t kv_interval_ms = 1000;
  std::int64_t history_bytes_max = 64 << 20;
  std::int64_t history_ms = 600'000;
  std::int64_t keyframe_every = 64;
  std::int64_t held_windows_max = 256;
  std::int64_t held_rows_max = 1 << 20;
  std::int64_t queue_frames_max = 4096;
  std::int64_t resync_ms = 250;
  std::int64_t resync_ms_max = 10'000;
  std::int64_t streams_max = 256;
  std::int64_t stream_stall_ms = 10'000;
  std::int64_t ready_within_ms = 10'000;
  std::int64_t checkpoint_windows = 25;
  std::int64_t checkpoint_ms_min = 1000;
  double rate = 0.05;
  double vix = 0;

  /// Declares every option as "heatmap-builder.<name>".
  void declare(config::schema& s);
  /// Empty when the options agree; otherwise what does not.
  std::string validate() const;

  surface_limits surface() const;
  history_limits history() const;
  theory_options theory() const;
  duration_ns stale_after() const { return milliseconds(stale_ms); }
  /// Id of the assumptions that every answer carries: price rule, staleness limit, theoretical model.
  std::string assumptions() const;
};

}  // namespace isobar::heatmap_builder
