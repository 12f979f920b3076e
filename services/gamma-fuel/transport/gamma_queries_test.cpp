#include "gamma-fuel/transport/gamma_queries.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/transport/gamma_fixture.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace fixture;
namespace pb = gex::v1;

class GammaQueries : public ::testing::Test {
 protected:
  pb::GetGexRequest asked(std::int64_t as_of_ns = 0, pb::SignModel model = {}, const std::string& expiry = {}) {
    pb::GetGexRequest q;
    q.set_symbol("ES");
    q.set_as_of_ns(as_of_ns);
    q.set_model(model);
    q.set_expiry(expiry);
    return q;
  }
  pb::GexProfile gex(const pb::GetGexRequest& q) {
    pb::GetGexResponse r;
    const auto done = queries_.answer(q, r);
    EXPECT_TRUE(done) << (done ? "" : done.error().evidence);
    return r.profile();
  }
  std::string why(const pb::GetGexRequest& q) {
    pb::GetGexResponse r;
    const auto done = queries_.answer(q, r);
    return done ? "answered" : std::to_string(to_status(done.error()).error_code()) + " " + done.error().evidence;
  }
  filled_store es_{store_limits{.profiles = 5}}, empty_;
  gamma_stores stores_{{es(), es_.store}, {*symbol::parse("NQH4"), empty_.store}};
  gamma_queries queries_{stores_};
};

TEST_F(GammaQueries, AnswerAsOfAnyWindowThatIsKept) {
  for (std::uint64_t n = 1; n <= 8; ++n) es_.give(n);
  EXPECT_EQ(gex(asked()).window_end_ns(), end_of(8).ns);
  EXPECT_EQ(gex(asked(end_of(6).ns)).window_end_ns(), end_of(6).ns);
  EXPECT_EQ(gex(asked(end_of(6).ns + 999)).window_end_ns(), end_of(6).ns);
  EXPECT_EQ(gex(asked(INT64_MAX)).window_end_ns(), end_of(8).ns);
  EXPECT_EQ(why(asked(end_of(3).ns)).substr(0, 56), "5 as_of_ns: before the history kept, which begins at 202");
  EXPECT_EQ(why(asked(-1)), "3 as_of_ns: negative");
  EXPECT_EQ(why(asked(INT64_MIN)), "3 as_of_ns: negative");
}

