#include "gamma-fuel/transport/gamma_recording.hpp"

#include "isobar/gex/v1/gex.pb.h"
#include "isobar/level/v1/level.pb.h"
#include "isobar/level/v1/signal.pb.h"

namespace isobar::gamma_fuel {
namespace {

using frame_bytes = std::shared_ptr<const std::string>;

/// `end_of` says which instant a frame is of.
template <class Message, class EndOf>
auto reader(EndOf end_of) {
  return [end_of](frame_bytes bytes) -> std::optional<service::kept_frame> {
    Message m;
    if (!m.ParseFromString(*bytes)) return std::nullopt;
    const timestamp end{end_of(m)};
    return service::kept_frame{
        .first_end = end, .last_end = end, .ordinal = m.header().sequence(), .bytes = std::move(bytes)};
  };
}

}  // namespace

std::size_t preload(gamma_store& store, const std::filesystem::path& folder, const service::recording_place& place) {
  using subjects::kind;
  auto index = service::recording_index::open(folder, recording_stem, place);
  if (!index) return 0;
  const store_limits& limits = store.limits();
  const auto as_of = [](const auto& m) { return m.as_of_ns(); };
  return index->load(kind::gex_profile, store.profiles, limits.profiles, limits.profile_bytes,
                     reader<gex::v1::GexProfile>([](const auto& m) { return m.window_end_ns(); })) +
         index->load(kind::level_set, store.levels, 1, gamma_store::level_bytes,
                     reader<level::v1::LevelSet>([](const auto& m) { return m.effective_ns(); })) +
         index->load(kind::level_signals, store.signals, 1, gamma_store::signal_bytes,
                     reader<level::v1::LevelSignals>(as_of)) +
         index->load(kind::level_alert, store.alerts, limits.alerts, gamma_store::alert_bytes,
                     reader<level::v1::Alert>(as_of));
}

}  // namespace isobar::gamma_fuel
