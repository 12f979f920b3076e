#pragma once
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gamma-fuel/domain/basis.hpp"
#include "gamma-fuel/domain/gamma_engine.hpp"
#include "gamma-fuel/domain/landscape.hpp"
#include "gamma-fuel/domain/level_context.hpp"
#include "gamma-fuel/domain/level_universe.hpp"
#include "gamma-fuel/domain/option_board.hpp"
#include "gamma-fuel/domain/session_tracker.hpp"
#include "gamma-fuel/domain/signal_engine.hpp"
#include "gamma-fuel/domain/volume_profile.hpp"
#include "gamma-fuel/domain/window_merge.hpp"

namespace isobar::gamma_fuel {

/// What is behind gamma_engine, which says what it promises.
class gamma_core {
 public:
  gamma_core(gamma_config c, bool live, merge_limits limits);

  // inputs (gamma_core.cpp)
  contract_number list(input from, timestamp at, const option_contract& c);
  contract_number find(const market::option_id& id) const;
  std::vector<contract_number> take_forgotten() { return std::exchange(forgotten_, {}); }
  std::size_t contracts_known() const { return numbers_.size(); }
  const option_contract& listed(contract_number n) const { return contracts_[n].contract; }
  bool take(input from, timestamp at, std::span<const option_event> events);
  bool take(level_states s);
  void lose_levels(timestamp at);
  bool push(input from, merge_item item);
  bool add(user_level l);
  bool remove(std::string_view id);
  void watermark(input from, timestamp t);
  timestamp watermark(input from) const { return watermarks_[index(from)]; }
  void require(input which, bool required) { required_[index(which)] = required; }
  bool requires_input(input which) const { return required_[index(which)]; }

  // time (gamma_time.cpp)
  void advance(timestamp clock, gamma_sink& sink);
  timestamp profiles_until() const;
  timestamp signals_until() const;
  std::vector<input> waited_for() const;

  std::vector<contract_flow> flows_near(price level) const;
  std::size_t waiting(input of) const { return of == input::levels ? states_.size() : merge_.waiting(of); }

  void save(std::string& out) const;
  bool restore(std::string_view bytes);

  const gamma_config config;
  const bool live;
  const merge_limits limits;
  engine_counters counters;
  option_board board;
  landscape shape;
  dealer_flow flow;
  session_tracker session;
  literal::session literal_session;  ///< literal rules only
  volume_profile volume;
  level_universe universe;
  level_context context;
  signal_engine signals;
  gex_profile profile;  ///< end 0: none yet

 private:
  /// A contract that was named, and its number on the board: none before a listing takes effect.
  struct known_contract {
    option_contract contract;
    contract_number on_board = no_contract;
    std::uint8_t refused = 0;  ///< inputs that speak of another underlying's: a bit each
    bool free = false;         ///< the number means nothing: its contract has left
    template <class A>
    void fields(A& a) {
      a(contract, on_board, refused, free);
    }
  };
  /// What all contracts of one underlying's root have in common.
  struct root_facts {
    std::int64_t multiplier = 0;
    bool american = false;
    bool operator==(const root_facts&) const = default;
  };
  static root_facts facts_of(const option_contract& c) { return {c.multiplier, c.american}; }
  static constexpr std::size_t index(input i) { return static_cast<std::size_t>(i); }
  bool waits_for(input i) const { return required_[index(i)] || watermarks_[index(i)] != start_of_time; }

  void apply(input from, merge_item& item);
  void apply(option_event e, input from);
  void apply(const listing& l, input from);
  void go_on();
  void forget_settled();
  void apply_underlying(const underlying_quote& q);
  void apply_symbol(const underlying_quote& q);
  void apply(const underlying_trade& t);
  void apply(const traded_volume& v, timestamp at);
  void add_volume(timestamp at, price p, std::uint64_t lots);
  void see_symbol(const underlying_quote& q);

  timestamp reach(timestamp clock) const;
  void run(timestamp limit, gamma_sink& sink);
  bool exhausted() const;
  timestamp stale_at() const;
  bool silent(timestamp t) const;
  void open_at(timestamp t);
  void apply_until(timestamp t);
  void leap(timestamp limit);
  void close_window(gamma_sink& sink);
  void build(gamma_sink& sink);
  void make_profile(timestamp start);
  bool in_hours(timestamp end) const;
  std::uint32_t options_behind(timestamp end) const;
  void apply(input from, market::quality q, timestamp at);
  input_quality qualities(timestamp t) const;
  void tick();
  void give_signals(timestamp clock, gamma_sink& sink);

  template <class A>
  void fields(A& a);

  const bool own_;  ///< the symbol is its own underlying
  window_merge merge_;
  std::deque<level_states> states_;
  std::array<timestamp, inputs> watermarks_;
  std::array<bool, inputs> required_{};

  std::vector<known_contract> contracts_;
  std::map<market::option_id, contract_number> numbers_;  ///< of contracts_
  std::map<std::string, root_facts> roots_;               ///< as first listed
  std::vector<contract_number> free_;                     ///< numbers that mean nothing, to be given anew
  std::vector<contract_number> forgotten_;                ///< of them those that nobody was told of
  timestamp swept_at_ = start_of_time;                    ///< event time at which settled contracts last left

  basis_tracker basis_;
  underlying_quote symbol_;  ///< the last that was whole
  price mid_ = market::no_price;
  price underlying_ = market::no_price;
  timestamp underlying_at_ = start_of_time;
  bool symbol_trusted_ = true;
  bool symbol_crossed_ = false;  ///< as it was last said
  std::array<market::quality, inputs> qualities_;
  timestamp flow_whole_ = start_of_time;  ///< before: trades are missing from the fuel window
  input flow_missed_ = input::flow;       ///< whose
  std::uint32_t lagging_ = 0;             ///< live: inputs that the last landscape was made without, a bit each

  bool open_ = false;
  timestamp end_{}, next_tick_{};
  timestamp now_ = start_of_time;        ///< everything before it has been applied
  timestamp last_item_ = start_of_time;  ///< when the last thing applied took effect
  bool touched_ = false;                 ///< something was applied in the open window
  bool changed_ = false;                 ///< and the next window is to be built
  bool asked_ = false;                   ///< a user's level came or went: the window under way is not leapt over
  bool stale_ = false;                   ///< the underlying, as of the last window built
  bool silent_ = false;                  ///< the symbol, likewise
  bool silent_tick_ = false;             ///< and as of the last tick
  bool ended_ = false;
  timestamp states_newest_ = start_of_time;
  timestamp forced_ = start_of_time;  ///< live: signals were given up to here whatever the radar said
};

}  // namespace isobar::gamma_fuel
