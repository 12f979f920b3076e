#pragma once
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/archive.hpp"
#include "core/date.hpp"
#include "gamma-fuel/domain/board_columns.hpp"
#include "gamma-fuel/domain/outputs.hpp"

namespace isobar::gamma_fuel {

/// What is known of one contract. Greeks are as of the board's last price(), Black-76 per point of the forward, vanna
/// per 1.00 of volatility, charm per year; 0 where `state` is not priced.
struct board_row {
  option_contract contract;
  bool listed = true;
  price bid = market::no_price, ask = market::no_price;
  timestamp ts_quote = start_of_time;
  quantity open_interest = market::no_quantity;
  quantity volume{0};                ///< contracts traded since the exchange day began
  std::int64_t dealer_position = 0;  ///< inferred from trades; negative: dealers short
  double sigma = 0, delta = 0, gamma = 0, vanna = 0, charm = 0;
  market::no_volatility why = market::no_volatility::none;
  standing state = standing::no_quote;
  bool operator==(const board_row&) const = default;
  template <class A>
  void fields(A& a) {
    a(contract, listed, bid, ask, ts_quote, open_interest, volume, dealer_position, sigma, delta, gamma, vanna, charm,
      why, state);
  }
};

/// What the board met; conserves: events = quotes + trades + interests + delistings + refused.
struct board_counters {
  std::uint64_t events = 0, quotes = 0, trades = 0, interests = 0, delistings = 0;
  std::uint64_t refused = 0;        ///< unknown number or kind, a trade without size, or a time before 1970
  std::uint64_t not_listed = 0;     ///< contracts refused: full, or strike, multiplier, settlement out of bounds
  std::uint64_t absurd_prices = 0;  ///< sides taken as missing: negative or beyond price_limit
  std::uint64_t solved = 0;         ///< volatilities solved for
  std::uint64_t settled = 0;        ///< contracts that left the board some days after their settlement
  std::uint64_t numbers_reused = 0;
  bool operator==(const board_counters&) const = default;
  template <class A>
  void fields(A& a) {
    a(events, quotes, trades, interests, delistings, refused, not_listed, absurd_prices, solved, settled,
      numbers_reused);
  }
};

/// Every option of one underlying: quotes, open interest, volume, volatilities, greeks. Integer keys; iteration in the
/// order (expiry, root, strike, right), whatever the order of listing. A volatility stays the one that was solved for
/// when the quote last changed or the forward last moved (by more than 1e-7 of it); greeks follow time. Nothing is
/// allocated once every contract is listed. Not thread-safe: the worker owns it.
///
/// With the first event of an exchange day, contracts that settled keep_settled ago leave the columns, as if delisted;
/// they keep their numbers. Only when contracts_max numbers are out is one given anew: of a contract that is not listed
/// and settled that long ago, the lowest first. Who holds numbers for longer than keep_settled behind a settlement sees
/// by row(n).contract whose it is.
class option_board {
 public:
  static constexpr std::size_t contracts_max = 200'000;
  static constexpr duration_ns keep_settled = seconds(3 * 86'400);
  /// Strikes and prices beyond are not believed (4.6 million points).
  static constexpr std::int64_t price_limit = std::int64_t{1} << 52;

  explicit option_board(const gamma_config& c);

  /// The contract's number; lists it when it is new and refreshes what is said of it when it is not. no_contract: full,
  /// or a strike, multiplier or settlement that cannot be (counted).
  contract_number list(const option_contract& c);
  /// Quote, open interest (beyond 2^40: not stated), delisting. Trades count as volume. Unknown numbers are refused and
  /// counted. Delisted contracts keep their number and are listed again by list().
  ///
  /// An open interest other than the last one stated reconciles the inferred position with it. Trades since then are
  /// taken to have opened and closed contracts (take_customer_trade); where open interest grew by less than opened -
  /// closed, the excess closed contracts of before the first trade seen, so that much of what was opened, and no more,
  /// is taken off the position, towards 0. |position| is at most the open interest then. The first one stated only
  /// begins this; one taken back or said again changes nothing, nor does another of the same exchange day (it is
  /// published once a day: sources differ, or one was corrected).
  void apply(const option_event& e);
  /// Customers bought (negative: sold) so many contracts: dealers took the other side. An opposite position is closed
  /// first, the rest opens. Between two different open interests the position is the net of the signed trades.
  void take_customer_trade(contract_number c, std::int64_t lots);

  /// Volatilities and greeks as of `t` with the options' underlying at `underlying` points (not positive or not finite:
  /// no forwards, no greeks).
  void price(timestamp t, double underlying);

  std::size_t size() const { return entries_.size(); }  ///< numbers given
  board_row row(contract_number c) const;
  /// Listed contracts in (expiry, root, strike, right) order.
  std::span<const contract_number> in_order() const;
  std::optional<contract_number> find(const market::option_id& id) const;

  /// Listed contracts as columns, as of the last price().
  const board_columns& columns() const { return columns_; }
  const board_counters& counters() const { return counters_; }

  template <class A>
  void fields(A& a);

 private:
  struct entry {
    board_row row;
    quantity stated = market::no_quantity;  ///< the last open interest that was a number
    timestamp stated_on = start_of_time;    ///< the beginning of that exchange day
    quantity opened{0}, closed{0};          ///< contracts, by trades since
    /// Mid and forward of the volatility in `row`; NaN: none was solved for.
    double solved_mid = std::numeric_limits<double>::quiet_NaN();
    double solved_forward = std::numeric_limits<double>::quiet_NaN();
    template <class A>
    void fields(A& a) {
      a(row, stated, stated_on, opened, closed, solved_mid, solved_forward);
    }
  };
  struct id_hash {
    std::size_t operator()(const market::option_id& id) const noexcept;
  };

  void touch(contract_number c);
  void roll_day(timestamp t);
  void unlist(board_row& r);
  void drop_settled();
  /// no_contract: all are out, and none can be given anew.
  contract_number next_number();
  void quote(board_row& r, const option_event& e);
  void state_interest(entry& e, quantity interest);
  /// Columns in order again after listings: what was solved is kept.
  void arrange() const;
  void store() const;              ///< what columns solved, back to the entries
  void load(std::size_t p) const;  ///< an entry's facts to its column
  void refresh();
  void price(board_expiry& e, timestamp t, double underlying);
  void solve(std::size_t p, const board_expiry& e);

  gamma_config config_;
  // Arranged when first asked for after a listing: mutable, not thread-safe.
  mutable std::vector<entry> entries_;
  mutable board_columns columns_;
  mutable std::vector<std::uint32_t> position_;  ///< by number; of unlisted ones: nowhere
  mutable bool arranged_ = true;
  std::unordered_map<market::option_id, contract_number, id_hash> numbers_;
  std::vector<contract_number> touched_;
  std::vector<std::uint8_t> is_touched_;
  timestamp day_begin_ = start_of_time, day_end_ = start_of_time;
  timestamp priced_at_ = start_of_time;
  std::uint64_t reuse_from_ = 0;  ///< numbers below are not free today
  board_counters counters_;
};

template <class A>
void option_board::fields(A& a) {
  if (arranged_) store();
  a(entries_, day_begin_, day_end_, priced_at_, reuse_from_, counters_);
  if constexpr (requires { a.refuse(); }) {
    if (!a.ok() || entries_.size() > contracts_max) return a.refuse();
    numbers_.clear();
    touched_.clear();
    is_touched_.assign(entries_.size(), 0);
    for (std::size_t n = 0; n < entries_.size(); ++n)
      if (!numbers_.emplace(entries_[n].row.contract.id, static_cast<contract_number>(n)).second) return a.refuse();
    arranged_ = false;
    columns_ = {};
    position_.clear();
  }
}

}  // namespace isobar::gamma_fuel
