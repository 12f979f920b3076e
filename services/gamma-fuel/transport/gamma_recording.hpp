#pragma once
#include "gamma-fuel/transport/gamma_store.hpp"
#include "service/session_recorder.hpp"

/// Recordings of a worker: every frame of its gex and level subjects (service/session_recorder.hpp) in
/// <data-dir>/gamma-fuel/<symbol token>/gamma-YYYYMMDD.rec.
namespace isobar::gamma_fuel {

inline constexpr std::string_view recording_stem = "gamma-";

class gamma_recorder final : public service::session_recorder {
 public:
  gamma_recorder(std::filesystem::path folder, service::session_rule rule)
      : session_recorder(std::move(folder), std::string(recording_stem), rule) {}
};

/// Fills a store's history from the first `place.bytes` of the session's recording; expiries by strike are not
/// recorded. Returns the frames loaded.
std::size_t preload(gamma_store& store, const std::filesystem::path& folder, const service::recording_place& place);

}  // namespace isobar::gamma_fuel
