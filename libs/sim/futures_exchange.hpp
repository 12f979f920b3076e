#pragma once
#include <span>
#include <vector>

#include "market/futures_feed.hpp"
#include "sim/futures_book.hpp"
#include "sim/futures_market.hpp"
#include "sim/random.hpp"

namespace isobar::sim {

/// An order that takes what others offer.
struct aggression {
  market::book_side side = market::book_side::bid;  ///< the buyer's: bid
  market::tick_index limit = 0;                     ///< worst tick it accepts
  std::uint32_t lots = 0;
  bool rests = false;           ///< what is left joins the book at the limit
  order_slot own = no_slot;     ///< a resting order that is modified through the market; `lots` is its size
  bool meets_own_firm = false;  ///< one order in the queue is withdrawn instead of filled (self-match prevention)
};

/// The matching engine of one contract and its feed: every call changes the book and writes the records that CME would
/// send, as one event closed by LAST. Facts of the real files (ESH4, ESM4 in the data manifest): trades and fills of
/// one aggressor share a sequence number, the changes of the book that follow share the next one, bids before asks,
/// best first; sequence numbers and order ids skip what other instruments used.
class futures_exchange {
 public:
  futures_exchange(const futures_market_config& c, market::tick_index low, market::tick_index high);

  const futures_book& book() const { return book_; }
  futures_counters& counters() { return counters_; }
  /// Records of whole events, in order. The owner empties it.
  std::vector<market::book_event>& records() { return records_; }

  /// Time of the next event; never goes back.
  void at(timestamp t) { now_ = std::max(now_, t); }
  timestamp now() const { return now_; }

  struct entry {
    market::book_side side = market::book_side::bid;
    market::tick_index tick = 0;
    std::uint32_t size = 0;
    std::uint32_t reserve = 0, peak = 0, wall = 0;
  };
  /// Rebuilds the book without news: orders entered at `times` (ascending, one each), said as a snapshot or, when not
  /// `said`, only known here.
  void open(std::span<const entry> orders, std::span<const timestamp> times, bool clear, bool said);
  order_slot add(const entry& e);
  void cancel(order_slot s);
  /// At the same price; growing costs the place in the queue.
  void resize(order_slot s, std::uint32_t size);
  /// To another price.
  void move(order_slot s, market::tick_index tick, std::uint32_t size);
  /// Lots traded; 0: nothing was within the limit, or the other side is too thin to take from.
  std::uint64_t aggress(const aggression& a);
  /// Several aggressors in one event: each trades, close() writes what became of the book.
  std::uint64_t trade(const aggression& a);
  void close();
  /// Matches everything that crosses at the one price that trades most (ties: nearest `centre`). False: nothing does.
  bool auction(market::tick_index centre);

 private:
  struct touched_order {
    order_slot slot;
    std::uint32_t before;     ///< displayed lots before the event
    std::uint64_t filled;     ///< sum of its F records
    std::size_t fill_record;  ///< the F of the aggressor at work
    std::uint32_t aggressor;  ///< whose F that is
    bool refilled;
  };

  market::book_event& write(market::book_action action, market::book_side side, market::tick_index tick,
                            std::uint32_t size, market::order_id id);
  void end_event(std::uint8_t flags);
  void next_sequence();
  market::order_id next_id();
  touched_order& touch(order_slot s);
  void fill(order_slot s, std::uint32_t lots, market::book_side said_side, market::tick_index tick);
  void take_level(const aggression& a, market::tick_index tick, std::uint32_t& left);
  void settle_passive(std::span<const touched_order> orders);
  void settle_aggressors();
  void settle(const touched_order& t);
  market::tick_index uncross(market::tick_index centre, std::uint64_t& lots) const;
  void allot(market::book_side side, market::tick_index tick, std::uint64_t lots);

  futures_book book_;
  futures_counters counters_;
  std::vector<market::book_event> records_;
  random random_;
  price tick_;
  bool aggressor_ids_;
  timestamp now_;
  std::uint64_t id_ = 6'412'777'000'000;  ///< magnitude of the real files
  std::uint32_t sequence_ = 0;

  // The event being written.
  std::vector<touched_order> touched_;
  struct resting_rest {
    market::order_id id;
    market::book_side side;
    market::tick_index tick;
    std::uint32_t size;
    order_slot own;
    market::tick_index own_tick;
    std::uint32_t own_size;
  };
  std::vector<resting_rest> rests_;  ///< of aggressors, and orders modified through the market
  market::book_side passive_ = market::book_side::none;
  std::uint32_t aggressor_ = 0;
};

}  // namespace isobar::sim
