#include "radar-physics/app.hpp"

#include <gtest/gtest.h>

#include "radar-physics/app_fixture.hpp"
#include "radar-physics/domain/engine.hpp"
#include "radar-physics/transport/radar_encoder.hpp"

namespace isobar::radar_physics {
namespace {

using namespace fixture;
namespace pb = radar::v1;

const std::string columns = subjects::radar_column("sim", es());

/// What the domain alone makes of the records, as the column frames it should become.
struct expected_columns final : radar_sink {
  radar_encoder encoder{es(), {}};
  std::vector<std::string> frames;
  expected_columns() { encoder.set_source(market::quality::synthetic); }
  void on_window(const window_outputs& out) override {
    const auto extent = encoder.extent(out.window, out.column);
    frames.push_back(encoder.column(out, {.producer = "radar-physics",
                                          .sequence = frames.size() + 1,
                                          .ts_first = extent.ts_first,
                                          .ts_last = extent.ts_last,
                                          .quality = extent.quality,
                                          .watermark = extent.watermark}));
  }
  void on_levels(const level_outputs&) override {}
};

TEST(RadarPhysics, PublishesWhatTheDomainMakesWhateverTheFrames) {
  const auto events = session(20);
  expected_columns expected;
  radar_engine engine({}, false);
  for (const book_event& e : events) engine.apply(e, expected);
  engine.advance(end_of_time, expected);
  ASSERT_EQ(expected.frames.size(), 20u);
  for (const std::size_t records : {1u, 64u, 5'000u}) {
    isobar::testing::temp_dir data;
    running_radar radar(data.path());
    feed source(radar.on(), frames_of(events, records));
    source.send_all();
    source.end();
    ASSERT_TRUE(radar.ended());
    const auto& got = radar.out().of(columns);
    ASSERT_EQ(got.size(), expected.frames.size()) << records;
    for (const auto& [sequence, bytes] : got) EXPECT_EQ(bytes, expected.frames[sequence - 1]) << sequence;
    EXPECT_EQ(radar.out().of(subjects::radar_surfaces("sim", es())).size(), 20u);
    EXPECT_EQ(radar.out().of(subjects::radar_features("sim", es())).size(), 20u);
    EXPECT_EQ(radar.reported().done_until, end_of_time);
    EXPECT_EQ(radar.reported().participant, "radar-physics");
    EXPECT_EQ(radar.reported().input_sequence, source.size());
  }
}

}  // namespace
}  // namespace isobar::radar_physics