TEST_F(GammaQueries, LeaveOneSignModel) {
  es_.give(1);
  const auto p = gex(asked(0, pb::SIGN_MODEL_FLOW));
  ASSERT_EQ(p.models_size(), 1);
  EXPECT_EQ(p.models(0).model(), pb::SIGN_MODEL_FLOW);
  EXPECT_EQ(p.models(0).total_gex(), 1'003);
  EXPECT_EQ(gex(asked()).models_size(), 4);
  EXPECT_EQ(why(asked(0, static_cast<pb::SignModel>(5))), "3 model: 5 is not a sign model");
  EXPECT_EQ(why(asked(0, static_cast<pb::SignModel>(-1))), "3 model: -1 is not a sign model");
}

TEST_F(GammaQueries, ShowOneExpirysShare) {
  es_.give(1);
  const auto p = gex(asked(0, {}, "SPX-20240202"));
  ASSERT_EQ(p.expiries_size(), 1);
  EXPECT_EQ(p.expiries(0).call_gex(), 301);
  EXPECT_EQ(p.call_gex(0), 11);
  EXPECT_EQ(p.put_gex(1), 3);
  ASSERT_EQ(p.models_size(), 4);
  EXPECT_EQ(p.models(0).strikes().gex(0), 11 - 1);
  EXPECT_EQ(p.models(1).strikes().gex(0), 1 - 11);
  EXPECT_EQ(p.models(2).strikes().gex(1), -23);
  EXPECT_EQ(p.models(0).strikes().vanna(1), 8 - 3);
  EXPECT_EQ(p.models(1).strikes().charm(2), 5 - 3);
  EXPECT_EQ(p.models(3).strikes().gex(0), -20);
  EXPECT_EQ(p.models(3).strikes().charm(2), -3);
  EXPECT_EQ(p.models(0).total_gex(), 301 - 151);
  EXPECT_EQ(p.models(2).total_vanna(), -100);
  EXPECT_EQ(p.models(3).total_gex(), -500);
  ASSERT_EQ(p.model_spread_size(), 3);
  EXPECT_EQ(p.model_spread(0), 10 + 20);  // 10, -10, -12, -20
  EXPECT_EQ(p.model_spread(2), 40 + 33);
  EXPECT_EQ(p.total_model_spread(), 150 + 500);  // 150, -150, -452, -500
  EXPECT_FALSE(p.models(0).has_walls());
  EXPECT_NEAR(p.imbalance(0), 10.0 / 12, 1e-6);
  EXPECT_EQ(p.call_open_interest_size() + p.pins_size() + p.d1_gex_abs_size(), 0);
  EXPECT_FALSE(p.has_gravity() || p.has_minute_gravity() || p.has_volume());
  EXPECT_EQ(gex(asked(0, pb::SIGN_MODEL_ALL_SHORT, "SPX-20240202")).models_size(), 1);
  EXPECT_EQ(why(asked(0, {}, "SPX-20240203")), "5 expiry: SPX-20240203 is not in the landscape");
  EXPECT_EQ(why(asked(0, {}, "SPX")), "3 expiry: \"SPX\" is not like SPXW-20251219");
  EXPECT_LT(why(asked(0, {}, std::string(5'000, 'x'))).size(), 110u);
  es_.store->expiries.clear();
  EXPECT_EQ(why(asked(0, {}, "SPX-20240202")), "5 expiry: its strikes are not kept for the window of as_of_ns");
}

TEST_F(GammaQueries, NameTheSymbolThatIsMeant) {
  es_.give(1);
  auto q = asked();
  q.set_symbol("ESH4");
  EXPECT_EQ(gex(q).symbol(), "ESH4");
  q.set_symbol("");
  EXPECT_EQ(why(q), "3 symbol: not a registry symbol");
  q.set_symbol("CL");
  EXPECT_EQ(why(q), "5 symbol: CL is not worked on here");
  q.set_symbol("NQ");
  EXPECT_EQ(why(q), "14 symbol: nothing built yet for NQ");
}

TEST_F(GammaQueries, LevelsComeWithTheNewestSignals) {
  level::v1::GetLevelsRequest q;
  level::v1::GetLevelsResponse r;
  q.set_symbol("ES");
  EXPECT_EQ(queries_.answer(q, r).error().code, query_errc::unavailable);
  es_.give_levels(1);
  ASSERT_TRUE(queries_.answer(q, r));
  EXPECT_EQ(r.levels().levels_size(), 2);
  EXPECT_FALSE(r.has_signals());
  es_.give_signals(1);
  es_.give_signals(2);
  ASSERT_TRUE(queries_.answer(q, r));
  EXPECT_EQ(r.signals().as_of_ns(), end_of(2).ns);
}

TEST_F(GammaQueries, AlertsAreNewestFirstAndBounded) {
  level::v1::GetAlertsRequest q;
  level::v1::GetAlertsResponse r;
  q.set_symbol("ES");
  EXPECT_EQ(queries_.answer(q, r).error().code, query_errc::unavailable);
  es_.give(1);
  ASSERT_TRUE(queries_.answer(q, r));
  EXPECT_EQ(r.alerts_size(), 0);
  for (int i = 0; i < 1'500; ++i) es_.give_alert();
  ASSERT_TRUE(queries_.answer(q, r));
  EXPECT_EQ(r.alerts_size(), 100);
  EXPECT_EQ(r.alerts(0).header().sequence(), 1'500u);
  r.Clear();
  q.set_limit(1'000);
  ASSERT_TRUE(queries_.answer(q, r));
  EXPECT_EQ(r.alerts_size(), 1'000);
  EXPECT_EQ(r.alerts(999).header().sequence(), 501u);
  q.set_limit(1'001);
  EXPECT_EQ(queries_.answer(q, r).error().evidence, "limit: above 1000");
}

TEST_F(GammaQueries, TheLatestLandscapeIsTheFrameWhereItFits) {
  EXPECT_FALSE(latest_gex(*es_.store, 1 << 20));
  es_.give(1);
  es_.give(2);
  const auto value = latest_gex(*es_.store, 1 << 20);
  ASSERT_TRUE(value);
  pb::GexProfile p;
  ASSERT_TRUE(p.ParseFromString(*value));
  EXPECT_EQ(p.window_end_ns(), end_of(2).ns);
  EXPECT_FALSE(latest_gex(*es_.store, 100));
}

TEST_F(GammaQueries, TheStoreStaysWithinItsBounds) {
  filled_store small(store_limits{.profiles = 1'000, .profile_bytes = 20'000, .expiry_bytes = 2'000});
  for (std::uint64_t n = 1; n <= 300; ++n) small.give(n);
  EXPECT_LE(small.store->bytes(), small.store->bytes_max());
  EXPECT_LE(small.store->profiles.bytes(), 20'000u);
  EXPECT_GE(small.store->profiles.size(), 2u);
  EXPECT_LE(small.store->expiries.bytes(), 2'000u);
  EXPECT_EQ(small.store->profiles.newest_ordinal(), 300u);
}

}  // namespace
}  // namespace isobar::gamma_fuel
