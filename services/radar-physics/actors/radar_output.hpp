#pragma once
#include <array>
#include <memory>
#include <optional>

#include "radar-physics/actors/checkpoint.hpp"
#include "radar-physics/domain/engine.hpp"
#include "radar-physics/metrics.hpp"
#include "radar-physics/transport/radar_encoder.hpp"
#include "radar-physics/transport/radar_recording.hpp"
#include "radar-physics/transport/radar_store.hpp"
#include "service/publisher.hpp"
#include "wire/feed_codec.hpp"

namespace isobar::radar_physics {

/// Where a worker's outputs go: encoded once, then recorded, kept for queries and published. Not thread-safe.
class radar_output final : public radar_sink {
 public:
  struct places {
    bus::bus& bus;
    std::string venue;
    symbol name;
    radar_store& store;
    radar_metrics& measured;
    std::unique_ptr<radar_recorder> recorder;  ///< may be null
    std::size_t kept_bytes = 0;                ///< of frames of radar.levels kept for gamma-fuel
  };
  radar_output(places to, const radar_config& rules);

  void on_window(const window_outputs& out) override;
  void on_levels(const level_outputs& out) override;

  /// Other rules from now on (tick).
  void set_rules(const radar_config& rules);
  void set_source(market::quality source);
  market::quality source() const { return source_; }

  /// Windows (spans count as one) given since start; the last one's end and anchor.
  std::uint64_t windows() const { return windows_; }
  const std::optional<window_info>& last() const { return last_; }
  market::quality quality() const { return last_ ? market::worst(source_, quality_of(*last_)) : source_; }

  /// Carries `watermark` forward on the subjects that have said less.
  void heartbeat(timestamp watermark, market::quality quality, bool even_without_news);

  std::array<std::uint64_t, outputs> sequences() const;
  void resume(const std::array<std::uint64_t, outputs>& sequences);
  radar_recorder* recorder() { return to_.recorder.get(); }

  /// feed.resync: gives kept frames of radar.levels again, or forgets them. Other subjects: nothing.
  void answer(const wire::refill_request& asked);
  /// Frames of radar.levels that gamma-fuel may still ask for.
  service::frame_keeper& kept() { return *publishers_[static_cast<std::size_t>(output::levels)].keeper(); }

 private:
  template <class Encode>
  void give(output which, frame_history& history, const service::frame_extent& extent, timestamp first_end,
            timestamp end, Encode encode);

  places to_;
  duration_ns window_;
  radar_encoder encoder_;
  market::quality source_ = market::quality::ok;
  std::vector<service::publisher> publishers_;
  std::array<timestamp, outputs> told_;  ///< last watermark on each subject
  std::optional<window_info> last_;
  std::uint64_t windows_ = 0;
};

}  // namespace isobar::radar_physics
