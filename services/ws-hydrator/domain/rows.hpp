#pragma once
#include <cstdint>
#include <vector>

#include "market/window.hpp"
#include "ws-hydrator/domain/board.hpp"

namespace isobar::ws_hydrator {

/// Position of a write among all writes of one register: (event time, feed sequence, source: a quote beats a chain).
struct write_order {
  timestamp ts = start_of_time;
  std::uint64_t rank = 0;  ///< 2 x sequence + (1 for the feed, 0 for a chain)
  constexpr auto operator<=>(const write_order&) const = default;
};
constexpr write_order feed_order(timestamp ts, std::uint64_t sequence) { return {ts, 2 * sequence + 1}; }
constexpr write_order chain_order(timestamp ts) { return {ts, 0}; }

/// Last-writer-wins registers of one contract. Whatever the order in which writes arrive, the newest stands.
struct quote_register {
  write_order order;
  price bid = market::no_price, ask = market::no_price;
  std::uint32_t bid_size = 0, ask_size = 0;
};
struct trade_register {
  write_order order;
  price last = market::no_price;
  quantity size{0};
};
struct reference_register {
  timestamp ts = start_of_time;  ///< of the chain that wrote it
  quantity volume = market::no_quantity, open_interest = market::no_quantity;
  double implied_volatility = 0, gamma = 0;
};

/// Registers of every contract of a board, by dense index, with what was last published of each. Writing marks a
/// contract dirty; freeze() swaps the marks and hands out the rows that really changed. Allocates only when made.
class rows {
 public:
  explicit rows(market::contract_index contracts);

  /// False when the write is not newer than what stands.
  bool write(market::contract_index c, const quote_register& q) {
    quote_register& stands = quotes_[c];
    if (q.order <= stands.order) return false;
    stands = q;
    mark(c);
    return true;
  }
  bool write(market::contract_index c, const trade_register& t);
  bool write(market::contract_index c, const reference_register& r);
  /// Books a trade into the open window, with the contract's quote if that is not newer than the trade; the same
  /// (contract, time, sequence) counts once. Sequence 0: always counts.
  void book(market::contract_index c, const write_order& order, price at, quantity size);

  /// What a freeze did with the trades booked.
  struct trade_counts {
    std::size_t repeated = 0;  ///< left out: the same trade again
    std::size_t dropped = 0;   ///< in the rows' traded, but beyond the bound of the prints
  };
  /// Ends the window: appends changed rows (every row with any state when `base`) to `out`, ascending, and the window's
  /// trades to `prints` by (time, contract, sequence), at most market::prints_max.
  trade_counts freeze(bool base, std::vector<market::contract_row>& out, std::vector<market::option_print>& prints);
  /// Copies the registers of every contract that both boards list, and what they have booked.
  void carry_over(const rows& from, const board& from_board, const board& to_board);
  /// What the next freeze would publish of a contract.
  market::contract_state state(market::contract_index c) const;
  market::contract_index size() const { return static_cast<market::contract_index>(quotes_.size()); }
  /// True when anything was written since the last freeze.
  bool dirty() const;

 private:
  struct booked_trade {
    market::contract_index contract;
    write_order order;
    quantity size;
    price at, bid, ask;
  };
  void mark(market::contract_index c) { dirty_[c >> 6] |= std::uint64_t{1} << (c & 63u); }
  void fold_trades();
  void take_prints(std::vector<market::option_print>& out);
  void publish(market::contract_index c, bool base, std::vector<market::contract_row>& out);

  std::vector<quote_register> quotes_;
  std::vector<trade_register> trades_;
  std::vector<reference_register> references_;
  std::vector<market::contract_state> published_;
  std::vector<std::int64_t> traded_;
  std::vector<std::uint64_t> dirty_, frozen_;
  std::vector<booked_trade> booked_;  ///< not yet folded
  std::vector<booked_trade> kept_;    ///< folded: what becomes prints
  trade_counts folded_;               ///< of the open window
};

}  // namespace isobar::ws_hydrator
