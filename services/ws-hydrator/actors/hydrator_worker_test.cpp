// One worker on the local bus, live, with the test as its neighbours: failure and restart, lost frames, a feed's bad
// input.
#include "ws-hydrator/actors/hydrator_worker.hpp"

#include <gtest/gtest.h>

#include "bus/local_bus.hpp"
#include "telemetry/metrics.hpp"
#include "testing/eventually.hpp"
#include "wire/chain_codec.hpp"
#include "wire/epoch_codec.hpp"
#include "wire/subjects.hpp"
#include "ws-hydrator/domain/testing_market.hpp"

namespace isobar::ws_hydrator {
namespace {

using isobar::testing::eventually;
using namespace ws_hydrator::testing;

const symbol spx = *symbol::parse("SPX");

/// A feed that says what the test says.
class scripted_source final : public quote_source {
 public:
  std::string kind() const override { return "scripted"; }
  void start() override {}
  void stop() override { channel_.close(); }
  source_status status() const override { return {.state = "connected"}; }
  void set_filter(std::vector<contract_key> wanted) override { filter_size = wanted.size(); }
  feed_channel& channel() override { return channel_; }
  bool clocked() const override { return by_clock; }
  void say(std::vector<market::option_event> events, timestamp watermark) {
    std::vector<feed_event> out;
    for (const market::option_event& e : events) out.push_back(to_feed_event(e));
    channel_.push(out, watermark);
  }
  std::atomic<std::size_t> filter_size{0};
  std::atomic<bool> by_clock{false};

 private:
  feed_channel channel_{1000, true};
};

struct fixture : ::testing::Test {
  /// `comes_back`: epoch and chain of a process before are in the store.
  explicit fixture(bool comes_back = false) { start(comes_back); }
  void start(bool comes_back) {
    link->symbol = spx;
    link->venue = "sim";
    link->bus = bus.get();
    link->source = source;
    link->view = std::make_shared<symbol_view>(1 << 20);
    link->metrics = std::make_shared<hydrator_metrics>(registry, spx);
    link->clock = [this] {
      if (fail_once.exchange(false)) throw std::runtime_error("clock broke");
      return at_ms(clock_ms);
    };
    frames = *bus->subscribe(subjects::window_frame("sim", spx), {}, [] {});
    worker = system.supervise("ws-hydrator/SPX", [l = link] { return hydrator_worker(l); },
                              {.base = std::chrono::milliseconds(1), .max = std::chrono::milliseconds(5)});
    const auto open = [&](const std::string& subject, int tag) {
      link->intakes.push_back(*service::intake::open(*bus, subject, {}, worker, tag));
    };
    open(subjects::chain_snapshot("sim", spx), hydrator_worker::chains);
    open(subjects::epoch_switch("sim", spx), hydrator_worker::epochs);
    open(subjects::window_resync("sim", spx), hydrator_worker::resyncs);
    if (!comes_back) return worker.send(begin{});
    ASSERT_TRUE((*bus->bucket(subjects::epochs_bucket))
                    ->put(subjects::active_epoch_key("sim", spx),
                          wire::encode_epoch({.epoch = first, .missing_acks = {}, .windows = {}}, info(1, t0))));
    ASSERT_TRUE((*bus->bucket(subjects::chains_bucket))
                    ->put(subjects::latest_chain_key("sim", spx),
                          wire::encode_chain(*make_chain(first, at_ms(250), 100), info(1, at_ms(250)))));
    worker.send(begin{});
  }
  ~fixture() override {
    source->stop();
    for (const auto& in : link->intakes) in->close();
    EXPECT_TRUE(system.shutdown(std::chrono::seconds(5)));
  }

  static wire::frame_info info(std::uint64_t sequence, timestamp watermark) {
    wire::frame_info i;
    i.producer = "test";
    i.sequence = sequence;
    i.ts_first = i.ts_last = i.watermark = watermark;
    return i;
  }
  void publish(const std::string& subject, std::string bytes) {
    EXPECT_TRUE(bus->publish(subject, std::move(bytes)));
    EXPECT_TRUE(bus->flush());
  }
  void say_epoch(std::uint64_t sequence) {
    publish(subjects::epoch_switch("sim", spx),
            wire::encode_epoch({.epoch = first, .missing_acks = {}, .windows = {}}, info(sequence, t0)));
  }
  void say_chain(std::uint64_t sequence, timestamp ts) {
    publish(subjects::chain_snapshot("sim", spx), wire::encode_chain(*make_chain(first, ts, 100), info(sequence, ts)));
  }
  void move(std::uint64_t chains, std::uint64_t epochs, timestamp t) {
    publish(subjects::chain_snapshot("sim", spx), wire::encode_heartbeat(info(chains, t)));
    publish(subjects::epoch_switch("sim", spx), wire::encode_heartbeat(info(epochs, t)));
  }
  /// Waits until `n` windows have come.
  const std::vector<market::frozen_window>& windows(std::size_t n) {
    EXPECT_TRUE(eventually([&] {
      std::vector<bus::message> batch;
      frames->drain(batch, 100);
      for (const bus::message& m : batch)
        if (auto w = wire::decode_window(m.bytes()); w && !w->header.heartbeat) seen.push_back(std::move(w->body));
      return seen.size() >= n;
    })) << seen.size();
    return seen;
  }

