#include "gamma-fuel/actors/gamma_worker.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <stdexcept>

#include "gamma-fuel/app_fixture.hpp"
#include "gamma-fuel/keeping_producers.hpp"
#include "service/repairing_bus.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace fixture;

constexpr int chain_tag = static_cast<int>(input::chain), flow_tag = static_cast<int>(input::flow),
              rows_tag = static_cast<int>(input::rows), volume_tag = static_cast<int>(input::volume);
timestamp at(int s) { return morning + seconds(s); }

/// One supervised worker for SPX without a process around it.
class supervised {
 public:
  /// `folder`: of a life before, gone on from.
  /// `on`: the bus that a life before had, too; else one of its own.
  supervised(bool live, std::function<void(int, std::uint64_t)> probe, int checkpoint_windows = 1,
             std::optional<std::filesystem::path> folder = {}, std::shared_ptr<isobar::bus::bus> on = {},
             timestamp now = {0})
      : bus(on ? std::move(on) : isobar::bus::make_local_bus()) {
    options o;
    o.checkpoint_windows = checkpoint_windows;
    o.checkpoint_ms_min = 0;
    o.resync_ms = 20;
    const auto plan = o.plan(spx(), false, {spx()});
    EXPECT_TRUE(plan) << plan.error().evidence;
    link.reset(new gamma_link{.bus = *bus,
                              .name = spx(),
                              .venue = "sim",
                              .live = live,
                              .configured = o,
                              .plan = *plan,
                              .folder = folder.value_or(data_.path()),
                              .resume = folder.has_value(),
                              .store = std::make_shared<gamma_store>(store_limits{}),
                              .measured = gamma_metrics(registry_, spx()),
                              .clock = [now] { return now; },
                              .probe = std::move(probe)});
    worker_ = system_.supervise(
        "gamma", [link = link] { return gamma_worker(link); },
        actors::restart_policy{.base = std::chrono::milliseconds(1)});
    for (const auto& [input_subject, tag] : {std::pair(subjects::epoch_switch("sim", spx()), epochs_intake),
                                             std::pair(subjects::epoch_refill("sim", spx()), epochs_intake),
                                             std::pair(subjects::chain_snapshot("sim", spx()), chain_tag),
                                             std::pair(subjects::chain_refill("sim", spx()), chain_tag),
                                             std::pair(subjects::model_flow("sim", spx()), flow_tag),
                                             std::pair(subjects::model_gex("sim", spx()), rows_tag),
                                             std::pair(subjects::model_volume_profile("sim", spx()), volume_tag),
                                             std::pair(subjects::feed_resync("sim", spx()), refills_intake)}) {
      auto in = service::intake::open(*bus, input_subject, {}, worker_, tag);
      EXPECT_TRUE(in);
      link->intakes.add(*in);
    }
  }
  ~supervised() { EXPECT_TRUE(system_.shutdown(std::chrono::seconds(10))); }

  gex::v1::GexProfile last() {
    gex::v1::GexProfile p;
    const auto& all = out.of(subject);
    if (!all.empty()) {
      EXPECT_TRUE(p.ParseFromString(all.rbegin()->second));
    }
    return p;
  }
  std::filesystem::path folder() const { return link->folder; }
  std::vector<timestamp> ends() {
    std::vector<timestamp> all;
    for (const auto& [n, bytes] : out.of(subject)) {
      gex::v1::GexProfile p;
      EXPECT_TRUE(p.ParseFromString(bytes));
      all.push_back(timestamp{p.window_end_ns()});
    }
    return all;
  }
  bool built(timestamp end) {
    return eventually([&] { return last().window_end_ns() == end.ns; });
  }
  bool ended() {
    return eventually([&] { return out.watermark(subject) == end_of_time; }, std::chrono::seconds(30));
  }

 private:
  telemetry::registry registry_;
  isobar::testing::temp_dir data_;

 public:
  std::shared_ptr<isobar::bus::bus> bus;
  const std::string subject = subjects::gex_profile("sim", spx());
  listener out{*bus, "isobar.gex.sim.*.*"}, level{*bus, "isobar.level.sim.*.*"},
      resyncs{*bus, subjects::window_resync("sim", spx())};
  sources from{*bus};
  std::shared_ptr<gamma_link> link;

 private:
  actors::system system_;
  actors::ref worker_;
};

// ---- replay: what is missing is asked for, and the bytes are those of a run without failures ----

