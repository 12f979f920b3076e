#include "service/service_metrics.hpp"

#include <gtest/gtest.h>

#include <latch>

#include "bus/local_bus.hpp"
#include "testing/eventually.hpp"

namespace isobar::service {
namespace {

struct wait_for {
  std::latch* entered;
  std::latch* open;
};
struct sleeper {
  using messages = actors::message_list<wait_for, intake_ready>;
  void on(actors::context&, const wait_for& m) {
    m.entered->count_down();
    m.open->wait();
  }
  void on(actors::context&, const intake_ready&) {}
};

TEST(ServiceMetrics, CopiesMailboxAndQueueOnScrape) {
  telemetry::registry registry;
  const std::shared_ptr<bus::bus> on = bus::make_local_bus();
  service_metrics m(registry, "ws-hydrator", *symbol::parse("SPX"));
  std::latch entered(1), open(1), never(1);
  actors::system system;
  const auto worker = system.spawn("sleeper", sleeper{});
  worker.send(wait_for{&entered, &open});
  entered.wait();
  m.watch(worker);
  auto in = *intake::open(*on, "q", {.queue_group = {}, .queue_limit = 2}, worker);
  m.watch(in, "quotes");
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(on->publish("q", "x"));
  ASSERT_TRUE(on->flush());
  ASSERT_TRUE(isobar::testing::eventually([&] { return in->stats().dropped == 3; }));
  m.rejected("crossed").add(2);
  const std::string text = registry.scrape();
  for (const char* line : {"isobar_ws_hydrator_queue_depth{queue=\"quotes\",symbol=\"SPX\"} 2\n",
                           "isobar_ws_hydrator_queue_dropped_total{queue=\"quotes\",symbol=\"SPX\"} 3\n",
                           "isobar_ws_hydrator_rejected_total{reason=\"crossed\",symbol=\"SPX\"} 2\n",
                           "isobar_ws_hydrator_mailbox_depth{symbol=\"SPX\"} 2\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "not in\n" << text;
  EXPECT_EQ(registry.scrape().find("isobar_ws_hydrator_queue_dropped_total{queue=\"quotes\",symbol=\"SPX\"} 6"),
            std::string::npos);
  open.count_down();
}

TEST(ServiceMetrics, RaisesCountersToTotalsKeptElsewhere) {
  telemetry::registry registry;
  auto c = registry.get_counter("isobar_bus_published_total");
  raise_to(c, 5);
  raise_to(c, 5);
  raise_to(c, 3);
  EXPECT_EQ(c.value(), 5u);
}

}  // namespace
}  // namespace isobar::service
