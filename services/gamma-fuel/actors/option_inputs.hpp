#pragma once
#include <array>
#include <map>
#include <string>
#include <vector>

#include "gamma-fuel/domain/gamma_engine.hpp"
#include "market/model_rows.hpp"
#include "wire/frame.hpp"
#include "wire/option_feed_codec.hpp"

namespace isobar::gamma_fuel {

/// What an input of options could not use.
struct option_input_counts {
  std::uint64_t wrong_root = 0;           ///< contracts whose root belongs to another underlying
  std::uint64_t unknown_contract = 0;     ///< numbers outside the board that the frame speaks of
  std::uint64_t dropped = 0;              ///< the engine's queue had no room
  std::uint64_t volume_without_spot = 0;  ///< contracts traded in windows that had no spot
  std::uint64_t prints_dropped = 0;       ///< trades that windows of ws-hydrator could not hold
};

/// A set of small numbers that is emptied at no cost.
class marks {
 public:
  void clear() { ++now_; }
  void insert(std::uint32_t n) {
    if (n >= at_.size()) at_.resize(n + 1, 0);
    at_[n] = now_;
  }
  bool contains(std::uint32_t n) const { return n < at_.size() && at_[n] == now_; }

 private:
  std::vector<std::uint64_t> at_;
  std::uint64_t now_ = 1;
};

/// Turns chains, rows, flow and option feeds into what gamma_engine takes: finds or lists contracts, says only what is
/// new. Not thread-safe: the worker owns it.
///
/// Rows and trades of a window that ends at t take effect at t - 1 ns. A chain of an instant takes effect with the end
/// of the engine's window that holds the nanosecond before it: one as of 16:00 belongs to the window that ends then.
class option_inputs {
 public:
  static constexpr std::size_t boards_max = 8;

  option_inputs(gamma_engine& engine, const symbol& option_symbol);

  void take(const market::chain_snapshot& chain);
  /// A board that rows may speak of; the oldest beyond boards_max are forgotten.
  void learn(const market::epoch& e);
  bool knows(std::uint64_t epoch) const { return boards_.contains(epoch); }
  /// Of a board that is known. A base replaces what earlier rows said.
  void take(const market::gex_rows& rows);
  void take(const market::flow_rows& rows);
  /// Contracts that traded in the window, all at its spot: no board is needed.
  void take(const market::volume_profile_rows& rows);
  /// A base holds all of its frames.
  void take(const wire::option_frame& frame);
  /// The feed's numbers may mean other contracts now, until a base names them; what was said stands until then.
  void forget_feed_numbers();

  /// When the next thing on an input may take effect, its watermark being `t`.
  timestamp chain_reach(timestamp t) const;
  timestamp rows_reach(timestamp t) const;

  const option_input_counts& counts() const { return counts_; }

  template <class A>
  void fields(A& a) {
    a(chain_, chain_generation_, rows_, row_width_, feed_, feed_said_, feed_words_, feed_at_, rows_spot_, boards_);
    if constexpr (requires { a.refuse(); })
      for (const auto& [id, b] : boards_)
        if (!b.sound()) a.refuse();
  }

 private:
  /// What an input last said of a contract.
  struct word {
    bool listed = false;
    price bid = market::no_price, ask = market::no_price;
    timestamp ts_quote = start_of_time;
    quantity open_interest = market::no_quantity;
    std::uint32_t generation = 0;  ///< chain that last held it
    template <class A>
    void fields(A& a) {
      a(listed, bid, ask, ts_quote, open_interest, generation);
    }
  };
  struct board_numbers {
    market::geometry geometry;
    std::vector<contract_number> by_rows, by_flow;  ///< no_contract: not listed by that input yet
    /// What restoring could not check by itself.
    bool sound() const;
    template <class A>
    void fields(A& a) {
      a(by_rows, by_flow);
      std::uint64_t planes = geometry.planes.size();
      a(planes);
      if constexpr (requires { a.refuse(); }) {
        if (planes > wire::max_planes) return a.refuse();
        geometry.planes.resize(planes);
      }
      for (market::expiry_plane& p : geometry.planes)
        a(p.key.root, p.key.expiry, p.settles, p.settles_at, p.multiplier, p.strikes, p.listed, p.spacing,
          p.first_contract);
    }
  };

  bool belongs(const std::string& root);
  static word& of(std::vector<word>& words, contract_number n);
  contract_number resolve(board_numbers& b, std::vector<contract_number>& numbers, input from, timestamp at,
                          market::contract_index index);
  contract_number list(input from, timestamp at, const option_contract& c);
  void forget(const std::vector<contract_number>& gone);
  void say(input from, timestamp at, const option_event& e);
  void take_contract(const market::expiry_chain& expiry, const market::chain_contract& c, timestamp ts, timestamp at);
  void take_row(contract_number n, const market::gex_row& row, timestamp at);
  void clear_absent(const board_numbers& b, timestamp at);
  void void_feed(const wire::option_frame& base);
  contract_number feed_contract(const market::option_feed_event& e, const wire::option_frame& frame);
  contract_number listed(const market::listed_option& c);

  gamma_engine& engine_;
  std::string option_symbol_;
  std::map<std::string, bool> roots_;  ///< whether they belong
  std::map<std::uint64_t, board_numbers> boards_;
  std::vector<word> chain_, rows_;  ///< by contract number
  std::uint32_t chain_generation_ = 0;
  duration_ns row_width_{0};
  price rows_spot_ = market::no_price;
  std::vector<contract_number> feed_;       ///< by the feed's number
  std::vector<contract_number> feed_said_;  ///< numbered before, and not voided by a base
  std::vector<std::uint8_t> feed_words_;    ///< by contract number: what the feed has said of it
  timestamp feed_at_ = start_of_time;
  option_input_counts counts_;
  marks present_;                        ///< scratch: contracts of a base
  marks named_;                          ///< scratch: the feed's numbers that a frame names,
  std::vector<std::uint32_t> named_at_;  ///< and where in it
};

}  // namespace isobar::gamma_fuel
