#include "radar-physics/transport/radar_recording.hpp"

#include "isobar/radar/v1/radar.pb.h"

namespace isobar::radar_physics {
namespace {

/// Ends of the windows behind a frame of any kind but levels.
template <class Message>
std::optional<kept_frame> read_frame(std::shared_ptr<const std::string> bytes, duration_ns window) {
  Message m;
  if (!m.ParseFromString(*bytes)) return std::nullopt;
  return kept_frame{.first_end = timestamp{m.window().window_start_ns()} + window,
                    .last_end = {m.window().window_end_ns()},
                    .ordinal = m.header().sequence(),
                    .bytes = std::move(bytes)};
}

std::optional<kept_frame> read_levels(std::shared_ptr<const std::string> bytes) {
  radar::v1::LevelStates m;
  if (!m.ParseFromString(*bytes)) return std::nullopt;
  return kept_frame{.first_end = {m.as_of_ns()},
                    .last_end = {m.as_of_ns()},
                    .ordinal = m.header().sequence(),
                    .bytes = std::move(bytes)};
}

}  // namespace

std::size_t preload(radar_store& store, const std::filesystem::path& folder, const recording_place& place,
                    duration_ns window) {
  using subjects::kind;
  auto index = service::recording_index::open(folder, recording_stem, place);
  if (!index) return 0;
  const store_limits& limits = store.limits();
  return index->load(kind::radar_column, store.columns, limits.windows, limits.history_bytes,
                     [&](auto b) { return read_frame<radar::v1::RadarColumn>(std::move(b), window); }) +
         index->load(kind::radar_features, store.features, limits.windows, limits.history_bytes,
                     [&](auto b) { return read_frame<radar::v1::FeatureVector>(std::move(b), window); }) +
         index->load(kind::radar_surfaces, store.surfaces, limits.windows, limits.surface_bytes,
                     [&](auto b) { return read_frame<radar::v1::MediumSurface>(std::move(b), window); }) +
         index->load(kind::radar_breakthrough, store.breakthroughs, limits.breakthroughs, limits.history_bytes,
                     [&](auto b) { return read_frame<radar::v1::Breakthrough>(std::move(b), window); }) +
         index->load(kind::radar_levels, store.levels, 1, limits.history_bytes,
                     [](auto b) { return read_levels(std::move(b)); });
}

}  // namespace isobar::radar_physics
