#include "service/publisher.hpp"

#include <gtest/gtest.h>

#include "bus/local_bus.hpp"
#include "isobar/control/v1/progress.pb.h"
#include "testing/eventually.hpp"
#include "wire/frame.hpp"

namespace isobar::service {
namespace {

class Publisher : public ::testing::Test {
 protected:
  std::vector<bus::message> received(std::size_t n) {
    std::vector<bus::message> all;
    EXPECT_TRUE(isobar::testing::eventually([&] { return subscription->drain(all, 100), all.size() >= n; }));
    return all;
  }
  std::shared_ptr<bus::bus> on = bus::make_local_bus({.max_payload = 4096});
  std::unique_ptr<bus::subscription> subscription = std::move(*on->subscribe("out", {}, [] {}));
  telemetry::registry registry;
  service_metrics metrics{registry, "decomposer", *symbol::parse("SPX")};
  publisher out{*on, "decomposer", "out", &metrics};
};

TEST_F(Publisher, FillsTheHeaderAndNumbersFromOne) {
  control::v1::Progress m;
  m.set_symbol("SPX");
  const frame_extent extent{
      .ts_first = {10}, .ts_last = {20}, .record_count = 5, .quality = market::quality::gap, .watermark = {30}};
  ASSERT_TRUE(out.publish_message(extent, m));
  ASSERT_TRUE(out.publish_message(extent, m));
  ASSERT_TRUE(out.heartbeat({40}));
  ASSERT_TRUE(out.flush());
  const auto all = received(3);
  const auto second = wire::peek_header(all[1].bytes());
  ASSERT_TRUE(second);
  const wire::frame_info expected{.version = 1,
                                  .producer = "decomposer",
                                  .sequence = 2,
                                  .ts_first = {10},
                                  .ts_last = {20},
                                  .record_count = 5,
                                  .quality = market::quality::gap,
                                  .watermark = {30},
                                  .heartbeat = false};
  EXPECT_EQ(*second, expected);
  const auto beat = wire::peek_header(all[2].bytes());
  ASSERT_TRUE(beat);
  EXPECT_TRUE(beat->heartbeat);
  EXPECT_EQ(beat->sequence, 2u);
  EXPECT_EQ(beat->watermark, timestamp{40});
  EXPECT_EQ(metrics.frames_out.value(), 2u);
  EXPECT_EQ(metrics.frame_bytes.count(), 2u);
}

TEST_F(Publisher, UsesTheNumberUpWhenTheBusRefuses) {
  const auto big = [](const wire::frame_info&) { return std::string(5000, 'x'); };
  const auto refused = out.publish({}, big);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, bus::errc::too_large);
  EXPECT_EQ(out.sequence(), 1u);
  EXPECT_EQ(metrics.frames_out.value(), 0u);
  EXPECT_EQ(metrics.rejected("not_published").value(), 1u);
}

TEST_F(Publisher, GoesOnBehindACheckpoint) {
  out.resume_after(41);
  control::v1::Progress m;
  ASSERT_TRUE(out.publish_message({}, m));
  EXPECT_EQ(m.header().sequence(), 42u);
}

}  // namespace
}  // namespace isobar::service
