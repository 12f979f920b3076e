#include "radar-physics/transport/recorded_fit.hpp"

#include <cmath>

#include "isobar/radar/v1/radar.pb.h"
#include "wire/subjects.hpp"

namespace isobar::radar_physics {
namespace {

constexpr std::uint64_t windows_between_reports = 1'000;

bool good(const radar::v1::MediumSurface& m) {
  const int n = m.rel_tick_delta_size();
  return m.has_window() && m.depth_start_lots_size() == n && m.added_lots_size() == n &&
         m.depth_rest_lots_size() == n && m.pulled_rest_lots_size() == n && m.d1_depth_size() == n &&
         m.d2_pull_add_log_size() == n;
}

/// One session's recording into the fit.
result<void, fit_errc> add_session(const session_file& from, calibration_fit& fit,
                                   const std::function<void(const fit_progress&)>& report) {
  auto opened = service::frame_log_reader::open(from.file);
  if (!opened) return fail(fit_errc::unreadable, opened.error().evidence);
  service::frame_log_reader& reader = **opened;
  fit_progress at{.session = from.session};
  std::string bytes;
  medium_surface surface;
  radar_column column;
  std::uint64_t reported = 0;
  while (reader.next()) {
    const auto subject = subjects::parse(reader.subject());
    ++at.frames;
    at.bytes = reader.next_offset();
    const bool is_surface = subject && subject->kind == subjects::kind::radar_surfaces;
    if (!is_surface && !(subject && subject->kind == subjects::kind::radar_column)) continue;
    if (auto ok = reader.read(bytes); !ok) return fail(fit_errc::unreadable, ok.error().evidence);
    std::uint32_t span = 1;
    if (!(is_surface ? read_surface(bytes, surface, span) : read_column(bytes, column, span)))
      return fail(fit_errc::malformed,
                  from.file.string() + " at byte " + std::to_string(reader.offset()) + ": not a frame of its subject");
    if (is_surface) {
      fit.add(surface, nullptr, nullptr, span);
      at.windows += span;
    } else {
      fit.add({}, &column, nullptr, span);
    }
    if (at.windows - reported >= windows_between_reports) {
      reported = at.windows;
      report(at);
    }
  }
  if (!reader.error().empty()) return fail(fit_errc::unreadable, reader.error());
  report(at);
  return {};
}

}  // namespace

bool read_surface(std::string_view bytes, medium_surface& into, std::uint32_t& span) {
  radar::v1::MediumSurface m;
  if (!m.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !good(m)) return false;
  span = m.window().span_windows();
  into.rows.resize(static_cast<std::size_t>(m.rel_tick_delta_size()));
  for (int i = 0; i < m.rel_tick_delta_size(); ++i) {
    medium_row& r = into.rows[static_cast<std::size_t>(i)];
    r.depth_start = m.depth_start_lots(i);
    r.added = m.added_lots(i);
    r.depth_rest = m.depth_rest_lots(i);
    r.pulled_rest = m.pulled_rest_lots(i);
    r.d1_depth = m.d1_depth(i);
    const double start = static_cast<double>(r.depth_start) + 1;
    r.pull_intensity_rest = static_cast<double>(r.pulled_rest) / start;
    r.pull_add_log = std::log((static_cast<double>(r.pulled_rest) + 1) / (static_cast<double>(r.added) + 1));
    r.wall_strength_log = std::log(static_cast<double>(r.depth_rest) + 1);
    r.wall_erosion = static_cast<double>(std::max<std::int64_t>(-r.d1_depth, 0));
    r.erosion_norm_arg = std::log(1 + r.wall_erosion / start);
    r.d2_pull_add_log = static_cast<double>(m.d2_pull_add_log(i));
  }
  return span > 0;
}

bool read_column(std::string_view bytes, radar_column& into, std::uint32_t& span) {
  radar::v1::RadarColumn m;
  if (!m.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !m.has_window()) return false;
  span = m.window().span_windows();
  into.rows.resize(static_cast<std::size_t>(m.mass_size()));
  for (int i = 0; i < m.mass_size(); ++i) into.rows[static_cast<std::size_t>(i)].mass = static_cast<double>(m.mass(i));
  return span > 0;
}

result<calibration_table, fit_errc> fit_recordings(const std::vector<session_file>& sessions,
                                                   const std::function<void(const fit_progress&)>& report) {
  calibration_fit fit;
  for (const session_file& s : sessions) {
    fit.begin_session(to_iso(s.session));
    if (auto ok = add_session(s, fit, report); !ok) return std::unexpected(ok.error());
  }
  if (fit.values(metric::wall_strength_log) == 0) return fail(fit_errc::nothing, "the recordings hold no rows");
  calibration_table out = fit.table();
  for (auto& b : out.bound)
    if (!(b.q95 > b.q05)) b.q95 = b.q05 + 1;
  return out;
}

std::vector<session_file> sessions_before(std::vector<session_file> all, date before, std::size_t count) {
  std::erase_if(all, [before](const session_file& s) { return s.session >= before; });
  if (all.size() > count) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(count));
  return all;
}

}  // namespace isobar::radar_physics
