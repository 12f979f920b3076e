#include "radar-physics/actors/radar_worker.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "radar-physics/app_fixture.hpp"

namespace isobar::radar_physics {
namespace {

using namespace fixture;

/// One supervised worker without a process around it.
class RadarWorker : public ::testing::Test {
 protected:
  void start(std::function<void(std::uint64_t)> probe) {
    options o;
    o.checkpoint_windows = 2;
    o.checkpoint_ms_min = 0;
    o.record = true;
    o.refill_ms = 20;
    const auto plan = o.plan(es());
    ASSERT_TRUE(plan) << plan.error().evidence;
    link_.reset(new radar_link{.bus = *bus_,
                               .name = es(),
                               .venue = "sim",
                               .configured = o,
                               .plan = *plan,
                               .calibration = std::nullopt,
                               .folder = data_.path(),
                               .store = std::make_shared<radar_store>(store_limits{}),
                               .measured = radar_metrics(registry_, es()),
                               .clock = [] { return timestamp{0}; },
                               .probe = std::move(probe)});
    worker_ = system_.supervise(
        "radar", [link = link_] { return radar_worker(link); },
        actors::restart_policy{.base = std::chrono::milliseconds(1)});
    for (const auto& [subject, tag] : {std::pair(subjects::feed_refill("sim", es()), radar_worker::refill),
                                       std::pair(subjects::feed_book("sim", es()), radar_worker::book)}) {
      auto in = service::intake::open(*bus_, subject, {}, worker_, tag);
      ASSERT_TRUE(in);
      link_->intakes.add(*in);
    }
  }
  void TearDown() override { EXPECT_TRUE(system_.shutdown(std::chrono::seconds(10))); }
  bool ended() {
    return eventually([&] { return out_.watermark(subjects::radar_column("sim", es())) == end_of_time; });
  }

  std::shared_ptr<bus::bus> bus_ = bus::make_local_bus();
  telemetry::registry registry_;
  isobar::testing::temp_dir data_;
  std::shared_ptr<radar_link> link_;
  listener out_{*bus_, "isobar.radar.sim.*.*"};
  actors::system system_;
  actors::ref worker_;
};

TEST_F(RadarWorker, GoesOnFromItsCheckpointAfterFailures) {
  const auto frames = frames_of(session(20), 64);
  // Before the first checkpoint, behind some, and twice at the same frame.
  std::set<std::uint64_t> faults{5, frames.size() / 2, frames.size() - 2};
  std::atomic<int> thrown{0};
  start([&](std::uint64_t frame) {
    if (faults.erase(frame) == 0) return;
    if (++thrown == 2) faults.insert(frame);
    throw std::runtime_error("injected");
  });
  feed source(*bus_, frames);
  source.send_all();
  source.end();
  ASSERT_TRUE(ended());
  EXPECT_EQ(thrown, 4);
  EXPECT_EQ(link_->lives, 5u);
  EXPECT_GT(out_.repeated(), 0u);
  EXPECT_EQ(out_.different(), 0u);  // what came again was the same, byte for byte
  EXPECT_EQ(link_->measured.lost_gaps.value(), 0u);

  isobar::testing::temp_dir other;
  running_radar whole(other.path());
  feed again(whole.on(), frames);
  again.send_all();
  again.end();
  ASSERT_TRUE(whole.ended());
  EXPECT_TRUE(out_.frames() == whole.out().frames());
}

TEST_F(RadarWorker, AnIdleSymbolTakesLittleMemory) {
  start({});
  EXPECT_TRUE(eventually([&] { return link_->measured.memory_bytes.value() > 0; }));
  EXPECT_LT(link_->measured.memory_bytes.value() + link_->measured.history_bytes.value(), 4.0 * (1 << 20));
}

}  // namespace
}  // namespace isobar::radar_physics