/// Throws once at each of the frames named, by (tag, sequence).
std::function<void(int, std::uint64_t)> failing_at(std::vector<std::pair<int, std::uint64_t>> frames) {
  return [frames = std::move(frames)](int tag, std::uint64_t sequence) mutable {
    const auto found = std::find(frames.begin(), frames.end(), std::pair(tag, sequence));
    if (found == frames.end()) return;
    frames.erase(found);
    throw std::runtime_error("injected");
  };
}

/// Six seconds of options: chains, rows, trades, an epoch that changes.
void play(sources& from) {
  from.send_epoch();
  from.send_chain(chain(morning + milliseconds(100)));
  for (int i = 1; i <= 30; ++i) {
    const timestamp end = morning + milliseconds(200 * i);
    const double spot = 5'000 + i % 7;
    const std::uint64_t epoch = i < 20 ? 1 : 2;
    if (i == 18) from.send_epoch(2);
    from.send_rows(end, i == 1 || i == 20, {6, 7, 8, 9, 10}, 12 + 0.1 * (i % 5), spot, epoch);
    from.send_flow(end,
                   {{.contract = 8,
                     .ts_event = end - milliseconds(20),
                     .price = points(12),
                     .size = quantity(i),
                     .bid = points(11.9),
                     .ask = points(12)}},
                   spot, epoch);
    if (i % 10 == 0) from.send_chain(chain(end, spot));
    from.send_volume(end, 10 + static_cast<std::uint64_t>(i), spot, epoch);
    from.options_until(end);
  }
  from.options_until(end_of_time);
}

struct outcome {
  std::map<std::string, std::map<std::uint64_t, std::string>> gex, levels;
  bool operator==(const outcome&) const = default;
};

outcome run(std::function<void(int, std::uint64_t)> probe, int checkpoint_windows, std::uint64_t failures) {
  supervised s(false, std::move(probe), checkpoint_windows);
  keeping_producers producers(*s.bus, spx());
  play(s.from);
  EXPECT_TRUE(s.ended());
  EXPECT_EQ(s.link->measured.restarts.value(), failures);
  EXPECT_EQ(s.resyncs.messages(), 0u) << "a base window would have changed the bytes";
  EXPECT_EQ(s.link->measured.gaps.value(), 0u);
  return {s.out.frames(), s.level.frames()};
}