  const market::epoch first = make_epoch(1, 90, 110, t0);
  std::unique_ptr<bus::bus> bus = bus::make_local_bus();
  telemetry::registry registry;
  std::shared_ptr<scripted_source> source = std::make_shared<scripted_source>();
  std::shared_ptr<symbol_link> link = std::make_shared<symbol_link>();
  std::atomic<bool> fail_once{false};
  std::atomic<std::int64_t> clock_ms{0};
  std::unique_ptr<bus::subscription> frames;
  actors::system system;
  actors::ref worker;
  std::vector<market::frozen_window> seen;
};
using hydrator_worker_test = fixture;
struct hydrator_late_test : fixture {
  hydrator_late_test() : fixture(true) {}
};

TEST_F(hydrator_worker_test, takes_a_feeds_bad_input_without_losing_the_good) {
  say_epoch(1);
  const auto good = quote(contract(100), at_ms(100), 5, 1, 2);
  auto nan_like = quote(contract(100), at_ms(101), 6, 1, 2);
  nan_like.bid = price(INT64_MIN);
  source->say(
      {good, quote(contract(100), at_ms(50), 4, 8, 9), good, nan_like, quote(contract(300), at_ms(60), 1, 1, 2)},
      at_ms(400));
  move(0, 1, at_ms(400));
  const auto& w = windows(1);
  ASSERT_EQ(w[0].rows.size(), 1u);
  EXPECT_EQ(w[0].rows[0].state.bid, points(1));
  EXPECT_TRUE(eventually([&] { return link->view->get_status().counts.events == 5; }));
  const hydrator_counts c = link->view->get_status().counts;
  EXPECT_EQ(c.superseded, 2u);
  EXPECT_EQ(c.unknown, 1u);
  EXPECT_EQ(c.refused[static_cast<std::size_t>(refusal::negative_price)], 1u);
  EXPECT_TRUE(eventually([&] { return source->filter_size == 10; }));
}

TEST_F(hydrator_worker_test, goes_on_after_a_failure_from_the_buckets_with_a_base_window) {
  auto epochs = *bus->bucket(subjects::epochs_bucket);
  auto chains = *bus->bucket(subjects::chains_bucket);
  ASSERT_TRUE(epochs->put(subjects::active_epoch_key("sim", spx),
                          wire::encode_epoch({.epoch = first, .missing_acks = {}, .windows = {}}, info(1, t0))));
  ASSERT_TRUE(chains->put(subjects::latest_chain_key("sim", spx),
                          wire::encode_chain(*make_chain(first, at_ms(150), 100), info(1, at_ms(150)))));
  say_epoch(1);
  say_chain(1, at_ms(150));
  source->say({quote(contract(100), at_ms(100), 5, 1, 2)}, at_ms(200));
  move(1, 1, at_ms(200));
  windows(1);
  fail_once = true;
  source->say({quote(contract(105), at_ms(300), 5, 1, 2)}, at_ms(400));
  move(1, 1, at_ms(400));
  ASSERT_TRUE(eventually([&] { return system.stats().restarts == 1; }));
  source->say({quote(contract(110), at_ms(500), 5, 3, 4)}, at_ms(800));
  move(1, 1, at_ms(800));
  // The window of the failure was published before the clock broke, or is lost with it; what counts is a base after it.
  ASSERT_TRUE(eventually([&] { return windows(2).back().end >= at_ms(600); }));
  const auto base = std::find_if(seen.begin() + 1, seen.end(), [](const auto& w) { return w.base; });
  ASSERT_NE(base, seen.end());
  EXPECT_EQ(base->rows.size(), 10u);
  for (std::size_t i = 1; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].sequence, seen[i - 1].sequence + 1);
    EXPECT_GT(seen[i].end, seen[i - 1].end);
  }
}

TEST_F(hydrator_worker_test, heals_a_lost_epoch_and_a_lost_chain_from_the_buckets) {
  auto epochs = *bus->bucket(subjects::epochs_bucket);
  auto chains = *bus->bucket(subjects::chains_bucket);
  ASSERT_TRUE(epochs->put(subjects::active_epoch_key("sim", spx),
                          wire::encode_epoch({.epoch = first, .missing_acks = {}, .windows = {}}, info(1, t0))));
  ASSERT_TRUE(chains->put(subjects::latest_chain_key("sim", spx),
                          wire::encode_chain(*make_chain(first, at_ms(150), 100), info(1, at_ms(150)))));
  // Only heartbeats arrive: they repeat the sequence of what was lost.
  source->say({}, at_ms(400));
  move(1, 1, at_ms(400));
  const auto& w = windows(1);
  EXPECT_EQ(w[0].rows.size(), 10u);
  EXPECT_EQ(w[0].spot, points(100));
  EXPECT_GE(link->metrics->common.gaps.value(), 2u);
}

