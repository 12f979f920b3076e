#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gamma-fuel/domain/outputs.hpp"

namespace isobar::gamma_fuel {

/// Inputs with watermarks of their own.
enum class input : std::uint8_t { options, underlying, symbol, levels };

/// Totals since the engine began; conserve: taken = applied + refused + waiting.
struct engine_counters {
  std::uint64_t option_events = 0, option_events_refused = 0, underlying_quotes = 0, symbol_quotes = 0,
                symbol_trades = 0;
  std::uint64_t windows = 0, windows_without_options = 0, windows_without_market = 0, ticks = 0,
                ticks_without_states = 0;
  std::uint64_t late = 0, dropped = 0, alerts = 0, user_levels_refused = 0;
};

/// The whole core of one symbol: puts the events of every input in (time, input, arrival) order once their watermarks
/// have passed a window, builds landscape, levels, fuel and signals. What comes out depends on what each input said,
/// not on how they interleave. Windows in which nothing was said and nothing moved are not built (no recompute without
/// an input change).
class gamma_engine {
 public:
  gamma_engine(gamma_config c, bool live);
  ~gamma_engine();

  contract_number list(const option_contract& c);
  void take(std::span<const option_event> events);
  void take(const underlying_quote& q);  ///< of the options' underlying (index)
  void take_symbol(const underlying_quote& q);
  void take_symbol(const underlying_trade& t);
  void take(level_states s);
  bool add(user_level l);  ///< from the next window on
  bool remove(std::string_view user_level_id);

  /// Nothing older than `t` will come on the input; end_of_time: it has ended. An input that is never heard of is not
  /// waited for unless required.
  void watermark(input from, timestamp t);
  void require(input which, bool required);
  /// Builds everything that the watermarks allow. `clock`: live only, windows that ended before it are built with what
  /// is there and flagged; start_of_time: replay.
  void advance(timestamp clock, gamma_sink& sink);

  /// Nothing older will be given any more by kind of output.
  timestamp profiles_until() const, signals_until() const;
  const gex_profile& last_profile() const;
  const engine_counters& counters() const;

  void save(std::string& out) const;
  bool restore(std::string_view bytes);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::gamma_fuel
