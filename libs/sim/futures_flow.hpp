#pragma once
#include "sim/futures_exchange.hpp"
#include "sim/futures_profile.hpp"

namespace isobar::sim {

/// Everybody who trades the contract: makers who hold the profile around the fair value, takers who push the market to
/// it, owners of walls, icebergs and stop orders. One call, one decision; each is one event or a few in quick
/// succession.
class futures_flow {
 public:
  futures_flow(const futures_market_config& c, const futures_profile& profile, futures_exchange& exchange);

  /// Where the fair value is and where it will be shortly, in ticks. `jumped`: it has just leapt.
  void aim(double fair, double ahead, bool jumped);
  /// Best bid that the fair value asks for; the best ask is one tick above.
  market::tick_index target() const { return target_; }

  /// Pre-open: orders of both sides, some through the other side, changes, no trades.
  void before_open();
  /// Makes sure that something crosses before an auction.
  void cross_at_least_once();
  /// Continuous trading. Events of a quick succession stay before `end`.
  void act(timestamp end);
  /// Walls come, go and are counted; stop orders gather. Once a step of `step_seconds`.
  void tend(double step_seconds, timestamp end);

 private:
  struct wall {
    std::uint32_t number;  ///< resting_order::wall
    market::book_side side;
    market::tick_index tick;
    std::uint64_t lots;  ///< when placed
    timestamp until;
    bool holds, visited;
  };

  market::tick_index away_from_touch(market::book_side side, market::tick_index tick) const;
  market::tick_index tick_at(market::book_side side, market::tick_index away) const;
  double missing(market::book_side side, market::tick_index tick) const;
  order_slot pick(market::book_side side, market::tick_index tick);
  void later(timestamp end);

  void press(market::book_side buyer, timestamp end);
  void take(market::book_side side, market::tick_index limit, std::uint32_t lots);
  bool through_market(market::book_side side, market::tick_index limit);
  void trade_a_little();
  void run_stops(timestamp end);
  bool withdraw();
  bool close_gap();
  void rest();
  void add(market::book_side side, market::tick_index tick, market::tick_index away);
  void reduce(market::book_side side, market::tick_index tick);
  void place_wall();
  /// False when the wall is no more.
  bool tend_wall(wall& w, timestamp end);
  void pull_wall(const wall& w, timestamp end);

  const futures_market_config& config_;
  const futures_profile& profile_;
  futures_exchange& exchange_;
  const futures_book& book_;
  random random_;
  market::tick_index target_ = 0;
  bool aimed_ = false;
  int coming_ = 0;                                        ///< next move of the target: up 1, down -1
  market::book_side thinning_ = market::book_side::none;  ///< makers of this side withdraw
  market::book_side stops_ = market::book_side::none;     ///< side of the stop orders about to trigger
  double fair_ = 0;
  std::vector<wall> walls_;
  std::uint32_t walls_made_ = 0;
};

}  // namespace isobar::sim
