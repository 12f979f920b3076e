#include "heatmap-builder/app_fixture.hpp"
#include "service/shard_records.hpp"
#include "service/test/http_get.hpp"
#include "wire/feed_codec.hpp"

namespace isobar::heatmap_builder {
namespace {

using namespace fixture;

/// Six windows: a base, then a quote that moves, one that goes and one that comes back.
market::heatmap_rows step(int number) {
  if (number == 1) return golden_window(1, 1, 1, true, golden_rows());
  const double bid = 10.0 + number;
  std::vector<market::heatmap_row> rows{{2, at(bid), at(bid + 0.4), timestamp{100'000'000 * number}}};
  if (number == 3) rows.push_back({4, market::no_price, market::no_price, timestamp{100'000'000}});
  if (number == 5) rows.push_back({4, at(1.7), at(1.8), timestamp{100'000'000}});
  return golden_window(1, number, static_cast<std::uint64_t>(number), false, std::move(rows));
}
constexpr int steps = 6;

/// Frames of both outputs.
struct outputs {
  explicit outputs(bus::bus& on)
      : tiles(on, subjects::heatmap_tiles("sim", running_builder::spx())),
        gradient(on, subjects::heatmap_gradient("sim", running_builder::spx())) {}
  std::string next() {
    const auto a = tiles.next(), b = gradient.next();
    return a && b ? std::string(a->bytes()) + "|" + std::string(b->bytes()) : "nothing came";
  }
  tap tiles, gradient;
};

std::vector<std::string> of_one_process() {
  running_builder one;
  outputs out(one.on());
  one.announce(golden_epoch());
  std::vector<std::string> said;
  for (int i = 1; i <= steps; ++i) {
    one.feed(step(i));
    said.push_back(out.next());
  }
  return said;
}

class HeatmapBuilderShard : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto registry = bus_->bucket(service::registry_bucket);
    ASSERT_TRUE(registry.has_value());
    ASSERT_TRUE(
        (*registry)->put(service::registry_key("sim", service::symbol_kind::options, running_builder::spx()), "SPX"));
  }
  static bool works(running_builder& b) {
    return eventually([&] { return b.metric("isobar_shard_takeovers_total{service=\"heatmap-builder\"}") == 1; });
  }
  std::shared_ptr<bus::bus> bus_ = bus::make_local_bus();
};

TEST_F(HeatmapBuilderShard, TheNextHolderMakesTheVeryNextFrame) {
  const auto want = of_one_process();
  for (const char* every : {"1", "1000000"}) {  // the last checkpoint is of the end either way
    outputs out(*bus_);
    std::vector<std::string> said;
    const auto feed = [&](running_builder& b, int from, int to) {
      for (int i = from; i <= to; ++i) {
        b.feed(step(i));
        said.push_back(out.next());
      }
    };
    {
      running_builder first({std::string("--heatmap-builder.checkpoint-windows=") + every}, bus_, "0/1");
      ASSERT_TRUE(works(first));
      first.announce(golden_epoch());
      feed(first, 1, 3);
    }
    {
      running_builder second({}, bus_, "0/1");
      ASSERT_TRUE(works(second));
      EXPECT_TRUE(eventually([&] { return second.metric("isobar_heatmap_builder_rejected_total") < 1; }));
      feed(second, 4, steps);
    }
    EXPECT_EQ(said, want) << every;
    (void)(*bus_->bucket(service::checkpoints_bucket))->remove("heatmap-builder.sim.spx.head");
  }
}

TEST_F(HeatmapBuilderShard, RowsThatWereMissedAreAskedFor) {
  const auto want = of_one_process();
  outputs out(*bus_);
  tap asked(*bus_, subjects::feed_resync("sim", running_builder::spx()));
  std::vector<std::string> said;
  {
    running_builder first({}, bus_, "0/1");
    ASSERT_TRUE(works(first));
    first.announce(golden_epoch());
    for (int i = 1; i <= 2; ++i) {
      first.feed(step(i));
      said.push_back(out.next());
    }
  }
  running_builder second({}, bus_, "0/1");
  ASSERT_TRUE(works(second));
  // As the decomposer does: 3 and 4 went by while nobody listened.
  second.feed(step(5));
  const auto wanted = [&] {
    for (;;) {
      const auto m = asked.next();
      if (!m) return std::uint64_t{0};
      const auto r = wire::decode_refill_request(m->bytes());
      if (r && r->purpose == wire::refill_purpose::want && r->from_sequence == 3) return r->from_sequence;
    }
  };
  EXPECT_EQ(wanted(), 3u);
  for (int i = 3; i <= 6; ++i) {
    second.feed(step(i));
    said.push_back(out.next());
  }
  EXPECT_EQ(said, want);
}

TEST_F(HeatmapBuilderShard, AGapThatNobodyCanFillIsHealedByABase) {
  running_builder only({}, bus_, "0/1");
  ASSERT_TRUE(works(only));
  outputs out(*bus_);
  only.announce(golden_epoch());
  only.feed(step(1));
  (void)out.next();
  only.feed(step(4));  // 2 and 3 are kept no more
  only.send(subjects::feed_resync("sim", running_builder::spx()),
            wire::encode_refill_request({.symbol = running_builder::spx(),
                                         .requester = "decomposer",
                                         .from_sequence = 4,
                                         .subject = subjects::model_heatmap("sim", running_builder::spx()),
                                         .purpose = wire::refill_purpose::kept}));
  EXPECT_TRUE(eventually([&] { return only.metric("isobar_heatmap_builder_gaps_total{symbol=\"SPX\"}") == 1; }));
  only.feed(step(4));
  only.feed(golden_window(1, 5, 5, true, golden_rows()));
  EXPECT_NE(out.next(), "nothing came");
  EXPECT_EQ(only.metric("isobar_heatmap_builder_heals_total{symbol=\"SPX\"}"), 1);
}

TEST_F(HeatmapBuilderShard, ASymbolWithoutInputDoesNotMakeTheOthersUnready) {
  const auto registry = bus_->bucket(service::registry_bucket);
  ASSERT_TRUE((*registry)->put(service::registry_key("sim", service::symbol_kind::options, *symbol::parse("NOFEED")),
                               "NOFEED"));
  running_builder only({}, bus_, "0/1");
  const auto ready = [&] {
    return service::test::http_get(only.process().get_host().http_port(), "/readyz").contains("200 OK");
  };
  ASSERT_TRUE(
      eventually([&] { return only.metric("isobar_shard_takeovers_total{service=\"heatmap-builder\"}") == 2; }));
  EXPECT_TRUE(eventually(ready)) << "none was heard of";
  outputs out(*bus_);
  only.announce(golden_epoch());
  only.heartbeat(0, timestamp{1});
  EXPECT_TRUE(eventually([&] { return !ready(); })) << "SPX has nothing built";
  only.feed(step(1));
  EXPECT_NE(out.next(), "nothing came");
  EXPECT_TRUE(eventually(ready));
}

}  // namespace
}  // namespace isobar::heatmap_builder
