#include "radar-physics/domain/feature_flows.hpp"

#include <gtest/gtest.h>

#include "radar-physics/domain/engine_streams_fixture.hpp"
#include "radar-physics/domain/features.hpp"

namespace isobar::radar_physics {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

/// Builds the features of each window again, from every change of it.
struct full_sink final : radar_sink {
  feature_builder builder{radar_config{}};
  std::vector<market::book_change> changes;
  std::uint64_t windows = 0, with_flows = 0, rebuilt = 0;
  void on_window(const window_outputs& w) override {
    feature_vector full;
    builder.build(w.window, w.surface.rows, w.surface.bid_rows, changes, full);
    ASSERT_EQ(full, w.features) << "window " << windows;
    ++windows;
    if (!changes.empty()) ++with_flows;
    if (w.window.rebuilt) ++rebuilt;
    changes.clear();
  }
  void on_levels(const level_outputs&) override {}
};

TEST(FeatureFlows, MovesAndRowsGiveTheFeaturesOfEveryChange) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    stream_shape shape;
    shape.market.reach = 15;  // most of it within the features' sight
    full_sink sink;
    radar_engine engine({}, true);  // live: windows are given as they close
    market::order_book book({});
    bool live = false;
    for (const book_event& e : stream(seed, shape)) {
      engine.apply(e, sink);
      if (HasFailure()) return;
      const market::book_change c = book.apply(e);
      live |= !e.has(event_flag::snapshot);
      if (live && ((c.added | c.pulled | c.filled) != 0 || c.cleared)) sink.changes.push_back(c);
    }
    EXPECT_GT(sink.with_flows, 30u);
    EXPECT_GT(sink.rebuilt, 0u);
  }
}

}  // namespace
}  // namespace isobar::radar_physics
