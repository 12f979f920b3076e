// The only test that includes QuantLib: our functions against its.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <ql/exercise.hpp>
#include <ql/instruments/vanillaoption.hpp>
#include <ql/pricingengines/blackcalculator.hpp>
#include <ql/pricingengines/blackformula.hpp>
#include <ql/pricingengines/vanilla/baroneadesiwhaleyengine.hpp>
#include <ql/pricingengines/vanilla/qdfpamericanengine.hpp>
#include <ql/processes/blackscholesprocess.hpp>
#include <ql/quotes/simplequote.hpp>
#include <ql/settings.hpp>
#include <ql/termstructures/volatility/equityfx/blackconstantvol.hpp>
#include <ql/termstructures/yield/flatforward.hpp>
#include <ql/time/calendars/nullcalendar.hpp>
#include <ql/time/daycounters/actual365fixed.hpp>

#include "market/american.hpp"
#include "market/implied_volatility.hpp"

namespace isobar::market {
namespace {

namespace ql = QuantLib;

ql::Option::Type type_of(right r) { return r == right::call ? ql::Option::Call : ql::Option::Put; }

TEST(QuantLib, AgreesOnBlack76) {
  for (const double years : {1 / 365.0, .1, 1.0, 3.0})
    for (const double sigma : {.1, .3, 1.0})
      for (const double z : {-3.0, -1.0, 0.0, .5, 3.0})
        for (const right r : {right::call, right::put}) {
          const double deviation = sigma * std::sqrt(years), discount = std::exp(-.05 * years);
          const pricing_input in{6900, 6900 * std::exp(z * deviation), years, .05, sigma};
          const ql::BlackCalculator theirs(type_of(r), in.strike, in.underlying, deviation, discount);
          const option_greeks ours = black_76_greeks(r, in);
          EXPECT_NEAR(ours.price, theirs.value(), 1e-9);
          EXPECT_NEAR(ours.delta, theirs.deltaForward(), 1e-11);
          EXPECT_NEAR(ours.gamma, theirs.gammaForward(), 1e-11 * ours.gamma + 1e-15);
          EXPECT_NEAR(ours.vega, theirs.vega(years), 1e-9 * ours.vega);
          const double found = ql::blackFormulaImpliedStdDev(type_of(r), in.strike, in.underlying, ours.price, discount,
                                                             0, ql::Null<ql::Real>(), 1e-12, 200) /
                               std::sqrt(years);
          const implied_volatility mine = implied_black_76(r, ours.price, in);
          EXPECT_NEAR(mine.sigma, found, 1e-8);
        }
}

/// One option on a future under QuantLib's process, priced by two engines.
class future_option {
 public:
  future_option() {
    const ql::Date today(2, ql::January, 2020);
    ql::Settings::instance().evaluationDate() = today;
    const ql::DayCounter year = ql::Actual365Fixed();
    const auto flat = [&](const ql::ext::shared_ptr<ql::SimpleQuote>& q) {
      return ql::Handle<ql::YieldTermStructure>(
          ql::ext::make_shared<ql::FlatForward>(today, ql::Handle<ql::Quote>(q), year));
    };
    const auto volatility = ql::Handle<ql::BlackVolTermStructure>(
        ql::ext::make_shared<ql::BlackConstantVol>(today, ql::NullCalendar(), ql::Handle<ql::Quote>(sigma_), year));
    // A future is an asset whose yield is the rate.
    process_ = ql::ext::make_shared<ql::BlackScholesMertonProcess>(ql::Handle<ql::Quote>(future_), flat(rate_),
                                                                   flat(rate_), volatility);
    exact_ = ql::ext::make_shared<ql::QdFpAmericanEngine>(process_, ql::QdFpAmericanEngine::accurateScheme());
    approximate_ = ql::ext::make_shared<ql::BaroneAdesiWhaleyApproximationEngine>(process_);
  }
  double price(right r, const pricing_input& in, int days, bool exactly) {
    future_->setValue(in.underlying);
    rate_->setValue(in.rate);
    sigma_->setValue(in.sigma);
    const ql::Date today = ql::Settings::instance().evaluationDate();
    ql::VanillaOption option(ql::ext::make_shared<ql::PlainVanillaPayoff>(type_of(r), in.strike),
                             ql::ext::make_shared<ql::AmericanExercise>(today, today + days));
    option.setPricingEngine(exactly ? exact_ : approximate_);
    return option.NPV();
  }

 private:
  ql::ext::shared_ptr<ql::SimpleQuote> future_ = ql::ext::make_shared<ql::SimpleQuote>(1.0),
                                       rate_ = ql::ext::make_shared<ql::SimpleQuote>(1.0),
                                       sigma_ = ql::ext::make_shared<ql::SimpleQuote>(1.0);
  ql::ext::shared_ptr<ql::BlackScholesMertonProcess> process_;
  ql::ext::shared_ptr<ql::PricingEngine> exact_, approximate_;
};

/// Largest errors of one side of the money.
struct errors {
  double price = 0, volatility = 0, premium = 0;
};

// The error of the approximation: against the integral-equation engine of Andersen, Lake and Offengenden.
TEST(AmericanTable, TheApproximationErrsByLessThanStated) {
  future_option theirs;
  std::printf(
      "American 76, F = 3250: largest errors in points and in volatility points; largest early exercise premium\n");
  for (const double rate : {.015, .05})
    for (const int days : {7, 30, 91, 365}) {
      errors out, in_money;
      double from_theirs = 0;
      for (const double sigma : {.08, .15, .30, .60})
        for (const double z : {-2.0, -1.0, -.5, 0.0, .5, 1.0, 2.0})
          for (const right r : {right::call, right::put}) {
            const double years = days / 365.0;
            const pricing_input in{3250, 3250 * std::exp(z * sigma * std::sqrt(years)), years, rate, sigma};
            const double exact = theirs.price(r, in, days, true), ours = american_76_price(r, in);
            errors& e = (r == right::call) == (z >= 0) || z == 0 ? out : in_money;
            e.price = std::max(e.price, std::abs(ours - exact));
            e.premium = std::max(e.premium, exact - black_76_greeks(r, in).price);
            if (const implied_volatility v = implied_american_76(r, exact, in))
              e.volatility = std::max(e.volatility, 100 * std::abs(v.sigma - sigma));
            from_theirs = std::max(from_theirs, std::abs(ours - theirs.price(r, in, days, false)));
          }
      std::printf(
          "  rate %.3f, %3d days: out of the money %.4f %.4f %.3f, in the money %.4f %.4f %.3f; from QuantLib's "
          "own %.1e\n",
          rate, days, out.price, out.volatility, out.premium, in_money.price, in_money.volatility, in_money.premium,
          from_theirs);
      EXPECT_LT(out.price, 0.6 * out.premium);
      EXPECT_LT(in_money.price, 0.6 * in_money.premium);
      EXPECT_LT(from_theirs, 0.003);
    }
}

}  // namespace
}  // namespace isobar::market
