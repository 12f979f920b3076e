#include "radar-physics/transport/recorded_fit.hpp"

#include <gtest/gtest.h>

#include "radar-physics/app_fixture.hpp"
#include "radar-physics/domain/engine.hpp"
#include "radar-physics/transport/calibration_file.hpp"

namespace isobar::radar_physics {
namespace {

using namespace fixture;

struct fitting_sink final : radar_sink {
  calibration_fit fit;
  std::uint64_t windows = 0;
  void on_window(const window_outputs& out) override {
    fit.add(out.surface, &out.column, nullptr, out.window.span);
    windows += out.window.span;
  }
  void on_levels(const level_outputs&) override {}
};

TEST(RecordedFit, GivesWhatTheDomainWouldHaveFitted) {
  const auto events = session(30);
  isobar::testing::temp_dir data;
  {
    running_radar radar(data.path(), {"--radar-physics.record=true"});
    feed source(radar.on(), frames_of(events, 64));
    source.send_all();
    source.end();
    ASSERT_TRUE(radar.ended());
  }
  fitting_sink expected;
  radar_engine engine({}, false);
  engine.apply(events, expected);
  engine.advance(end_of_time, expected);

  const auto folder = symbol_folder(data / "radar-physics", es());
  const auto sessions = recorded_sessions(folder);
  ASSERT_EQ(sessions.size(), 1u);
  EXPECT_EQ(to_iso(sessions[0].session), "2025-12-19");
  fit_progress last;
  const auto table = fit_recordings(sessions, [&](const fit_progress& p) { last = p; });
  ASSERT_TRUE(table) << table.error().evidence;
  EXPECT_EQ(last.windows, expected.windows);
  EXPECT_EQ(last.bytes, std::filesystem::file_size(sessions[0].file));
  for (std::size_t m = 0; m < metrics; ++m) {
    const auto bounds = expected.fit.table().bound[m];
    EXPECT_NEAR(table->bound[m].q05, bounds.q05, 1e-6) << to_string(static_cast<metric>(m));
    if (bounds.q95 > bounds.q05) {
      EXPECT_NEAR(table->bound[m].q95, bounds.q95, 1e-6) << to_string(static_cast<metric>(m));
    }
  }
  EXPECT_EQ(table->id.substr(0, 22), "sessions/2025-12-19/1/");
  EXPECT_TRUE(parse_calibration(format_calibration(*table, {"2025-12-19"})));

  // And it is what a worker then uses and says.
  const auto file = data.write("es.json", format_calibration(*table, {"2025-12-19"}));
  isobar::testing::temp_dir other;
  running_radar radar(other.path(), {"--radar-physics.calibration=" + file.string()});
  auto later = session(5);  // it is of no use to the session that it comes from
  for (auto& e : later)
    if (!e.has(market::event_flag::snapshot)) e.ts_event = e.ts_event + seconds(86'400);
  feed source(radar.on(), frames_of(later, 64));
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  radar::v1::RadarColumn c;
  ASSERT_TRUE(c.ParseFromString(radar.out().of(subjects::radar_column("sim", es())).at(5)));
  EXPECT_EQ(c.window().calibration(), table->id);

  std::filesystem::resize_file(sessions[0].file, std::filesystem::file_size(sessions[0].file) - 1);
  EXPECT_EQ(fit_recordings(sessions, [](const fit_progress&) {}).error().code, fit_errc::unreadable);
  EXPECT_EQ(fit_recordings({}, [](const fit_progress&) {}).error().code, fit_errc::nothing);
}

TEST(RecordedFit, TakesTheNewestSessionsBeforeADay) {
  std::vector<session_file> all;
  for (int d = 1; d <= 5; ++d) all.push_back({*make_date(2024, 1, static_cast<unsigned>(d)), {}});
  const auto picked = sessions_before(all, *make_date(2024, 1, 5), 2);
  ASSERT_EQ(picked.size(), 2u);
  EXPECT_EQ(to_iso(picked[0].session), "2024-01-03");
  EXPECT_EQ(to_iso(picked[1].session), "2024-01-04");
  EXPECT_TRUE(sessions_before(all, *make_date(2024, 1, 1), 2).empty());
}

TEST(RadarRecording, SessionsBeginInTheDailyBreak) {
  const session_rule globex;
  EXPECT_EQ(to_iso(globex.of(*parse_iso_timestamp("2023-12-25T21:59:59.999999999Z"))), "2023-12-25");
  EXPECT_EQ(to_iso(globex.of(*parse_iso_timestamp("2023-12-25T22:00:00Z"))), "2023-12-26");
  EXPECT_EQ(to_iso(session_rule{0}.of(*parse_iso_timestamp("2023-12-25T22:00:00Z"))), "2023-12-25");
}

}  // namespace
}  // namespace isobar::radar_physics
