#pragma once
#include <functional>
#include <map>

#include "gamma-fuel/domain/board_fixture.hpp"

/// Oracle of the landscape for tests: the definitions written down as plainly as can be, from contracts and quotes, by
/// bisection and ordered maps. Shares no code with the board but the contract's type and the formulas of one option.
namespace isobar::gamma_fuel::testing {

struct naive_contract {
  option_contract of;
  std::optional<double> bid, ask;
  std::optional<double> interest;
  double position = 0, volume = 0;
  /// Kept from one pricing to the next, as the board says it does.
  double solved_mid = -1, solved_forward = -1, sigma = 0;
  bool priced = false;
  double forward = 0, years = 0;

  double mid() const { return (*bid + *ask) / 2; }
  bool two_sided() const { return bid && ask && *bid > 0 && *bid <= *ask; }
  bool usable() const {
    if (!bid || !ask || *bid > *ask || *ask <= 0) return false;
    return *bid > 0 || *ask <= 0.10 + 1e-12;
  }
};

class naive_board {
 public:
  std::map<std::tuple<date, std::string, std::int64_t, market::right>, naive_contract> contracts;
  double rate = 0.05;

  naive_contract& at(const option_contract& c) {
    naive_contract& n = contracts[{c.id.expiry, c.id.root, c.id.strike.value, c.id.right}];
    n.of = c;
    return n;
  }

  void price(timestamp t, double underlying) {
    std::map<std::pair<date, std::string>, double> forwards;
    for (auto& [key, c] : contracts) {
      c.years = static_cast<double>((c.of.settles_at - t).value) / 1e9 / 86'400 / 365;
      c.priced = false;
      if (c.years <= 0) continue;
      const auto known = forwards.find({c.of.id.expiry, c.of.id.root});
      if (known != forwards.end()) {
        c.forward = known->second;
      } else {
        c.forward = forwards[{c.of.id.expiry, c.of.id.root}] = forward(c, underlying);
      }
      if (!c.usable()) continue;
      if (c.solved_mid != c.mid() || std::abs(c.forward - c.solved_forward) > 1e-7 * c.forward) {
        c.sigma = bisect(c);
        c.solved_mid = c.mid();
        c.solved_forward = c.forward;
      }
      c.priced = c.sigma > 0;
    }
  }

  market::option_greeks greeks(const naive_contract& c, double factor = 1) const {
    return market::black_76_greeks(c.of.id.right, {c.forward * factor, strike_of(c), c.years, rate, c.sigma});
  }
  /// Sum over priced contracts.
  double sum(const std::function<double(const naive_contract&)>& of) const {
    double total = 0;
    for (const auto& [key, c] : contracts)
      if (c.priced) total += of(c);
    return total;
  }
  static double strike_of(const naive_contract& c) { return to_double(c.of.id.strike); }
  static bool is_call(const naive_contract& c) { return c.of.id.right == call; }
  static double contracts_held(const naive_contract& c, sign_model m) {
    const double lots = c.interest.value_or(0) * static_cast<double>(c.of.multiplier);
    switch (m) {
      case sign_model::calls_positive:
        return is_call(c) ? lots : -lots;
      case sign_model::puts_positive:
        return is_call(c) ? -lots : lots;
      case sign_model::all_short:
        return -lots;
      case sign_model::flow:
        return c.position * static_cast<double>(c.of.multiplier);
    }
    return 0;
  }
  double gamma(sign_model m, double factor = 1) const {
    return sum([&](const naive_contract& c) { return greeks(c, factor).gamma * contracts_held(c, m); });
  }

  /// Nearest factor at which gamma(m) changes sign, by walking outwards in steps of `step` and halving.
  std::optional<double> zero(sign_model m, double step, double reach) const {
    const double here = gamma(m);
    for (double away = step; away <= reach + 1e-12; away += step) {
      std::optional<double> best;
      for (const double side : {-1.0, 1.0}) {
        double in = 1 + side * (away - step), out = 1 + side * away;
        double at_in = away <= step + 1e-12 ? here : gamma(m, in);
        if ((at_in < 0) == (gamma(m, out) < 0)) continue;
        while (std::abs(out - in) > 1e-7) {
          const double middle = (in + out) / 2, g = gamma(m, middle);
          ((g < 0) == (at_in < 0) ? in : out) = middle;
        }
        if (!best || std::abs(in - 1) < std::abs(*best - 1)) best = in;
      }
      if (best) return best;
    }
    return std::nullopt;
  }

 private:
  double forward(const naive_contract& of, double underlying) const {
    std::optional<double> found;
    double nearest = 0;
    for (const auto& [key, c] : contracts) {
      if (c.of.id.expiry != of.of.id.expiry || c.of.id.root != of.of.id.root || !is_call(c) || !c.two_sided()) continue;
      const auto other = contracts.find({c.of.id.expiry, c.of.id.root, c.of.id.strike.value, put});
      if (other == contracts.end() || !other->second.two_sided()) continue;
      const double away = std::abs(strike_of(c) - underlying);
      if (found && away >= nearest) continue;
      nearest = away;
      found = strike_of(c) + (c.mid() - other->second.mid()) * std::exp(rate * of.years);
    }
    return found && *found > 0 ? *found : underlying * std::exp(rate * of.years);
  }

  double bisect(const naive_contract& c) const {
    const auto value = [&](double sigma) {
      return market::black_76_price(c.of.id.right, {c.forward, strike_of(c), c.years, rate, sigma});
    };
    double low = 1e-9, high = 100;
    if (!(value(low) < c.mid()) || !(value(high) > c.mid())) return 0;
    for (int i = 0; i < 70; ++i) {
      const double middle = (low + high) / 2;
      (value(middle) < c.mid() ? low : high) = middle;
    }
    return low;
  }
};

}  // namespace isobar::gamma_fuel::testing
