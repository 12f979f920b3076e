#include "heatmap-builder/transport/tile_encoder.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <numeric>

#include "heatmap-builder/domain/board_fixture.hpp"
#include "isobar/heatmap/v1/tile.pb.h"
#include "isobar/surface/v1/numeric.pb.h"

namespace isobar::heatmap_builder {
namespace {

using namespace fixture;

/// What protobuf itself writes for the same frame.
heatmap::v1::TileDelta reference(const tile_frame& f, const tile_columns& c, std::int64_t unit) {
  heatmap::v1::TileDelta m;
  auto* h = m.mutable_header();
  h->set_version(1);
  h->set_producer(std::string(f.producer));
  h->set_sequence(f.sequence);
  h->set_ts_first_ns(f.window_end.ns);
  h->set_ts_last_ns(f.window_end.ns);
  h->set_record_count(static_cast<std::uint32_t>(c.changed.size() + c.removed.size()));
  h->set_quality(static_cast<common::v1::Quality>(f.quality));
  h->set_watermark_ns(f.window_end.ns);
  m.set_symbol(std::string(f.symbol));
  m.set_epoch_id(f.epoch);
  m.mutable_expiry()->set_root(f.expiry->root);
  m.mutable_expiry()->set_expiry_yyyymmdd(to_yyyymmdd(f.expiry->expiry));
  m.set_revision(f.revision);
  m.set_window_end_ns(f.window_end.ns);
  m.set_base(f.base);
  m.set_value_unit_nanos(unit);
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < c.changed.size(); before = c.changed[i++]) {
    m.add_tile_delta(c.changed[i] - before);
    m.add_mid(c.mid[i] / unit);
    m.add_natural_debit_over_mid((c.natural_debit[i] - c.mid[i]) / unit);
    m.add_natural_credit_under_mid((c.mid[i] - c.natural_credit[i]) / unit);
  }
  before = 0;
  for (std::size_t i = 0; i < c.removed.size(); before = c.removed[i++]) {
    m.add_removed_delta(c.removed[i] - before);
    m.add_removed_reasons(c.removed_reasons[i]);
  }
  return m;
}

TEST(TileEncoderProperty, WritesProtobufsBytesWithTheGreatestUnit) {
  EXPECT_TRUE(rc::check([] {
    const market::expiry_key key{*from_yyyymmdd(20251219), "SPXW"};
    const std::int64_t tick = *rc::gen::element<std::int64_t>(1, 7, 25'000'000, 50'000'000, 3'000'000'000);
    tile_columns c;
    std::int64_t expected_unit = 0;
    for (std::uint32_t tile = 0; tile < 60; ++tile) {
      const int what = *rc::gen::inRange(0, 3);
      if (what == 0) {
        const std::int64_t mid = tick * *rc::gen::inRange(1, 1'000'000);
        const std::int64_t over = tick * *rc::gen::inRange(-50, 100), under = tick * *rc::gen::inRange(-50, 100);
        c.add(tile * 977, {mid, mid + over, mid - under, 0});
        for (const std::int64_t v : {mid, over, under}) expected_unit = std::gcd(expected_unit, v);
      } else if (what == 1) {
        c.removed.push_back(tile * 977);
        c.removed_reasons.push_back(static_cast<reason_mask>(2 * *rc::gen::inRange(1, 64)));
      }
    }
    if (expected_unit == 0) expected_unit = 1;
    const tile_frame f{.symbol = "SPX",
                       .epoch = 3,
                       .expiry = &key,
                       .revision = 1'766'000'000'200,
                       .window_end = timestamp{1'766'000'000'200'000'000},
                       .quality = market::quality::synthetic,
                       .sequence = *rc::gen::inRange<std::uint64_t>(1, 100'000),
                       .base = *rc::gen::arbitrary<bool>()};
    tile_encoder encoder;
    std::string bytes;
    encoder.encode(f, c, bytes);
    heatmap::v1::TileDelta parsed;
    RC_ASSERT(parsed.ParseFromString(bytes));
    RC_ASSERT(parsed.value_unit_nanos() == expected_unit);
    RC_ASSERT(bytes == reference(f, c, expected_unit).SerializeAsString());
  }));
}

TEST(CommonUnit, IsTheGreatestDivisorOfEveryColumn) {
  const std::vector<std::int64_t> none, zeros{0, 0}, spreads{400, -800, 0}, small{25'000'000, 75'000'000};
  const std::vector<std::int64_t> large{5'000'000'000'000'100, -3'000'000'000'000'000};
  EXPECT_EQ(common_unit({&none, &zeros}), 1);
  EXPECT_EQ(common_unit({&spreads, &none}), 400);
  EXPECT_EQ(common_unit({&spreads, &large}), 100);  // only a large value breaks the first candidate
  EXPECT_EQ(common_unit({&zeros, &small}), 25'000'000);
  const std::vector<std::int64_t> lowest{INT64_MIN}, odd{3, INT64_MAX};
  EXPECT_EQ(common_unit({&odd}), 1);
  EXPECT_EQ(common_unit({&lowest, &spreads}), 16);  // 2^63 and 400
}

TEST(TileEncoder, GradientFrameIsAsProtobufWritesIt) {
  const auto b = make_board(make_epoch(1, {{.strikes = {100, 110}}}, {10}));
  window_delta w;
  w.board = b.get();
  w.revision = 400;
  w.window_end = timestamp{400'000'000};
  gradient_delta d;
  d.sequence = 7;
  d.changed = {1, 5};
  d.value = {0, 12'345};
  d.removed = {3};
  std::string bytes;
  tile_encoder().encode_gradient(w, d, bytes);
  ::isobar::surface::v1::NumericDelta m;
  ASSERT_TRUE(m.ParseFromString(bytes));
  EXPECT_EQ(m.SerializeAsString(), bytes);
  EXPECT_EQ(m.surface(), "heatmap.gradient");
  EXPECT_EQ(m.plane(), "SPXW-20251219");
  EXPECT_EQ(m.header().sequence(), 7u);
  EXPECT_EQ(m.header().record_count(), 3u);
  EXPECT_EQ(m.cell_delta(1), 4u);
  EXPECT_EQ(m.value(1), 12'345);
  EXPECT_EQ(m.removed_delta(0), 3u);
  EXPECT_DOUBLE_EQ(m.value_unit(), 0.01);
}

}  // namespace
}  // namespace isobar::heatmap_builder
