#pragma once
#include <functional>
#include <vector>

#include "radar-physics/domain/calibration_fit.hpp"
#include "radar-physics/transport/radar_recording.hpp"

namespace isobar::radar_physics {

/// How far a fit has come in one session.
struct fit_progress {
  date session;
  std::uint64_t windows = 0, frames = 0, bytes = 0;  ///< windows: those of spans included
};

enum class fit_errc {
  unreadable,  ///< a recording cannot be read or is damaged
  malformed,   ///< a frame in it is none
  nothing,     ///< no window in any of them
};

/// Rows of a recorded radar.surfaces frame as the fit needs them: ratios and logarithms from the lots, exactly; the
/// differences of pull_add_log as recorded (32-bit floats). False when the frame is none.
bool read_surface(std::string_view bytes, medium_surface& into, std::uint32_t& span);
/// The masses of a recorded radar.column frame.
bool read_column(std::string_view bytes, radar_column& into, std::uint32_t& span);

/// Fits a table from recorded sessions, oldest first; `report` after about every thousand windows and at each session's
/// end. Metrics that never vary get bounds of width 1, as norm() takes them. gex_abs keeps the bootstrap's bounds:
/// recordings of the radar hold no GEX.
result<calibration_table, fit_errc> fit_recordings(const std::vector<session_file>& sessions,
                                                   const std::function<void(const fit_progress&)>& report);

/// The newest `count` of the sessions before `before`.
std::vector<session_file> sessions_before(std::vector<session_file> all, date before, std::size_t count);

}  // namespace isobar::radar_physics
