#pragma once
#include <string>

#include "isobar/radar/v1/radar.pb.h"
#include "radar-physics/domain/outputs.hpp"
#include "radar-physics/domain/radar_config.hpp"
#include "service/publisher.hpp"

namespace isobar::radar_physics {

/// Outputs of the domain as frames of the radar subjects. Same outputs, same bytes. Keeps its messages from call to
/// call; one per worker.
class radar_encoder {
 public:
  /// `source`: quality of everything that comes of a synthetic feed is at least synthetic.
  radar_encoder(const symbol& name, const radar_config& rules);
  void set_source(market::quality source) { source_ = source; }

  std::string surface(const window_outputs& out, wire::frame_info info);
  std::string column(const window_outputs& out, wire::frame_info info);
  std::string features(const window_outputs& out, wire::frame_info info);
  std::string crossing(const window_outputs& out, const breakthrough& b, wire::frame_info info);
  std::string levels(const level_outputs& out, wire::frame_info info);

  /// Header of the window's frames: its times, the watermark at its end, how far it can be trusted.
  service::frame_extent extent(const window_info& w) const;
  /// The column's own: also stale when an input from the side is.
  service::frame_extent extent(const window_info& w, const radar_column& c) const;
  service::frame_extent extent(const level_outputs& out, timestamp watermark) const;

 private:
  void write(const window_info& from, radar::v1::Window& to) const;

  std::string symbol_, assumptions_;
  std::int64_t tick_;
  int bucket_ticks_;
  market::quality source_ = market::quality::ok;
  radar::v1::MediumSurface surface_;
  radar::v1::RadarColumn column_;
  radar::v1::FeatureVector features_;
  radar::v1::LevelStates levels_;
};

/// How far a window can be trusted, as frames say it: gap, resyncing (partial or in snapshot), crossed in feed, ok.
market::quality quality_of(const window_info& w);

}  // namespace isobar::radar_physics
