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
  bool operator==(const board_counters&) const = default;
  template <class A>
  void fields(A& a) {
    a(events, quotes, trades, interests, delistings, refused, not_listed, absurd_prices, solved);
  }
};

/// Every option of one underlying: quotes, open interest, volume, volatilities, greeks. Integer keys; iteration in the
/// order (expiry, root, strike, right), whatever the order of listing. A volatility stays the one that was solved for
/// when the quote last changed or the forward last moved (by more than 1e-7 of it); greeks follow time. Nothing is
/// allocated once every contract is listed. Not thread-safe: the worker owns it.
class option_board {
 public:
  static constexpr std::size_t contracts_max = 200'000;
  /// Strikes and prices beyond are not believed (4.6 million points).
  static constexpr std::int64_t price_limit = std::int64_t{1} << 52;

  explicit option_board(const gamma_config& c);

  /// The contract's number; lists it when it is new and refreshes what is said of it when it is not. no_contract: full,
  /// or a strike, multiplier or settlement that cannot be (counted).
  contract_number list(const option_contract& c);
  /// Quote, open interest (beyond 2^40: not stated), delisting. Trades count as volume. Unknown numbers are refused and
  /// counted. Delisted contracts keep their number and are listed again by list().
  void apply(const option_event& e);
  /// Customers bought (negative: sold) so many contracts: dealers took the other side. Dealers' opposite position is
  /// closed first, the rest opens. |position| stays within open interest + what was opened since it was stated; with no
  /// open interest stated it is bounded by nothing but the trades themselves.
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
    quantity opened{0};  ///< contracts opened since open interest was stated
    /// Mid and forward of the volatility in `row`; NaN: none was solved for.
    double solved_mid = std::numeric_limits<double>::quiet_NaN();
    double solved_forward = std::numeric_limits<double>::quiet_NaN();
    template <class A>
    void fields(A& a) {
      a(row, opened, solved_mid, solved_forward);
    }
  };
  struct id_hash {
    std::size_t operator()(const market::option_id& id) const noexcept;
  };

  void touch(contract_number c);
  void roll_day(timestamp t);
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
  board_counters counters_;
};

template <class A>
void option_board::fields(A& a) {
  if (arranged_) store();
  a(entries_, day_begin_, day_end_, priced_at_, counters_);
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
