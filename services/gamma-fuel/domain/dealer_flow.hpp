#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gamma-fuel/domain/fuel_rules.hpp"
#include "gamma-fuel/domain/literal/levels.hpp"
#include "gamma-fuel/domain/option_board.hpp"
#include "gamma-fuel/domain/trade_sign.hpp"

namespace isobar::gamma_fuel {

/// One contract's dealer flow inside the window, for Explain.
struct contract_flow {
  contract_number contract = no_contract;
  double dealer_gamma = 0;  ///< decayed; negative: dealers short
  std::uint64_t bought = 0, sold = 0, unsigned_lots = 0;
};

/// Signs option trades (the venue's word, then the quote rule: at or beyond a side of the quote that stood; then the
/// tick rule with the last different price carried forward) and keeps what dealers took on, by contract, over the
/// configured window with its half-life. Literal: futures-medium 11.1 and 11.2 (no window, tick rule without carry).
///
/// Trades of a contract gather in slots of a 300th of the window (5 min: 1 s; never longer than a half-life, never
/// shorter than 1 ms), each with its sum decayed to the slot's beginning, so that a reading is the exact decayed sum
/// whenever it is taken. A slot counts until all of it is older than the window. Bounds: two slots more a contract than
/// the window has, slots_max in all; trades beyond are counted and lost to fuel.
class dealer_flow {
 public:
  static constexpr std::size_t slots_max = 1'000'000;

  explicit dealer_flow(const gamma_config& c);

  /// Takes a trade; gamma is the board's at that time. Returns the customer's sign: 1 bought, -1 sold, 0 unknown.
  int trade(const option_event& e, const board_row& row);
  /// Fuel at `level` (price of `symbol`) as of `t`, gamma in deltas of `symbol` per point of it (the options' /
  /// scale^2, as exposures; literal: the options' own). Effect with hysteresis by level id: an id that is not asked for
  /// during the window, or whose price jumped by more than the touch band, is forgotten. Times do not fall.
  fuel_reading at(std::string_view level_id, price level, timestamp t, const option_board& board, const gex_profile& p);
  /// The flows that at() would sum, in board order.
  std::vector<contract_flow> near(price level, timestamp t, const option_board& board, const gex_profile& p) const;
  /// Literal: what dealers took on since the start, by strike and right over all expiries, ascending.
  std::vector<literal::strike_total> totals() const;

  /// Trades that fuel lost to slots_max; trades without size.
  std::uint64_t trades_dropped() const { return dropped_; }
  /// Trades of contracts whose gamma the board did not know then: they count as volume and add no gamma.
  std::uint64_t trades_without_gamma() const { return without_gamma_; }
  std::size_t slots() const { return slots_; }

  template <class A>
  void fields(A& a) {
    std::vector<std::pair<contract_number, contract_state>> traded;  // most contracts never trade
    for (contract_number n = 0; n < contracts_.size(); ++n) {
      if (contracts_[n].traded()) traded.emplace_back(n, contracts_[n]);
    }
    std::uint64_t slots = slots_;
    a(traded, active_, effects_, slots, forgotten_, dropped_, without_gamma_);
    if constexpr (requires { a.refuse(); }) {
      slots_ = static_cast<std::size_t>(slots);
      if (!restore(std::move(traded))) a.refuse();
    }
  }

 private:
  struct slot {
    std::int64_t number = 0;  ///< slot [number, number + 1) x width
    double gamma = 0;         ///< decayed to the slot's beginning
    std::uint64_t bought = 0, sold = 0, unsigned_lots = 0;
    template <class A>
    void fields(A& a) {
      a(number, gamma, bought, sold, unsigned_lots);
    }
  };
  struct contract_state {
    option_contract contract;
    tick_memory ticks;
    std::vector<slot> slots;  ///< ascending
    bool traded() const { return !slots.empty() || ticks.last != market::no_price; }
    template <class A>
    void fields(A& a) {
      a(contract, ticks, slots);
    }
  };
  struct level_effect {
    regime effect = regime::neutral;
    timestamp asked;
    isobar::price price = market::no_price;
    template <class A>
    void fields(A& a) {
      a(effect, asked, price);
    }
  };
  /// What the strikes below were made for.
  struct view {
    timestamp t = start_of_time;
    price basis{0};
    bool basis_known = true;
    bool valid = false;
  };

  /// False: the parts contradict each other.
  bool restore(std::vector<std::pair<contract_number, contract_state>> traded);
  bool literal() const { return config_.rules == compat::literal; }
  std::int64_t slot_of(timestamp t) const;
  std::int64_t oldest_at(timestamp t) const;  ///< first slot that counts
  double decay(duration_ns age) const;
  /// Weights as of `t` of the slots from oldest_at(t) to that of `t`.
  void weigh(timestamp t, std::vector<double>& weights) const;
  price as_symbol(strike k, const gex_profile& p) const;
  slot* slot_for(contract_number n, std::int64_t number, timestamp t);
  bool before(contract_number a, contract_number b) const;  ///< board order
  contract_flow sum(contract_number n, std::int64_t oldest, const std::vector<double>& weights) const;
  void forget_before(std::int64_t oldest);
  void refresh(timestamp t, const option_board& board, const gex_profile& p);

  gamma_config config_;
  std::int64_t width_ = 1;                 ///< ns of a slot
  std::vector<contract_state> contracts_;  ///< by number
  std::vector<contract_number> active_;    ///< those with slots, in board order
  std::map<std::string, level_effect, std::less<>> effects_;
  std::size_t slots_ = 0;
  std::int64_t forgotten_ = INT64_MIN;  ///< slots before are gone
  std::uint64_t dropped_ = 0, without_gamma_ = 0;

  // Of one instant; made again when anything changed.
  view seen_;
  std::vector<strike_flow> strikes_;
  std::vector<double> weights_;
};

}  // namespace isobar::gamma_fuel
