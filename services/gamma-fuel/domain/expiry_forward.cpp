#include "gamma-fuel/domain/expiry_forward.hpp"

#include <algorithm>
#include <cmath>

#include "market/forward.hpp"

namespace isobar::gamma_fuel {
namespace {

/// The contracts of one strike inside an expiry: a call, a put, or both, beside each other.
struct pair_at {
  std::size_t first, last;
};

class pairs {
 public:
  pairs(const board_columns& c, const board_expiry& e, timestamp oldest) : c_(c), e_(e), oldest_(oldest) {}

  /// Nearest to the index first; ties to the lower strike.
  std::optional<market::parity_pair> nearest_to(double index) const {
    const auto begin = c_.strike.begin();
    std::size_t above = static_cast<std::size_t>(std::lower_bound(begin + e_.first, begin + e_.last, index) - begin);
    std::size_t below = above;
    while (below > e_.first || above < e_.last) {
      const bool down =
          above == e_.last || (below > e_.first && index - c_.strike[below - 1] <= c_.strike[above] - index);
      const pair_at at = down ? pair_at{start_of(below - 1), below} : pair_at{above, end_of(above)};
      if (auto both = both_legs(at)) return both;
      (down ? below : above) = down ? at.first : at.last;
    }
    return std::nullopt;
  }

 private:
  std::size_t start_of(std::size_t p) const {
    while (p > e_.first && c_.strike[p - 1] == c_.strike[p]) --p;
    return p;
  }
  std::size_t end_of(std::size_t p) const {
    const double strike = c_.strike[p];
    while (p < e_.last && c_.strike[p] == strike) ++p;
    return p;
  }
  std::optional<market::parity_pair> both_legs(pair_at at) const {
    market::parity_pair pair{c_.strikes[c_.strike_index[at.first]], {}, {}};
    for (std::size_t p = at.first; p < at.last; ++p) {
      if (c_.quote[p] != standing::priced || c_.has_bid[p] == 0 || c_.ts_quote[p] < oldest_) continue;
      (c_.right[p] == market::right::call ? pair.call_mid : pair.put_mid) = c_.mid[p];
    }
    if (!pair.call_mid || !pair.put_mid) return std::nullopt;
    return pair;
  }

  const board_columns& c_;
  const board_expiry& e_;
  timestamp oldest_;
};

}  // namespace

std::optional<expiry_forward> forward_of(const board_columns& c, const board_expiry& e, const pricing_config& config,
                                         double underlying, timestamp oldest) {
  if (!(underlying > 0) || !std::isfinite(underlying)) return std::nullopt;
  if (config.forward == forward_rule::parity) {
    if (const auto pair = pairs(c, e, oldest).nearest_to(underlying)) {
      const auto implied = market::forward_of({&*pair, 1}, underlying, e.years, config.rate);
      if (implied && implied->forward > 0 && std::isfinite(implied->forward))
        return expiry_forward{implied->forward, implied->strike};
    }
  }
  const double carried = underlying * std::exp((config.rate - config.dividend_yield) * e.years);
  if (!(carried > 0) || !std::isfinite(carried)) return std::nullopt;
  return expiry_forward{carried, std::nullopt};
}

}  // namespace isobar::gamma_fuel
