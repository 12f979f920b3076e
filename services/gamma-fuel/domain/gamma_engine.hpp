#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gamma-fuel/domain/dealer_flow.hpp"
#include "gamma-fuel/domain/outputs.hpp"
#include "gamma-fuel/domain/window_merge.hpp"

namespace isobar::gamma_fuel {

class gamma_core;
class option_board;

/// Totals since the engine began; conserve: what was taken of options = applied + refused + superseded + waiting.
struct engine_counters {
  std::uint64_t option_events = 0;             ///< taken
  std::uint64_t option_events_applied = 0;     ///< reached the board
  std::uint64_t option_events_refused = 0;     ///< no such contract
  std::uint64_t option_events_superseded = 0;  ///< quotes older than the one that the board has
  std::uint64_t option_trades = 0, option_lots = 0, unsigned_trades = 0;  ///< of those applied
  std::uint64_t contracts_refused = 0;  ///< listings: no room, or the root is known with another multiplier
  std::uint64_t underlying_quotes = 0, symbol_quotes = 0, symbol_trades = 0, level_states = 0;  ///< taken
  std::uint64_t underlying_superseded = 0;  ///< of them older than what is known
  std::uint64_t bad_prices = 0;             ///< quotes of underlying or symbol that are one-sided, crossed or untrusted
  std::uint64_t windows = 0;                ///< built
  std::uint64_t idle_windows = 0;           ///< passed over: nothing was said and nothing moved
  std::uint64_t closed_hours_windows = 0;   ///< passed over: outside the session, where so configured
  std::uint64_t windows_without_options = 0;  ///< of `windows`: no contract is listed, so no landscape
  std::uint64_t windows_without_market = 0;   ///< of `windows`: no price of the symbol or of the options' underlying
  std::uint64_t windows_stale = 0;  ///< of `windows`, live: built by the clock before every input had passed them
  std::uint64_t ticks = 0, level_sets = 0, alerts = 0;
  std::uint64_t ticks_without_states = 0;  ///< given up waiting for the radar
  std::uint64_t level_states_dropped = 0;  ///< readings of the radar that waited in vain
  std::uint64_t late = 0;       ///< events of windows that were built already: applied, nothing emitted is changed
  std::uint64_t backwards = 0;  ///< events older than the one before on their input: taken at its time
  std::uint64_t dropped = 0;    ///< events that no queue had room for
  std::uint64_t user_levels_refused = 0;
  std::uint64_t volume_lots = 0;          ///< of volume by price, applied
  std::uint64_t volume_lots_dropped = 0;  ///< of them, those that the profile had no bin for
  std::uint64_t contracts_settled = 0;    ///< contracts that left some days after their settlement
  template <class A>
  void fields(A& a) {
    a(option_events, option_events_applied, option_events_refused, option_events_superseded, option_trades, option_lots,
      unsigned_trades, contracts_refused, underlying_quotes, symbol_quotes, symbol_trades, level_states,
      underlying_superseded, bad_prices, windows, idle_windows, closed_hours_windows, windows_without_options,
      windows_without_market, windows_stale, ticks, level_sets, alerts, ticks_without_states, level_states_dropped,
      late, backwards, dropped, user_levels_refused, volume_lots, volume_lots_dropped, contracts_settled);
  }
};

/// The whole core of one symbol: puts the events of every input in (time, input, arrival) order once their watermarks
/// have passed them, builds landscape, levels, fuel and signals. What comes out depends on what each input said, not on
/// how they interleave. Pure. Not thread-safe: the symbol's worker owns it.
///
/// * Windows are [start, end) on multiples of the width. At a window's end: landscape, then levels, then the tick of
///   that instant. Ticks are at multiples of the signal period and see what happened before them.
/// * A window is built when something was said of an option, the mid of the symbol or of the underlying moved, the
///   symbol traded, a user's level came or went, an input's quality changed, or the underlying became stale. In others
///   nothing would differ but the age of what is known: they are leapt over. Ticks go on for 10 s behind the last thing
///   said (what is smoothed settles, triggers run out), then they are leapt over too.
/// * The symbol is its own underlying when it is the option symbol: the price of either is that of both, basis 0.
/// * Replay: an input is waited for when it is required or was ever heard of. Live: windows whose end the clock has
///   passed are built with what is there, and flagged.
class gamma_engine {
 public:
  /// The configuration must pass check().
  gamma_engine(gamma_config c, bool live, merge_limits limits = {});
  ~gamma_engine();