TEST(GammaWorkerReplay, FailuresLeaveTheBytesOfARunWithoutThem) {
  const outcome whole = run({}, 1, 0);
  ASSERT_GE(whole.gex.at(subjects::gex_profile("sim", spx())).size(), 6u);
  EXPECT_EQ(run(failing_at({{rows_tag, 17}}), 1, 1), whole);
  EXPECT_EQ(run(failing_at({{chain_tag, 2}, {flow_tag, 14}, {rows_tag, 29}}), 2, 3), whole);
  EXPECT_EQ(run(failing_at({{epochs_intake, 2}, {rows_tag, 21}, {volume_tag, 22}}), 1, 3), whole);
  EXPECT_EQ(run(failing_at({{rows_tag, 1}, {flow_tag, 30}}), 1'000, 2), whole) << "no checkpoint: from the beginning";
}

TEST(GammaWorkerReplay, AFrameThatIsFatalWheneverItComesIsPassedOver) {
  supervised s(false, [](int tag, std::uint64_t sequence) {
    if (tag == flow_tag && sequence == 9) throw std::runtime_error("injected");
  });
  keeping_producers producers(*s.bus, spx());
  play(s.from);
  EXPECT_TRUE(s.ended());
  EXPECT_EQ(s.link->measured.restarts.value(), static_cast<std::uint64_t>(gamma_link::failures_max));
  EXPECT_EQ(s.link->measured.frames_skipped.value(), 1u);
  EXPECT_EQ(s.link->measured.gaps.value(), 1u);
}

// The producers' bound is passed while the worker is away: said, counted, and gone on from a base behind a flagged gap.
TEST(GammaWorkerReplay, WhatIsKeptNoMoreIsAGapUntilTheNextBase) {
  supervised s(false, {});
  s.from.send_epoch();
  s.from.send_chain(chain(morning + milliseconds(100)));
  s.from.send_rows(at(1), true, {6, 7, 8, 9, 10}, 12, 5'001);
  s.from.options_until(at(1));
  ASSERT_TRUE(s.built(at(1)));
  // Producers that come only now: they have never had the frame that is lost.
  keeping_producers producers(*s.bus, spx());
  s.from.lose(subjects::model_gex("sim", spx()));
  s.from.send_rows(at(1) + milliseconds(600), false, {8}, 13, 5'002);
  ASSERT_TRUE(eventually([&] { return s.resyncs.messages() > 0; }));
  EXPECT_TRUE(s.link->resyncing);
  EXPECT_EQ(s.link->measured.gaps.value(), 1u);
  s.from.options_until(at(2));
  ASSERT_TRUE(s.built(at(2)));
  EXPECT_EQ(s.last().header().quality(), common::v1::QUALITY_GAP);
  s.from.send_rows(at(3), true, {6, 7, 8, 9, 10}, 13, 5'003);
  s.from.options_until(at(3));
  ASSERT_TRUE(s.built(at(3)));
  EXPECT_EQ(s.last().header().quality(), common::v1::QUALITY_OK);
  EXPECT_FALSE(s.link->resyncing);
}

// ---- live: nobody gives frames again; a base window brings the options back ----

TEST(GammaWorkerLive, ComesBackFromItsCheckpointAndAsksForABase) {
  std::atomic<bool> fail{false};
  supervised s(true, [&](int tag, std::uint64_t) {
    if (tag == rows_tag && fail.exchange(false)) throw std::runtime_error("injected");
  });
  s.from.send_epoch();
  s.from.send_chain(chain(morning + milliseconds(100)));
  s.from.send_rows(at(1), true, {6, 7, 8, 9, 10}, 12, 5'001);
  s.from.options_until(at(1));
  ASSERT_TRUE(s.built(at(1)));

  fail = true;
  s.from.send_rows(at(1) + milliseconds(400), false, {8}, 13, 5'002);  // is lost with the life that took it
  ASSERT_TRUE(eventually([&] { return s.link->measured.restarts.value() == 1; }));
  EXPECT_TRUE(eventually([&] { return s.resyncs.messages() > 0; }));
  EXPECT_TRUE(s.link->resyncing);
  s.from.send_rows(at(2), true, {6, 7, 8, 9, 10}, 13, 5'003);
  s.from.options_until(at(2));
  ASSERT_TRUE(s.built(at(2)));
  EXPECT_EQ(s.last().price_nanos(), points(5'003).value);
  EXPECT_EQ(s.last().contracts(), 18u);  // the chain's, from the checkpoint
  EXPECT_TRUE(eventually([&] { return !s.link->resyncing; }));
  const auto& frames = s.out.of(s.subject);
  EXPECT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames.rbegin()->first, 2u);
}

TEST(GammaWorkerLive, GivesNoSequenceTwice) {
  std::atomic<bool> fail{false};
  supervised s(
      true,
      [&](int tag, std::uint64_t) {
        if (tag == rows_tag && fail.exchange(false)) throw std::runtime_error("injected");
      },
      1'000);
  s.from.send_epoch();
  s.from.send_chain(chain(morning + milliseconds(100)));
  s.from.send_rows(at(1), true, {6, 7, 8, 9, 10}, 12, 5'001);
  s.from.options_until(at(1));
  ASSERT_TRUE(s.built(at(1)));
  fail = true;
  s.from.send_rows(at(1) + milliseconds(400), false, {8}, 13, 5'002);
  ASSERT_TRUE(eventually([&] { return s.link->measured.restarts.value() == 1; }));
  s.from.send_epoch();
  s.from.send_chain(chain(at(1) + milliseconds(500)));
  s.from.send_rows(at(2), true, {6, 7, 8, 9, 10}, 13, 5'003);
  s.from.options_until(at(2));
  ASSERT_TRUE(s.built(at(2)));
  EXPECT_EQ(s.out.of(s.subject).rbegin()->first, 2u);
  EXPECT_EQ(s.link->store->profiles.size(), 1u);  // the life before is forgotten
}

/// Three windows are given, of which the checkpoint holds two.
void give_three(supervised& s) {
  s.from.send_epoch();
  s.from.send_chain(chain(morning + milliseconds(100)));
  for (int i = 1; i <= 3; ++i) {
    s.from.send_rows(at(i), i == 1, {6, 7, 8, 9, 10}, 12, 5'000 + i);
    s.from.options_until(at(i));
    ASSERT_TRUE(s.built(at(i)));
    if (i == 2) {
      ASSERT_TRUE(eventually([&] { return s.link->measured.checkpoints.value() == 1; }));
    }
  }
  ASSERT_EQ(s.link->measured.checkpoints.value(), 1u);
}

TEST(GammaWorkerLive, RevisionsDoNotGoBackBehindAFailure) {
  std::atomic<bool> fail{false};
  supervised s(
      true,
      [&](int tag, std::uint64_t) {
        if (tag == rows_tag && fail.exchange(false)) throw std::runtime_error("injected");
      },
      2);
  give_three(s);
  const std::string third = s.out.of(s.subject).at(3);
  fail = true;
  s.from.send_rows(at(3) + milliseconds(200), false, {8}, 13, 5'010);
  ASSERT_TRUE(eventually([&] { return s.link->measured.restarts.value() == 1; }));
  // The third window is made again from what comes now, and stays inside.
  s.from.send_rows(at(3), true, {6, 7, 8, 9, 10}, 14, 5'020);
  s.from.send_rows(at(4), false, {8}, 13, 5'021);
  s.from.options_until(at(4));
  ASSERT_TRUE(s.built(at(4)));
  EXPECT_EQ(s.ends(), (std::vector{at(1), at(2), at(3), at(4)}));
  EXPECT_EQ(s.out.of(s.subject).at(3), third);
}

TEST(GammaWorkerLive, AKilledOneGoesOnBehindWhatItGaveAndIsFlaggedUntilItIsWhole) {
  isobar::testing::temp_dir data;
  {
    supervised first(true, {}, 2, data.path());
    give_three(first);
  }  // nothing is written at its end
  supervised s(true, {}, 2, data.path());
  s.from.send_rows(at(3), false, {8}, 14, 5'020);
  s.from.send_rows(at(4), false, {8}, 13, 5'021);
  s.from.options_until(at(4));
  ASSERT_TRUE(s.built(at(4)));
  EXPECT_EQ(s.last().header().quality(), common::v1::QUALITY_GAP);
  EXPECT_EQ(s.last().contracts(), 18u);
  EXPECT_TRUE(eventually([&] { return s.resyncs.messages() > 0; }));
  s.from.send_epoch();
  s.from.send_rows(at(5), true, {6, 7, 8, 9, 10}, 13, 5'022);
  s.from.options_until(at(5));
  ASSERT_TRUE(s.built(at(5)));
  EXPECT_EQ(s.last().header().quality(), common::v1::QUALITY_OK);
  EXPECT_EQ(s.ends(), (std::vector{at(4), at(5)}));
  EXPECT_EQ(s.out.of(s.subject).begin()->first, 4u) << "no number twice";
}

/// One second of options: rows, a trade, the volume.
void second(sources& from, int i) {
  from.send_rows(at(i), i == 1, {6, 7, 8, 9, 10}, 12 + 0.1 * i, 5'000 + i);
  from.send_flow(at(i),
                 {{.contract = 8,
                   .ts_event = at(i) - milliseconds(20),
                   .price = points(12),
                   .size = quantity(i),
                   .bid = points(11.9),
                   .ask = points(12)}},
                 5'000 + i);
  from.send_volume(at(i), 10 + static_cast<std::uint64_t>(i), 5'000 + i);
  from.options_until(at(i));
}

/// The landscape of the sixth second; `killed`: the fourth and fifth came while nobody was there.
std::string sixth(bool killed) {
  const auto on = service::make_repairing_bus(isobar::bus::make_local_bus());
  sources market{*on};
  isobar::testing::temp_dir data;
  auto s = std::make_unique<supervised>(true, [](int, std::uint64_t) {}, 2, data.path(), on, at(4));
  market.send_epoch();
  market.send_chain(chain(morning + milliseconds(100)));
  for (int i = 1; i <= 3; ++i) {
    second(market, i);
    EXPECT_TRUE(s->built(at(i)));
    if (i != 2) continue;
    EXPECT_TRUE(eventually([&] { return s->link->measured.checkpoints.value() == 1; }));
  }
  if (killed) s.reset();
  second(market, 4);
  second(market, 5);
  // By the clock the fifth second is over long before the bus has read it again.
  if (killed) s = std::make_unique<supervised>(true, [](int, std::uint64_t) {}, 2, data.path(), on, at(6));
  market.send_epoch();
  second(market, 6);
  EXPECT_TRUE(s->built(at(6)));
  EXPECT_EQ(s->resyncs.messages(), 0u);
  EXPECT_EQ(s->link->measured.gaps.value(), 0u);
  return s->out.of(s->subject).rbegin()->second;
}

// The trades of the time between are in the positions: without them the flow model would be wrong until they are
// closed.
TEST(GammaWorkerLive, AKilledOneReadsWhatItMissedFromTheBusThatKeepsIt) { EXPECT_EQ(sixth(true), sixth(false)); }

}  // namespace
}  // namespace isobar::gamma_fuel
