#include <gtest/gtest.h>

#include <map>

#include "core/date.hpp"
#include "market/naive_book.hpp"
#include "radar-physics/domain/engine.hpp"
#include "testing/testdata.hpp"
#include "wire/dbn/convert.hpp"
#include "wire/dbn/reader.hpp"

// The real ES session of 2023-12-25 through the medium: what must hold of every row and window of it.
namespace isobar::radar_physics {
namespace {

constexpr const char* esh4 = "databento/glbx/esh4-glbx-mdp3-20231225-first-40000.mbo.dbn.zst";

std::vector<market::book_event> read_session() {
  std::vector<market::book_event> events;
  auto in = wire::dbn::reader::open(testing::shared_data(esh4));
  if (!in) return events;
  while (const wire::dbn::record r = in->next()) {
    market::book_event e;
    if (const auto* m = r.as<wire::dbn::mbo_record>();
        m != nullptr && wire::dbn::to_book_event(*m, e) == wire::dbn::refusal::none)
      events.push_back(e);
  }
  EXPECT_EQ(in->error(), nullptr);
  return events;
}

/// Keeps what the tests ask for and checks every output as it passes.
struct session_sink final : radar_sink {
  std::uint64_t windows = 0, rows = 0, events = 0, crossed_after_open = 0, valid = 0, added_lots = 0;
  std::uint64_t traded = 0, filled = 0, spans = 0, longest_span = 0;
  timestamp first, until = start_of_time, open;
  std::map<std::string, std::uint64_t> calibrations;
  bool keep = false;
  std::vector<window_outputs> kept;

