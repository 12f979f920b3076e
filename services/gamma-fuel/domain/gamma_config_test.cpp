#include "gamma-fuel/domain/gamma_config.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace isobar::gamma_fuel {
namespace {

TEST(GammaConfig, DefaultsAreInRange) { EXPECT_TRUE(check(gamma_config{}).has_value()); }

TEST(GammaConfig, NamesTheFieldThatIsOutOfRange) {
  gamma_config c;
  c.pricing.rate = std::numeric_limits<double>::quiet_NaN();
  const auto refused = check(c);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().evidence.substr(0, 12), "pricing.rate");
  c = {};
  c.grid.step = price(0);
  EXPECT_FALSE(check(c).has_value());
  c = {};
  c.grid.half_range = price(c.grid.step.value * 1'001);
  EXPECT_FALSE(check(c).has_value());
  c = {};
  c.radar_model = sign_model{9};
  EXPECT_FALSE(check(c).has_value());
  c = {};
  c.levels.reach = price(c.levels.round_step.value * 1'001);
  EXPECT_FALSE(check(c).has_value());
  c = {};
  c.levels.levels_max = 257;
  EXPECT_FALSE(check(c).has_value());
}

TEST(GammaConfig, IdChangesWithEveryParameter) {
  const std::string id = assumptions_id({});
  EXPECT_EQ(id, assumptions_id({}));
  EXPECT_EQ(id.substr(0, 10), "corrected-");
  gamma_config c;
  c.signals.alert_quiet = seconds(61);  // the last field
  EXPECT_NE(assumptions_id(c), id);
  c = {};
  c.rules = compat::literal;
  EXPECT_EQ(assumptions_id(c).substr(0, 8), "literal-");
}

TEST(GammaConfig, SaysItsAssumptionsInWords) {
  EXPECT_EQ(
      assumptions_text({}, sign_model::calls_positive),
      "calls+ puts-; open interest; every expiry; Black-76, r 5.00 %, forward by parity; volume by trades; deltas "
      "per point");
  gamma_config c;
  c.pricing.forward = forward_rule::carry;
  c.pricing.dividend_yield = 0.0125;
  c.expiries = expiry_set::zero_dte;
  c.volume = volume_source::none;
  EXPECT_EQ(assumptions_text(c, sign_model::flow),
            "dealers' position by trades; expiring today; Black-76, r 5.00 %, q 1.25 %, forward by carry; no volume "
            "profile; deltas per point");
}

}  // namespace
}  // namespace isobar::gamma_fuel
