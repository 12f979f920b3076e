#include "gamma-fuel/actors/gamma_worker.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "gamma-fuel/app_fixture.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace fixture;

/// One supervised worker for SPX without a process around it.
class GammaWorker : public ::testing::Test {
 protected:
  void start(std::function<void(int, std::uint64_t)> probe, int checkpoint_windows = 1) {
    options o;
    o.checkpoint_windows = checkpoint_windows;
    o.checkpoint_ms_min = 0;
    o.resync_ms = 20;
    const auto plan = o.plan(spx(), false, {spx()});
    ASSERT_TRUE(plan) << plan.error().evidence;
    link_.reset(new gamma_link{.bus = *bus_,
                               .name = spx(),
                               .venue = "sim",
                               .configured = o,
                               .plan = *plan,
                               .folder = data_.path(),
                               .store = std::make_shared<gamma_store>(store_limits{}),
                               .measured = gamma_metrics(registry_, spx()),
                               .clock = [] { return timestamp{0}; },
                               .probe = std::move(probe)});
    worker_ = system_.supervise(
        "gamma", [link = link_] { return gamma_worker(link); },
        actors::restart_policy{.base = std::chrono::milliseconds(1)});
    for (const auto& [subject, tag] :
         {std::pair(subjects::epoch_switch("sim", spx()), epochs_intake),
          std::pair(subjects::chain_snapshot("sim", spx()), 0), std::pair(subjects::model_flow("sim", spx()), 1),
          std::pair(subjects::model_gex("sim", spx()), 2),
          std::pair(subjects::model_volume_profile("sim", spx()), static_cast<int>(input::volume))}) {
      auto in = service::intake::open(*bus_, subject, {}, worker_, tag);
      ASSERT_TRUE(in);
      link_->intakes.add(*in);
    }
  }
  void TearDown() override { EXPECT_TRUE(system_.shutdown(std::chrono::seconds(10))); }
  gex::v1::GexProfile last() {
    gex::v1::GexProfile p;
    const auto& all = out_.of(subject_);
    if (!all.empty()) {
      EXPECT_TRUE(p.ParseFromString(all.rbegin()->second));
    }
    return p;
  }
  bool built(timestamp end) {
    return eventually([&] { return last().window_end_ns() == end.ns; });
  }

  std::shared_ptr<bus::bus> bus_ = bus::make_local_bus();
  telemetry::registry registry_;
  isobar::testing::temp_dir data_;
  const std::string subject_ = subjects::gex_profile("sim", spx());
  listener out_{*bus_, subject_}, resyncs_{*bus_, subjects::window_resync("sim", spx())};
  sources from_{*bus_};
  std::shared_ptr<gamma_link> link_;
  actors::system system_;
  actors::ref worker_;
};

TEST_F(GammaWorker, ComesBackFromItsCheckpointAndAsksForABase) {
  std::atomic<bool> fail{false};
  start([&](int tag, std::uint64_t) {
    if (tag == 2 && fail.exchange(false)) throw std::runtime_error("injected");
  });
  const auto at = [](int s) { return morning + seconds(s); };
  from_.send_epoch();
  from_.send_chain(chain(morning + milliseconds(100)));
  from_.send_rows(at(1), true, {6, 7, 8, 9, 10}, 12, 5'001);
  from_.options_until(at(1));
  ASSERT_TRUE(built(at(1)));

  fail = true;
  from_.send_rows(at(1) + milliseconds(400), false, {8}, 13, 5'002);  // is lost with the life that took it
  ASSERT_TRUE(eventually([&] { return link_->measured.restarts.value() == 1; }));
  EXPECT_TRUE(eventually([&] { return resyncs_.messages() > 0; }));
  EXPECT_TRUE(link_->resyncing);
  // The epoch was known to the life before alone; it comes again from the store or the bus.
  from_.send_epoch();
  from_.send_rows(at(2), true, {6, 7, 8, 9, 10}, 13, 5'003);
  from_.options_until(at(2));
  ASSERT_TRUE(built(at(2)));
  EXPECT_EQ(last().price_nanos(), points(5'003).value);
  EXPECT_EQ(last().contracts(), 18u);  // the chain's, from the checkpoint
  EXPECT_TRUE(eventually([&] { return !link_->resyncing; }));
  const auto& frames = out_.of(subject_);
  EXPECT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames.rbegin()->first, 2u);
}

TEST_F(GammaWorker, GivesNoSequenceTwice) {
  std::atomic<bool> fail{false};
  start(
      [&](int tag, std::uint64_t) {
        if (tag == 2 && fail.exchange(false)) throw std::runtime_error("injected");
      },
      1'000);
  const auto at = [](int s) { return morning + seconds(s); };
  from_.send_epoch();
  from_.send_chain(chain(morning + milliseconds(100)));
  from_.send_rows(at(1), true, {6, 7, 8, 9, 10}, 12, 5'001);
  from_.options_until(at(1));
  ASSERT_TRUE(built(at(1)));
  fail = true;
  from_.send_rows(at(1) + milliseconds(400), false, {8}, 13, 5'002);
  ASSERT_TRUE(eventually([&] { return link_->measured.restarts.value() == 1; }));
  from_.send_epoch();
  from_.send_chain(chain(at(1) + milliseconds(500)));
  from_.send_rows(at(2), true, {6, 7, 8, 9, 10}, 13, 5'003);
  from_.options_until(at(2));
  ASSERT_TRUE(built(at(2)));
  EXPECT_EQ(out_.of(subject_).rbegin()->first, 2u);
  EXPECT_EQ(link_->store->profiles.size(), 1u);  // the life before is forgotten
}

}  // namespace
}  // namespace isobar::gamma_fuel
