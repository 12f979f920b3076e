#include "service/repairing_bus.hpp"

#include <gtest/gtest.h>

#include "bus/local_bus.hpp"
#include "bus/nats_bus.hpp"
#include "service/test/frames.hpp"
#include "testing/eventually.hpp"
#include "testing/nats_server.hpp"
#include "wire/subjects.hpp"

namespace isobar::service {
namespace {

using isobar::testing::eventually;
using test::frame;

const std::string subject = subjects::feed_book("sim", *symbol::parse("ES"));

/// What a subscription gave so far, by sequence numbers; heartbeats are negative.
class reader {
 public:
  reader(bus::bus& on, bus::subscribe_options options) {
    auto made = on.subscribe(subject, std::move(options), [] {});
    if (!made) throw std::runtime_error(made.error().evidence);
    from_ = std::move(*made);
  }
  void drain() {
    std::vector<bus::message> got;
    while (from_->drain(got, 16) == 16) {}
    for (const auto& m : got) {
      const auto header = wire::peek_header(m.bytes());
      const auto n = static_cast<std::int64_t>(header->sequence);
      seen.push_back(header->heartbeat ? -n : n);
    }
  }
  bool reaches(std::int64_t last) {
    return eventually([&] {
      drain();
      return !seen.empty() && seen.back() == last;
    });
  }
  std::vector<std::int64_t> seen;

 private:
  std::unique_ptr<bus::subscription> from_;
};

std::vector<std::int64_t> run_of(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> out;
  for (auto n = first; n <= last; ++n) out.push_back(n);
  return out;
}

void publish(bus::bus& on, std::uint64_t first, std::uint64_t last) {
  for (auto n = first; n <= last; ++n) ASSERT_TRUE(on.publish(subject, frame(n)));
  ASSERT_TRUE(on.flush());
}

/// Waits until what a repairing publisher has said is kept.
bool keeps(bus::bus& publisher) {
  const auto kept = *publisher.kept(domain_of(subject)->stream);
  return eventually([&] {
    (void)publisher.publish(subject, frame(0, true));
    (void)publisher.flush();
    return kept->last(subject).has_value();
  });
}

// Eight frames fit into the queue: the rest of a burst that nobody drains is dropped, and read from the stream.
void repairs_what_a_full_queue_dropped(const std::shared_ptr<bus::bus>& on, bus::bus& publisher) {
  reader r(*on, {.queue_limit = 8});
  ASSERT_TRUE(keeps(publisher));
  publish(publisher, 1, 1);
  ASSERT_TRUE(r.reaches(1));
  publish(publisher, 2, 120);
  ASSERT_TRUE(eventually([&] { return on->stats().dropped >= 100; }));
  publish(publisher, 121, 121);
  // What is found behind the eight that were kept shows the hole.
  EXPECT_TRUE(eventually([&] {
    r.drain();
    (void)publisher.publish(subject, frame(121, true));
    (void)publisher.flush();
    return !r.seen.empty() && r.seen.back() == -121;
  }));
  std::erase_if(r.seen, [](std::int64_t n) { return n <= 0; });
  EXPECT_EQ(r.seen, run_of(1, 121));
  EXPECT_GE(on->stats().gaps_repaired, 1u);
  EXPECT_EQ(on->stats().gaps_unrepaired, 0u);
  EXPECT_EQ(on->stats().frames_held, 0u);
}

TEST(RepairingBus, RepairsWhatAFullQueueDroppedOnTheLocalBus) {
  const auto on = make_repairing_bus(bus::make_local_bus());
  repairs_what_a_full_queue_dropped(on, *on);
}

TEST(RepairingBus, RepairsWhatAFullQueueDroppedOverNats) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  isobar::testing::nats_server server;
  const auto on = make_repairing_bus(*bus::make_nats_bus({.url = server.url()}));
  const auto publisher = make_repairing_bus(*bus::make_nats_bus({.url = server.url()}));
  ASSERT_TRUE(eventually([&] { return on->stats().connected && publisher->stats().connected; }));
  repairs_what_a_full_queue_dropped(on, *publisher);
}

TEST(RepairingBus, PassesAGapOnWhenTheStreamHasNothing) {
  const auto on = make_repairing_bus(bus::make_local_bus(), {.limit = std::chrono::milliseconds(60), .held = {}});
  reader r(*on, {});
  publish(*on, 1, 2);
  publish(*on, 5, 6);
  ASSERT_TRUE(r.reaches(6));
  EXPECT_EQ(r.seen, (std::vector<std::int64_t>{1, 2, 5, 6}));
  EXPECT_EQ(on->stats().gaps_unrepaired, 1u);
  EXPECT_EQ(on->stats().frames_held, 0u);
}

TEST(RepairingBus, KeepsAgainWhatABrokerLostWithItsStore) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  auto server = std::make_unique<isobar::testing::nats_server>();
  const auto on = make_repairing_bus(*bus::make_nats_bus({.url = server->url()}));
  const auto plain = *bus::make_nats_bus({.url = server->url()});
  ASSERT_TRUE(eventually([&] { return on->stats().connected && plain->stats().connected; }));
  reader r(*on, {});
  ASSERT_TRUE(keeps(*on));
  publish(*plain, 1, 1);
  ASSERT_TRUE(r.reaches(1));
  server->kill();
  server->lose_store();
  server->start();
  ASSERT_TRUE(eventually([&] { return on->stats().reconnects == 1 && plain->stats().connected; }));
  // Made anew without anybody asking: the plain bus only looks.
  EXPECT_TRUE(eventually([&] {
    (void)plain->publish(subject, frame(2));
    (void)plain->flush();
    const auto info = plain->request("$JS.API.STREAM.INFO." + domain_of(subject)->stream, "", std::chrono::seconds(1));
    return info && info->bytes().find("\"first_seq\":1") != std::string_view::npos;
  }));
}

TEST(RepairingBus, LeavesOtherSubjectsAlone) {
  EXPECT_FALSE(domain_of("isobar.feed.sim.*.book")) << "patterns";
  EXPECT_FALSE(domain_of(subjects::window_resync("sim", *symbol::parse("ES"))));
  EXPECT_FALSE(domain_of("something.else"));
  const auto domain = domain_of(subjects::model_flow("sim 2", *symbol::parse("SPX")));
  ASSERT_TRUE(domain);
  EXPECT_EQ(domain->stream, "isobar-model");
  EXPECT_EQ(domain->patterns.size(), 4u);
}

}  // namespace
}  // namespace isobar::service
