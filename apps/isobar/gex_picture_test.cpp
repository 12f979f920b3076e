#include "isobar/gex_picture.hpp"

#include <gtest/gtest.h>

namespace isobar::cli {
namespace {

constexpr std::int64_t point = 1'000'000'000;

gex::v1::GexProfile three_strikes() {
  gex::v1::GexProfile p;
  p.set_symbol("ES");
  p.set_option_symbol("SPX");
  p.set_price_nanos(6'905 * point);
  p.set_strike_step_nanos(5 * point);
  p.mutable_units()->set_contract_multiplier(50);
  p.mutable_units()->set_price_nanos(6'905 * point);
  auto& m = *p.add_models();
  m.set_model(gex::v1::SIGN_MODEL_FLOW);
  m.set_total_gex(1'000);
  m.mutable_walls()->set_call_wall_nanos(6'910 * point);
  const double calls[] = {0, 50, 100}, puts[] = {80, 40, 0};
  for (int i = 0; i < 3; ++i) {
    p.add_strike_nanos((6'900 + 5 * i) * point);
    p.add_call_gex(calls[i]);
    p.add_put_gex(puts[i]);
    m.mutable_strikes()->add_gex(calls[i] - puts[i]);
  }
  return p;
}

TEST(GexPicture, DrawsStrikesHighestFirstWithBarsInProportionAndMarks) {
  const auto text = gex_picture(three_strikes(), {.model = gex::v1::SIGN_MODEL_FLOW, .colour = false, .width = 10});
  const auto line_of = [&](const char* strike) {
    const auto at = text.find(strike);
    const auto begin = text.rfind('\n', at) + 1;
    return text.substr(begin, text.find('\n', at) - begin);
  };
  EXPECT_LT(text.find("   6910.00"), text.find("   6905.00"));
  EXPECT_LT(text.find("   6905.00"), text.find("   6900.00"));
  EXPECT_EQ(line_of("   6910.00"), "               6910.00  ##########      100.0  call wall");
  EXPECT_EQ(line_of("   6905.00"), "      ####     6905.00  #####            10.0  <- price");
  EXPECT_EQ(line_of("   6900.00"), "  ########     6900.00                  -80.0");
}

TEST(GexPicture, CountsContractsAndDollarsFromTheUnits) {
  const auto text = gex_picture(three_strikes(), {.model = gex::v1::SIGN_MODEL_FLOW, .colour = false});
  EXPECT_NE(text.find("1000.0       20.0    476.79M"), std::string::npos) << text;  // 1,000 x 6,905^2 x 0.01
}

TEST(GexPicture, SaysThatABasisIsNotKnown) {
  auto p = three_strikes();
  EXPECT_NE(gex_picture(p, {.colour = false}).find("basis not known"), std::string::npos);
  p.set_basis_nanos(0);
  EXPECT_NE(gex_picture(p, {.colour = false}).find("basis 0.00"), std::string::npos);
}

TEST(GexPicture, TellsExpiriesGravityAndVolume) {
  auto p = three_strikes();
  auto& e = *p.add_expiries();
  e.mutable_key()->set_root("SPXW");
  e.mutable_key()->set_expiry_yyyymmdd(20260106);
  e.set_contracts(12);
  e.set_model_spread(90);
  auto& m = *e.add_models();
  m.set_model(gex::v1::SIGN_MODEL_FLOW);
  m.set_total_gex(-40);
  m.set_total_vanna(7);
  m.set_total_charm(-2);
  p.mutable_gravity()->set_best_nanos(6'905 * point);
  p.mutable_gravity()->set_low_nanos(6'890 * point);
  p.mutable_gravity()->set_confidence(0.25);
  p.mutable_minute_gravity()->set_best_nanos(6'900 * point);
  auto& v = *p.mutable_volume();
  v.set_lots(12);
  v.set_point_of_control_nanos(6'900 * point);
  v.set_node_nanos(6'900 * point);
  v.set_node_distance(-0.001);
  v.set_in_crevasse(true);
  const auto text = gex_picture(p, {.model = gex::v1::SIGN_MODEL_FLOW, .colour = false});
  EXPECT_NE(text.find("SPXW-20260106           12      -40.0        7.0       -2.0       90.0\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("gravity: 6905.00 within 6890.00 to -, confidence 0.25; last minute: 6900.00 within - to -, "
                      "volume not known\n"),
            std::string::npos)
      << text;
  EXPECT_NE(
      text.find("volume: 12 lots, most at 6900.00, nearest node 6900.00 (-0.10 %), nearest well -, in a crevasse"),
      std::string::npos)
      << text;
}

TEST(GexPicture, NamesSignModelsInWords) {
  for (const auto* word : {"calls-positive", "puts-positive", "all-short", "flow"})
    EXPECT_EQ(word_of(sign_model_of(word)), word);
  EXPECT_EQ(sign_model_of("unspecified"), gex::v1::SIGN_MODEL_UNSPECIFIED);
}

TEST(GexPicture, AnEmptyLandscapeHasNoBars) {
  const auto text = gex_picture({}, {.colour = false});
  EXPECT_NE(text.find("0 contracts, 0 priced"), std::string::npos);
  EXPECT_EQ(text.find('#'), std::string::npos);
}

}  // namespace
}  // namespace isobar::cli
