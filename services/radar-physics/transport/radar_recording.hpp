#pragma once
#include "radar-physics/transport/radar_store.hpp"
#include "service/session_recorder.hpp"

/// Recordings of a worker: every frame of the radar subjects (service/session_recorder.hpp) in
/// <data-dir>/radar-physics/<symbol token>/radar-YYYYMMDD.rec.
namespace isobar::radar_physics {

using service::recording_place;
using service::session_file;
using service::session_rule;
using service::symbol_folder;

inline constexpr std::string_view recording_stem = "radar-";

/// Oldest first.
inline std::vector<session_file> recorded_sessions(const std::filesystem::path& folder) {
  return service::recorded_sessions(folder, recording_stem);
}

class radar_recorder final : public service::session_recorder {
 public:
  radar_recorder(std::filesystem::path folder, session_rule rule)
      : session_recorder(std::move(folder), std::string(recording_stem), rule) {}
};

/// Fills a store's history from the first `place.bytes` of the session's recording. Returns the frames loaded.
std::size_t preload(radar_store& store, const std::filesystem::path& folder, const recording_place& place,
                    duration_ns window);

}  // namespace isobar::radar_physics
