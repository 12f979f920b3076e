#include "gamma-fuel/transport/gamma_recording.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/transport/gamma_fixture.hpp"
#include "testing/temp_dir.hpp"
#include "wire/subjects.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace fixture;

TEST(GammaRecording, FillsAStoreAgainAsFarAsTheCheckpointSays) {
  isobar::testing::temp_dir folder;
  gamma_recorder recorder(folder.path(), {});
  gamma_encoder encoder(es(), spx(), {});
  service::recording_place after_three;
  for (std::uint64_t n = 1; n <= 5; ++n) {
    const auto p = profile(n);
    const auto s = signals(n);
    const auto l = levels(n);
    const auto a = an_alert(n);
    ASSERT_TRUE(
        recorder.append(subjects::gex_profile("sim", es()), p.end, encoder.profile(p, info(n, encoder.extent(p)))));
    ASSERT_TRUE(recorder.append(subjects::level_set("sim", es()), p.end,
                                encoder.levels(l, {}, info(n, encoder.extent(l, {})))));
    ASSERT_TRUE(
        recorder.append(subjects::level_signals("sim", es()), p.end, encoder.signals(s, info(n, encoder.extent(s)))));
    ASSERT_TRUE(
        recorder.append(subjects::level_alert("sim", es()), p.end, encoder.alert(a, info(n, encoder.extent(a)))));
    ASSERT_TRUE(recorder.sync());
    if (n == 3) after_three = recorder.place();
  }
  const auto files = service::recorded_sessions(folder.path(), recording_stem);
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].file.filename(), "gamma-20240201.rec");
  gamma_store store({});
  EXPECT_EQ(preload(store, folder.path(), after_three), 8u);  // 3 landscapes, a set, signals, 3 alerts
  EXPECT_EQ(store.profiles.newest_ordinal(), 3u);
  EXPECT_EQ(store.profiles.until(end_of(2), 10).size(), 2u);
  EXPECT_EQ(store.alerts.size(), 3u);
  const auto p = profile(3);
  EXPECT_EQ(*store.profiles.newest(), encoder.profile(p, info(3, encoder.extent(p))));
  gamma_store none({});
  EXPECT_EQ(preload(none, folder.path(), {}), 0u);
}

}  // namespace
}  // namespace isobar::gamma_fuel
