#include "radar-physics/transport/radar_queries.hpp"

#include <gtest/gtest.h>

#include "isobar/radar/v1/radar.pb.h"

namespace isobar::radar_physics {
namespace {

namespace pb = radar::v1;
constexpr std::size_t grpc_bytes = 4u << 20;  ///< what a client takes unless told otherwise

/// A store with as many windows as may be asked for, each as large as they are.
class FullStore : public ::testing::Test {
 protected:
  template <class Message>
  void add(frame_history& to, std::uint64_t n, const Message& m) {
    const timestamp end{static_cast<std::int64_t>(n) * 1'000'000'000};
    to.add({.first_end = end,
            .last_end = end,
            .ordinal = n,
            .bytes = std::make_shared<const std::string>(m.SerializeAsString())});
  }
  void SetUp() override {
    for (std::uint64_t n = 1; n <= columns_max; ++n) {
      pb::FeatureVector v;
      v.mutable_header()->set_sequence(n);
      for (int i = 0; i < 196; ++i) v.add_value(1.0 / (1.0 + i));
      add(store_->features, n, v);
      pb::RadarColumn c;
      c.mutable_header()->set_sequence(n);
      for (int i = 0; i < 401; ++i) c.add_mass(0.25F);
      add(store_->columns, n, c);
    }
  }
  std::shared_ptr<radar_store> store_ =
      std::make_shared<radar_store>(store_limits{.history_bytes = 64u << 20, .columns = columns_max});
  const radar_stores stores_{{*symbol::parse("ESH4"), store_}};
  const radar_queries queries_{stores_};
};

TEST_F(FullStore, AnswersFitIntoAMessageAndHoldTheNewest) {
  pb::GetFeaturesRequest f;
  f.set_symbol("ESH4");
  f.set_windows(columns_max);
  pb::GetFeaturesResponse features;
  ASSERT_TRUE(queries_.answer(f, features));
  EXPECT_LT(features.ByteSizeLong(), grpc_bytes);
  EXPECT_GT(features.ByteSizeLong(), grpc_bytes / 2);
  EXPECT_EQ(features.vectors(features.vectors_size() - 1).header().sequence(), columns_max);
  pb::GetRadarRequest q;
  q.set_symbol("ESH4");
  q.set_columns(columns_max);
  q.set_as_of_ns(3'500'000'000'000);
  pb::GetRadarResponse r;
  ASSERT_TRUE(queries_.answer(q, r));
  EXPECT_LT(r.ByteSizeLong(), grpc_bytes);
  EXPECT_GT(r.ByteSizeLong(), grpc_bytes / 2);
  EXPECT_EQ(r.columns(r.columns_size() - 1).header().sequence(), 3'500u);
}

TEST_F(FullStore, TheLatestRadarIsReducedUntilItFits) {
  pb::GetRadarResponse r;
  const auto value = latest_radar(*store_, 100'000);
  ASSERT_TRUE(value);
  EXPECT_LE(value->size(), 100'000u);
  EXPECT_GT(value->size(), 90'000u);
  ASSERT_TRUE(r.ParseFromString(*value));
  EXPECT_EQ(r.columns(r.columns_size() - 1).header().sequence(), columns_max);
  EXPECT_FALSE(latest_radar(*store_, 100));  // not even one
  store_->clear();
  EXPECT_FALSE(latest_radar(*store_, 100'000));
}

}  // namespace
}  // namespace isobar::radar_physics
