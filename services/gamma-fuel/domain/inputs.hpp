#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "market/futures_feed.hpp"
#include "market/option.hpp"
#include "market/window.hpp"

/// What gamma-fuel's core takes in. Options come from two places (chains with windows, option feeds); both become
/// these.
namespace isobar::gamma_fuel {

/// Number of a contract on the board, in the order of its listing: an address, never an order of summation.
using contract_number = std::uint32_t;
inline constexpr contract_number no_contract = UINT32_MAX;

/// A listed option as far as exposures need it.
struct option_contract {
  market::option_id id;
  timestamp settles_at;
  std::int64_t multiplier = 100;  ///< deltas per contract
  bool american = false;
  bool operator==(const option_contract&) const = default;
  template <class A>
  void fields(A& a) {
    a(id.root, id.expiry, id.right, id.strike, settles_at, multiplier, american);
  }
};

enum class option_event_kind : std::uint8_t { quote, trade, open_interest, delisted };

/// One thing said of one contract. Times are event times; within one input they do not fall.
struct option_event {
  timestamp ts_event;
  contract_number contract = no_contract;
  option_event_kind kind = option_event_kind::quote;
  /// Trade: what the venue says of the aggressor; none: by quote rule, then tick rule.
  market::book_side aggressor = market::book_side::none;
  /// Quote: its sides, no_price where missing. Trade: the quote that stood when it happened, where the source knows it.
  price bid = market::no_price, ask = market::no_price;
  price last = market::no_price;                 ///< trade
  quantity size{0};                              ///< trade: contracts
  quantity open_interest = market::no_quantity;  ///< open_interest; no_quantity: taken back
  template <class A>
  void fields(A& a) {
    a(ts_event, contract, kind, aggressor, bid, ask, last, size, open_interest);
  }
};

/// Best prices of what the landscape bears on (a future), or of the options' underlying (an index: both sides are its
/// level).
struct underlying_quote {
  timestamp ts_event;
  price bid = market::no_price, ask = market::no_price;
  bool trusted = true;  ///< the book behind it is whole
  template <class A>
  void fields(A& a) {
    a(ts_event, bid, ask, trusted);
  }
};

/// A trade of the future.
using underlying_trade = market::trade_event;

enum class barrier : std::uint8_t {
  unknown = 0,
  neutral = 1,
  vacuum = 2,
  wall = 3,
  absorption = 4,
  consumed = 5,
  weak = 6
};

/// Barrier and tape at one level as radar-physics reads them (isobar.radar.v1.LevelState).
struct level_state {
  std::string id;
  isobar::price price;
  market::book_side defending = market::book_side::none;
  barrier state = barrier::unknown;
  std::int64_t delta_liquidity = 0;
  std::uint64_t added = 0, cancelled = 0, filled = 0, depth_in_zone = 0;
  double replenishment_ratio = 0, wall_ratio = 0, barrier_confidence = 0;
  double imbalance = 0;
  std::uint64_t buy = 0, sell = 0;  ///< lots near the level
  double trades_per_second = 0, price_velocity = 0, tape_confidence = 0;
  int sweep_direction = 0;  ///< 0: none
  double sweep_notional = 0;
  bool operator==(const level_state&) const = default;
  template <class A>
  void fields(A& a) {
    a(id, price, defending, state, delta_liquidity, added, cancelled, filled, depth_in_zone, replenishment_ratio,
      wall_ratio, barrier_confidence, imbalance, buy, sell, trades_per_second, price_velocity, tape_confidence,
      sweep_direction, sweep_notional);
  }
};
/// All levels at one multiple of the tick period.
struct level_states {
  timestamp as_of;
  bool trusted = false;
  market::quality quality = market::quality::ok;
  std::string assumptions{};        ///< id of radar-physics' rules; empty: it does not say
  bool lost = false;                ///< readings may be missing from here on: those before stand, and are not trusted
  std::vector<level_state> levels;  ///< lost: none
  template <class A>
  void fields(A& a) {
    a(as_of, trusted, quality, assumptions, lost, levels);
  }
};

/// A level of a user's own.
struct user_level {
  std::string id;
  isobar::price price;
  bool operator==(const user_level&) const = default;
  template <class A>
  void fields(A& a) {
    a(id, price);
  }
};

}  // namespace isobar::gamma_fuel