  /// The contract's number; what `from` says next of it is about it. The board lists it at `at`. no_contract: no room.
  /// Two underlyings with one root (another multiplier or style, settlement days apart): what `from` says of it is then
  /// refused, and counted.
  contract_number list(input from, timestamp at, const option_contract& c);
  /// The number of a contract that was listed; no_contract: never.
  contract_number find(const market::option_id& id) const;
  /// Numbers that have come to mean nothing since the last call: list() may have given some anew, so it is asked behind
  /// each. Their contracts settled option_board::keep_settled ago.
  std::vector<contract_number> take_forgotten();
  std::size_t contracts_known() const;
  /// A contract by its number, as it was last listed.
  const option_contract& listed(contract_number n) const;
  /// What takes effect at `at`; the events' own times say from when the source's word is. False: no room for all; the
  /// rest is dropped and counted.
  bool take(input from, timestamp at, std::span<const option_event> events);
  /// Of the options' underlying (index).
  bool take(input from, timestamp at, const underlying_quote& q);
  /// So many option contracts traded while their underlying was at `p`: for the volume profile (input::volume).
  bool take_volume(timestamp at, price p, std::uint64_t lots);
  /// How far the input can be trusted from now on.
  bool take(input from, timestamp at, market::quality q);
  bool take_symbol(const underlying_quote& q);  ///< input::quotes
  bool take_symbol(const underlying_trade& t);  ///< input::trades
  bool take(level_states s);                    ///< input::levels
  /// Readings of radar-physics may be missing from `at` on, until the next one.
  void lose_levels(timestamp at);
  /// From the next window on. False: too many, or another level has the id: counted.
  bool add(user_level l);
  bool remove(std::string_view user_level_id);

  /// Nothing that takes effect before `t` will come on the input; end_of_time: it has ended. Never goes back.
  void watermark(input from, timestamp t);
  timestamp watermark(input from) const;
  void require(input which, bool required);
  /// Builds everything that the watermarks allow. `clock`: live only, windows that ended before it are built with what
  /// is there and flagged; start_of_time: the watermarks alone.
  void advance(timestamp clock, gamma_sink& sink);

  /// Nothing that ends at or before it, or is as of before it, will be given any more, by kind of output: windows
  /// (a window boundary), and signals. end_of_time: all inputs have ended.
  timestamp profiles_until() const;
  timestamp signals_until() const;
  /// The inputs that hold the next window back; empty: none.
  std::vector<input> waited_for() const;
  std::size_t waiting(input of) const;  ///< events in its queue
  std::size_t waiting_ticks() const;

  const gamma_config& config() const;
  /// The last landscape built; `end` 0: none.
  const gex_profile& last_profile() const;
  /// Of the last landscape: what it says to the radar.
  gex_input radar_input() const;
  const option_board& board() const;
  const dealer_flow& flow() const;
  /// How far each input can be trusted now: in signals' terms, radar-physics included.
  input_quality qualities() const;
  const level_set_input& levels() const;
  std::span<const user_level> user_levels() const;
  const level_signal* find_signal(std::string_view id) const;
  /// Flows near a price as of the last tick.
  std::vector<contract_flow> flows_near(price level) const;
  const engine_counters& counters() const;

  /// The whole state between two calls, versioned and with the assumptions id. restore(): false when the bytes are not
  /// a checkpoint of these rules, and the engine is then as new.
  void save(std::string& out) const;
  bool restore(std::string_view bytes);

 private:
  std::unique_ptr<gamma_core> core_;
};

}  // namespace isobar::gamma_fuel