  void on_window(const window_outputs& o) override {
    const window_info& w = o.window;
    if (windows == 0) first = w.start;
    if (windows > 0) {
      EXPECT_EQ(w.start, until) << "a hole or an overlap";
    }
    until = w.end;
    windows += w.span;
    events += w.events;
    traded += w.traded;
    if (w.span > 1) ++spans;
    longest_span = std::max<std::uint64_t>(longest_span, w.span);
    ++calibrations[w.calibration.substr(0, w.calibration.find('/'))];
    if (w.valid) ++valid;
    if (w.crossed && w.start >= open) ++crossed_after_open;
    for (const medium_row& r : o.surface.rows) {
      ASSERT_LE(r.rebuilt, w.rebuilt);
      if (!r.rebuilt) {
        ASSERT_EQ(r.depth_end, r.depth_start + r.added - r.pulled - r.filled);
      }
      ASSERT_EQ(r.d1_depth, static_cast<std::int64_t>(r.depth_end) - static_cast<std::int64_t>(r.depth_start));
      ASSERT_LE(r.depth_rest, r.depth_end);
      ASSERT_LE(r.pulled_rest, r.pulled);
      ASSERT_LE(std::abs(r.rel_ticks), 600);
      ASSERT_TRUE(r.vacuum_score >= 0 && r.vacuum_score <= 1);
      filled += r.filled;
      added_lots += r.added;
    }
    rows += o.surface.rows.size();
    if (keep) kept.push_back(o);
  }
  void on_levels(const level_outputs&) override {}
};

class MediumReplay : public ::testing::Test {
 protected:
  void SetUp() override {
    ISOBAR_SKIP_WITHOUT_SHARED(esh4);
    events_ = read_session();
    sink_.open = *parse_iso_timestamp("2023-12-25T23:00:00Z");
  }
  std::vector<market::book_event> events_;
  session_sink sink_;
};

TEST_F(MediumReplay, EveryRowConservesAndEveryWindowFollows) {
  ASSERT_EQ(events_.size(), 40'000u);  // MANIFEST: a snapshot of 8,725 orders among them
  radar_engine engine({}, false);
  engine.apply(events_, sink_);
  engine.advance(end_of_time, sink_);
  const engine_counters& c = engine.counters();
  EXPECT_EQ(c.events, events_.size());
  EXPECT_EQ(c.bad_times, 0u);
  EXPECT_EQ(c.late_events, 0u);
  EXPECT_EQ(c.windows, sink_.windows);
  EXPECT_EQ(c.spans, sink_.spans);
  EXPECT_EQ(c.flows_outside, 0u);
  EXPECT_EQ(c.centre_errors, 0u);
  EXPECT_EQ(sink_.events, 40'000u - 8'725u);
  // The auction is crossed and labelled so; trading is not.
  EXPECT_GT(c.crossed_windows, 0u);
  EXPECT_EQ(sink_.crossed_after_open, 0u);
  // 22:00:00 to 23:26:32 UTC, most of it waiting for the auction. Seen with this file; nothing in them is a choice but
  // the number of spans, which depends on how soon the medium counts as being at rest.
  EXPECT_EQ(sink_.first, *parse_iso_timestamp("2023-12-25T22:00:00Z"));
  EXPECT_EQ(c.windows, 5'192u);
  EXPECT_EQ(c.idle_windows, 3'517u);
  EXPECT_EQ(c.crossed_windows, 1'205u);
  EXPECT_EQ(c.crossed_spans, 1u);
  EXPECT_GT(c.spans, 4u);
  EXPECT_GT(sink_.longest_span, 900u);
  EXPECT_EQ(sink_.traded, 4'642u);
  // Fills of displayed orders: hidden quantity is missing, the auction's second side comes on top.
  EXPECT_EQ(sink_.filled, 4'524u);
  EXPECT_LT(engine.memory_bytes(), 4u << 20);
  EXPECT_EQ(sink_.calibrations.size(), 2u);  // bootstrap, then streaming
}

TEST_F(MediumReplay, WindowsAreValidFromTheOpenOn) {
  sink_.keep = true;
  radar_engine engine({}, false);
  engine.apply(events_, sink_);
  engine.advance(end_of_time, sink_);
  std::uint64_t after = 0;
  for (const window_outputs& o : sink_.kept) {
    if (o.window.start < sink_.open) continue;
    ++after;
    EXPECT_TRUE(o.window.valid) << o.window.end.ns;
    EXPECT_FALSE(o.window.anchor_held);
  }
  EXPECT_GT(after, 1'000u);
}

TEST_F(MediumReplay, DepthAtTheEndIsThatOfANaiveBook) {
  sink_.keep = true;
  radar_engine engine({}, false);
  engine.apply(events_, sink_);
  engine.advance(end_of_time, sink_);
  market::naive_book naive({});
  for (const market::book_event& e : events_) naive.apply(e);
  std::uint64_t checked = 0;
  for (const medium_row& r : sink_.kept.back().surface.rows) {
    ASSERT_EQ(r.depth_end, naive.level(r.side, r.tick).size);
    ++checked;
  }
  EXPECT_GT(checked, 500u);
}

TEST_F(MediumReplay, CutsAndWatermarksChangeNothing) {
  sink_.keep = true;
  radar_engine whole({}, false);
  whole.apply(events_, sink_);
  whole.advance(end_of_time, sink_);
  session_sink parts;
  parts.keep = true;
  parts.open = sink_.open;
  auto engine = std::make_unique<radar_engine>(radar_config{}, false);
  std::size_t at = 0;
  for (const std::size_t step : {5'000u, 3'725u, 1u, 777u, 10'000u, 5u, 12'345u, 100'000u}) {
    const std::size_t n = std::min(step, events_.size() - at);
    engine->apply(std::span(events_).subspan(at, n), parts);
    at += n;
    if (at < events_.size() && !events_[at].has(market::event_flag::snapshot))
      engine->advance(events_[at].ts_event, parts);
    std::string bytes;
    engine->save(bytes);
    engine = std::make_unique<radar_engine>(radar_config{}, false);
    ASSERT_TRUE(engine->restore(bytes));
  }
  engine->advance(end_of_time, parts);
  EXPECT_EQ(parts.kept.size(), sink_.kept.size());
  EXPECT_TRUE(parts.kept == sink_.kept);
  EXPECT_EQ(engine->counters(), whole.counters());
}

}  // namespace
}  // namespace isobar::radar_physics
