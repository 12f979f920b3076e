#include "heatmap-builder/config.hpp"

#include "config/config.hpp"
#include "core/decimal.hpp"

namespace isobar::heatmap_builder {
namespace {

std::string decimal(double v) { return format_nanos(static_cast<std::int64_t>(v * 1e9 + (v < 0 ? -0.5 : 0.5))); }

}  // namespace

void options::declare(config::schema& s) {
  const auto name = [](const char* option) { return std::string("heatmap-builder.") + option; };
  s.option(name("stale-ms"), stale_ms, "Age at which a leg's quote is stale, ms of event time; 0: never", 0,
           86'400'000);
  s.option(name("gradient"), gradient, "Publish the adjacent change of every tile for the colorizer");
  s.option(name("kv"), kv, "Keep the latest models in the key-value bucket \"heatmap\"");
  s.option(name("kv-interval-ms"), kv_interval_ms, "Least event time between two writes of a model, ms", 0, 3'600'000);
  s.option(name("history-bytes-max"), history_bytes_max, "Bytes of history kept per symbol", 0, std::int64_t{16} << 30);
  s.option(name("history-ms"), history_ms, "Event time of history kept per symbol, ms", 0, 86'400'000);
  s.option(name("keyframe-every"), keyframe_every, "Changes of a plane between two keyframes of the history", 1,
           100'000);
  s.option(name("held-windows-max"), held_windows_max, "Windows held while their epoch is not known yet", 1, 100'000);
  s.option(name("held-rows-max"), held_rows_max, "Rows of held windows", 1, 100'000'000);
  s.option(name("queue-frames-max"), queue_frames_max, "Frames queued per subscription and symbol", 1, 1'000'000);
  s.option(name("resync-ms"), resync_ms, "First wait between two requests for a base window, ms; doubles", 10, 60'000);
  s.option(name("resync-ms-max"), resync_ms_max, "Longest wait between two requests for a base window, ms", 10,
           600'000);
  s.option(name("streams-max"), streams_max, "StreamSurface subscribers at a time", 1, 100'000);
  s.option(name("stream-stall-ms"), stream_stall_ms, "Time after which a subscriber that does not read is ended, ms",
           100, 600'000);
  s.option(name("ready-within-ms"), ready_within_ms, "Ready only if every symbol heard of its input within this, ms",
           100, 3'600'000);
  s.option(name("checkpoint-windows"), checkpoint_windows, "With --shard: windows between two checkpoints; 0: none", 0,
           1'000'000);
  s.option(name("checkpoint-ms-min"), checkpoint_ms_min, "With --shard: least time between two checkpoints, ms", 0,
           3'600'000);
  s.option(name("rate"), rate, "Interest rate of theoretical prices, per year, decimal", -0.5, 1.0);
  s.option(name("vix"), vix, "Volatility index that picks the skew's regime; 0: each plane's own base volatility", 0,
           500);
}

std::string options::validate() const {
  if (resync_ms > resync_ms_max) return "heatmap-builder.resync-ms is above heatmap-builder.resync-ms-max";
  return {};
}

surface_limits options::surface() const { return {.stale_after = stale_after()}; }

history_limits options::history() const {
  return {.bytes_max = static_cast<std::size_t>(history_bytes_max),
          .age_max = milliseconds(history_ms),
          .keyframe_every = static_cast<std::uint32_t>(keyframe_every)};
}

theory_options options::theory() const { return {.rate = rate, .vix = vix}; }

std::string options::assumptions() const {
  return "price=mid-floor;stale-ms=" + std::to_string(stale_ms) + ";theory=black-scholes-skew-1,rate=" + decimal(rate) +
         ",vix=" + (vix > 0 ? decimal(vix) : "own") + ",dividend=0";
}

}  // namespace isobar::heatmap_builder
