#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/date.hpp"
#include "core/error.hpp"
#include "radar-physics/domain/calibration.hpp"

namespace isobar::radar_physics {

/// Calibration files: JSON,
///   {"id": "sessions/2023-12-25..2023-12-29/5/0f3a...", "sessions": ["2023-12-25", ...],
///    "metrics": {"pull_add_log": {"q05": -1.79, "q95": 1.61}, ...}}
/// with every metric of domain/calibration.hpp. Numbers are written so that they read back to the same double.
enum class calibration_errc { unreadable, malformed, bad_value };

/// Evidence names the field: "metrics.wall_strength_log.q95: not above q05".
result<calibration_table, calibration_errc> parse_calibration(std::string_view json);
/// The last of the sessions named, nothing when there is none. Evidence: "sessions: \"x\" is not a date".
result<std::optional<date>, calibration_errc> parse_last_session(std::string_view json);

/// A table and the last session that it is made from: in it and before it the table knows what was still to come.
struct stored_calibration {
  calibration_table table;
  std::optional<date> last_session;  ///< nothing: the file names none
};
/// Both, with the file's name before the evidence.
result<stored_calibration, calibration_errc> read_calibration_file(const std::filesystem::path& file);
std::string format_calibration(const calibration_table& table, const std::vector<std::string>& sessions);

}  // namespace isobar::radar_physics