// The chain in the store may be newer than the first windows: they lack what the chain before it had said.
TEST_F(hydrator_late_test, flags_windows_before_the_first_chain_of_a_process_that_comes_back) {
  source->say({quote(contract(100), at_ms(50), 5, 1, 2)}, at_ms(400));
  move(1, 1, at_ms(400));
  const auto& w = windows(2);
  EXPECT_EQ(w[0].end, at_ms(200));
  EXPECT_EQ(w[0].quality, market::quality::gap);
  EXPECT_EQ(w[1].quality, market::quality::synthetic);
  EXPECT_EQ(w[1].spot, points(100));
}

TEST_F(hydrator_worker_test, flags_windows_after_a_loss_until_the_next_chain) {
  say_epoch(1);
  source->say({quote(contract(100), at_ms(10), 1, 1, 2)}, at_ms(400));
  move(0, 1, at_ms(400));
  EXPECT_EQ(windows(1)[0].quality, market::quality::synthetic);  // the default source is the simulator
  source->channel().mark_loss();
  source->say({quote(contract(100), at_ms(450), 2, 1, 3)}, at_ms(600));
  move(0, 1, at_ms(600));
  EXPECT_EQ(windows(2)[1].quality, market::quality::gap);
  say_chain(1, at_ms(700));
  source->say({quote(contract(100), at_ms(750), 3, 1, 4)}, at_ms(800));
  move(1, 1, at_ms(800));
  EXPECT_EQ(windows(3)[2].quality, market::quality::synthetic);
}

TEST_F(hydrator_worker_test, goes_on_flagged_stale_while_chains_and_epochs_are_silent) {
  source->by_clock = true;
  say_epoch(1);
  source->say({quote(contract(100), at_ms(10), 1, 1, 2)}, at_ms(400));
  move(0, 1, at_ms(400));
  EXPECT_EQ(windows(1)[0].quality, market::quality::synthetic);
  clock_ms = 3'000;  // less than the limit: windows wait
  source->say({quote(contract(100), at_ms(2'000), 2, 1, 3)}, at_ms(2'500));
  ASSERT_TRUE(eventually([&] { return link->view->get_status().counts.events == 2; }));
  EXPECT_EQ(link->view->get_status().counts.windows, 1u);
  clock_ms = 20'000;
  EXPECT_EQ(windows(2)[1].quality, market::quality::stale);
  EXPECT_EQ(seen[1].epoch, 1u);
  EXPECT_TRUE(eventually([&] { return !link->view->get_status().problem.empty(); }));
  move(0, 1, at_ms(19'000));
  EXPECT_TRUE(eventually([&] { return link->view->get_status().problem.empty(); }));
  source->say({quote(contract(100), at_ms(20'100), 3, 1, 4)}, at_ms(20'500));
  move(0, 1, at_ms(20'500));
  EXPECT_EQ(windows(3)[2].quality, market::quality::synthetic);
}

// epoch-manager repeats its watermark when chain-ingest is dead: the windows must not wait for it.
TEST_F(hydrator_worker_test, goes_on_flagged_stale_while_epochs_only_repeat_their_watermark) {
  source->by_clock = true;
  say_epoch(1);
  source->say({quote(contract(100), at_ms(10), 1, 1, 2)}, at_ms(400));
  move(0, 1, at_ms(400));
  windows(1);
  ASSERT_TRUE(eventually([&] { return link->view->get_status().counts.windows == 1; }));
  source->say({quote(contract(100), at_ms(2'000), 2, 1, 3)}, at_ms(2'500));
  // The clock runs, and twice a second so does the repeat.
  for (int i = 1; i <= 40; ++i) {
    clock_ms = 500 * i;
    const auto taken = link->metrics->common.frames_in.value();
    publish(subjects::epoch_switch("sim", spx), wire::encode_heartbeat(info(1, at_ms(400))));
    ASSERT_TRUE(eventually([&] { return link->metrics->common.frames_in.value() > taken; }));
  }
  EXPECT_EQ(windows(2)[1].quality, market::quality::stale);
  EXPECT_TRUE(eventually([&] { return !link->view->get_status().problem.empty(); }));
}

TEST_F(hydrator_worker_test, counts_frames_of_another_symbol_and_repeated_ones) {
  auto other = *make_chain(first, at_ms(150), 100);
  other.symbol = *symbol::parse("NDX");
  publish(subjects::chain_snapshot("sim", spx), wire::encode_chain(other, info(1, at_ms(150))));
  EXPECT_TRUE(eventually([&] { return link->metrics->common.rejected("wrong_symbol").value() == 1; }));
  say_chain(1, at_ms(150));
  say_chain(2, at_ms(250));
  say_chain(2, at_ms(250));
  EXPECT_TRUE(eventually([&] { return link->metrics->common.rejected("duplicate").value() == 1; }));
}

}  // namespace
}  // namespace isobar::ws_hydrator
