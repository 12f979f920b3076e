#include "service/frame_keeper.hpp"

#include <gtest/gtest.h>

#include "bus/local_bus.hpp"
#include "service/frame_follower.hpp"
#include "service/publisher.hpp"
#include "testing/eventually.hpp"

namespace isobar::service {
namespace {

constexpr const char* subject = "isobar.model.t.SPX.gex";
constexpr const char* notes = "isobar.feed.t.SPX.resync";
constexpr const char* aside = "isobar.chain.t.SPX.refill";

/// A producer that keeps its frames, and everything that it says.
struct running {
  explicit running(std::size_t bytes_max, std::string answers_on = {})
      : heard(bus->subscribe("isobar.>", {}, [] {}).value()),
        series(metrics, "decomposer", name),
        out(*bus, "decomposer", subject, &series) {
    out.keep_for_refill(
        {.of = name, .notes = notes, .producer = "decomposer", .bytes_max = bytes_max, .aside = std::move(answers_on)},
        series.refills("gex"));
  }
  void publish(int frames) {
    for (int i = 0; i < frames; ++i)
      (void)out.publish({.watermark = {i + 1}}, [&](const wire::frame_info& h) {
        auto data = h;
        data.record_count = 1;
        return wire::encode_heartbeat(data);  // a header will do
      });
  }
  bool ask(std::uint64_t from, wire::refill_purpose purpose = wire::refill_purpose::want, std::string who = "a") {
    return out.answer(
        {.symbol = name, .requester = std::move(who), .from_sequence = from, .subject = subject, .purpose = purpose});
  }
  /// "<last word of the subject> <sequence>" of each message since the last call.
  std::vector<std::string> said() {
    (void)bus->flush();
    std::vector<bus::message> all;
    while (heard->drain(all, 256) > 0) {}
    std::vector<std::string> words;
    for (const bus::message& m : all) {
      const std::string word = m.subject.substr(m.subject.rfind('.') + 1);
      if (const auto note = wire::decode_refill_request(m.bytes()); word == "resync" && note)
        words.push_back("kept " + std::to_string(note->from_sequence));
      else
        words.push_back(word + " " + std::to_string(wire::peek_header(m.bytes())->sequence));
    }
    return words;
  }

  const symbol name = *symbol::parse("SPX");
  std::unique_ptr<bus::bus> bus = bus::make_local_bus();
  std::unique_ptr<bus::subscription> heard;
  telemetry::registry metrics;
  service_metrics series;
  publisher out;
};
using words = std::vector<std::string>;

TEST(FrameKeeper, GivesAgainWhatIsMissingThenAHeartbeat) {
  running r(1 << 20);
  r.publish(3);
  EXPECT_EQ(r.said(), (words{"gex 1", "gex 2", "gex 3"}));
  EXPECT_TRUE(r.ask(2));
  EXPECT_EQ(r.said(), (words{"kept 1", "gex 2", "gex 3", "gex 3"}));
  EXPECT_EQ(r.series.refills("gex").answered.value(), 2u);
}

TEST(FrameKeeper, AnswersAsideWhereOthersCountFrames) {
  running r(1 << 20, aside);
  r.publish(2);
  (void)r.said();
  EXPECT_TRUE(r.ask(1));
  EXPECT_EQ(r.said(), (words{"kept 1", "refill 1", "refill 2", "refill 2"}));
}

TEST(FrameKeeper, OtherSubjectsAndSymbolsAreNotItsBusiness) {
  running r(1 << 20);
  r.publish(1);
  (void)r.said();
  EXPECT_FALSE(r.out.answer({.symbol = r.name, .requester = "a", .from_sequence = 1, .subject = "isobar.x.t.SPX.y"}));
  EXPECT_FALSE(
      r.out.answer({.symbol = *symbol::parse("ES"), .requester = "a", .from_sequence = 1, .subject = subject}));
  EXPECT_TRUE(r.said().empty());
}

TEST(FrameKeeper, FramesGoWhenEverybodyHasThemForGood) {
  running r(1 << 20);
  EXPECT_FALSE(r.ask(1, wire::refill_purpose::release, "a"));
  EXPECT_FALSE(r.ask(1, wire::refill_purpose::release, "b"));
  r.publish(4);
  const double all = r.series.refills("gex").bytes.value();
  EXPECT_GT(all, 0);
  (void)r.ask(5, wire::refill_purpose::release, "a");
  EXPECT_EQ(r.out.keeper()->frames().first(), 1u) << "b may still ask for them";
  (void)r.ask(3, wire::refill_purpose::release, "b");
  EXPECT_EQ(r.out.keeper()->frames().first(), 3u);
  EXPECT_DOUBLE_EQ(r.series.refills("gex").bytes.value(), all / 2);
}

TEST(FrameKeeper, BeyondTheBoundTheOldestGoAndTheConsumerIsTold) {
  running r(100);
  (void)r.ask(1, wire::refill_purpose::release);
  r.publish(50);
  (void)r.said();
  EXPECT_GT(r.series.refills("gex").dropped.value(), 0u);
  EXPECT_LE(r.series.refills("gex").bytes.value(), 100);
  const std::uint64_t first = r.out.keeper()->frames().first();
  EXPECT_TRUE(r.ask(1));
  EXPECT_EQ(r.said(), (words{"kept " + std::to_string(first), "gex 50"}));
  frame_follower follower;
  EXPECT_TRUE(follower.kept_from(first)) << "a gap, not a wait";
}

TEST(FrameKeeper, AFrameThatIsOnlyMadeIsGivenToWhoeverAsks) {
  running r(1 << 20);
  (void)r.out.make({}, [](const wire::frame_info& h) { return wire::encode_heartbeat(h); });
  EXPECT_TRUE(r.said().empty());
  EXPECT_TRUE(r.ask(1));
  EXPECT_EQ(r.said(), (words{"kept 1", "gex 1"})) << "no heartbeat: nothing was told yet";
}

}  // namespace
}  // namespace isobar::service
