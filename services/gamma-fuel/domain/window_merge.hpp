#pragma once
#include <array>
#include <string_view>
#include <variant>

#include "gamma-fuel/domain/inputs.hpp"
#include "gamma-fuel/domain/ring_queue.hpp"
#include "market/window.hpp"

namespace isobar::gamma_fuel {

/// Inputs with watermarks of their own, in the order in which they are applied at one instant: what is listed comes
/// first, option trades before the quotes of the window that they are in, options before the market.
enum class input : std::uint8_t {
  chain,        ///< chain.snapshot: listings, open interest, quotes, spot
  flow,         ///< model.flow: option trades
  rows,         ///< model.gex: quotes and open interest that changed, spot
  option_feed,  ///< feed.options
  quotes,       ///< feed.quotes of the symbol
  trades,       ///< feed.trades of the symbol
  levels,       ///< radar.levels
  volume,       ///< model.volume_profile: what the options traded in a window, at their underlying
};
inline constexpr std::size_t inputs = 8;
std::string_view name_of(input i);

/// A contract comes onto the board.
struct listing {
  contract_number contract = no_contract;
  option_contract what;
};
/// Of what an underlying_quote speaks.
struct underlying_price {
  underlying_quote quote;
};
struct symbol_price {
  underlying_quote quote;
};
/// Option contracts that traded while their underlying was at a price.
struct traded_volume {
  isobar::price price;
  std::uint64_t lots = 0;
};

/// One thing said on an input, and when it takes effect.
struct merge_item {
  timestamp at;
  std::variant<option_event, listing, underlying_price, symbol_price, underlying_trade, market::quality, traded_volume>
      what;
  template <class A>
  void fields(A& a);
};

/// Items that each input's queue holds at most.
struct merge_limits {
  std::size_t option_items = 1u << 20;  ///< chain, flow, rows, option_feed, volume, each
  std::size_t market_items = 1u << 18;  ///< quotes, trades, each
  std::size_t level_states = 8'192;     ///< level_states of radar-physics (their levels count as one)
  std::size_t contracts = 200'000;      ///< contracts known at a time
};

/// Bounded queues of every input but levels, given back in (at, input, arrival) order. Pure.
class window_merge {
 public:
  explicit window_merge(merge_limits limits) : limits_(limits) { newest_.fill(start_of_time); }

  enum class outcome : std::uint8_t { taken, backwards /* taken at the time of the one before */, full };
  outcome push(input from, merge_item item);
  /// The first item before `t`, and whose it is; nullptr: none. It stays until pop().
  merge_item* next(timestamp t, input& from);
  void pop(input from) { queues_[static_cast<std::size_t>(from)].pop_front(); }
  /// Calls f(item) for everything that waits.
  template <class F>
  void each(F f) const {
    for (const auto& q : queues_)
      for (std::size_t n = 0; n < q.size(); ++n) f(q[n]);
  }
  /// When the first item takes effect; end_of_time: none waits.
  timestamp first() const;
  std::size_t waiting(input of) const { return queues_[static_cast<std::size_t>(of)].size(); }

  template <class A>
  void fields(A& a) {
    a(queues_, newest_);
  }

 private:
  merge_limits limits_;
  std::array<ring_queue<merge_item>, inputs> queues_;
  std::array<timestamp, inputs> newest_;
};

}  // namespace isobar::gamma_fuel
