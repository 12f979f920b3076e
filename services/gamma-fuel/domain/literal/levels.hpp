#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gamma-fuel/domain/inputs.hpp"
#include "market/side_inputs.hpp"

/// The session and the level universe as the earlier system made them (futures-medium 12 [L]), for compat = literal.
/// Its prices are those of the options' underlying (SPY: a tenth of ES): the symbol's over the fixed scale.
namespace isobar::gamma_fuel::literal {

/// What the earlier system kept of the trades: running VWAP and extremes since the start, over every session boundary.
class session {
 public:
  /// Without price or size: ignored.
  void trade(const underlying_trade& t);
  /// Where nothing trades (an index): its level makes extremes and spot, no VWAP. The earlier system had no such input.
  void quote(price mid);

  /// Nothing before the first trade. Prices of the symbol; vwap() in those over `scale`, to 1e-9.
  std::optional<price> last() const { return last_; }
  std::optional<price> high() const { return high_; }
  std::optional<price> low() const { return low_; }
  std::optional<price> vwap(double scale) const;

  template <class A>
  void fields(A& a) {
    a(sum_, size_, last_, high_, low_);
  }

 private:
  void see(price p);
  double sum_ = 0, size_ = 0;
  std::optional<price> last_, high_, low_;
};

/// What dealers took on at a strike since the start (futures-medium 11.1).
struct strike_total {
  price strike;
  market::right right = market::right::call;
  double net_gamma = 0;
  bool operator==(const strike_total&) const = default;
};

/// In the order of the earlier system: session, ROUND every dollar from trunc(spot - 5) to trunc(spot + 5), STRIKE with
/// flow within 5, walls (most negative flow within 10, below -1000), hot zones. Ids truncate; of one id the later wins
/// in the place of the first, flows and hot zones in the order given. Empty before the first trade. Everything but the
/// session is in prices of the underlying, and so is what comes out.
std::vector<market::watched_level> levels(const session& s, double scale, std::span<const strike_total> flows,
                                          std::span<const price> hot_zones);

/// A price of the symbol as one of the underlying (truncated to 1e-9), and back.
price to_underlying(price symbol, double scale);
price to_symbol(price underlying, double scale);

}  // namespace isobar::gamma_fuel::literal
