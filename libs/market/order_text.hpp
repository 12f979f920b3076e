#pragma once
#include <optional>
#include <string>

#include "market/root.hpp"

namespace isobar::market {

enum class order_kind : std::uint8_t { single, vertical, butterfly };
/// buy: pays the debit of options-surface 5.2; sell: the same structure sold for its credit.
enum class order_side : std::uint8_t { buy, sell };

/// An order for one strategy of one expiry, anchored as its tile: the single's strike, the long strike of the vertical
/// (calls K and K + width, puts K and K - width), the centre of the butterfly.
struct strategy_order {
  order_kind kind = order_kind::single;
  order_side side = order_side::buy;
  expiry_key expiry;
  market::right right = right::call;
  isobar::strike anchor;
  strike_width width;          ///< not used by singles
  std::optional<price> limit;  ///< per share, positive for both sides; none: the text carries no price
  std::int64_t quantity = 1;   ///< spreads, positive
};

/// thinkorswim order text, ready to paste (options-surface 5.8):
/// "BUY +1 BUTTERFLY SPX 100 (Weeklys) 19 DEC 25 6870/6900/6930 CALL @2.50 LMT". A vertical lists its long strike
/// first, a butterfly ascends. The limit is rounded to the root's tick against the user: debits up, credits down.
/// Nothing when the root is unknown.
std::optional<std::string> order_text(const strategy_order& order);

}  // namespace isobar::market
