#pragma once
#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/error.hpp"
#include "market/window.hpp"
#include "ws-hydrator/domain/board.hpp"
#include "ws-hydrator/domain/event_queue.hpp"
#include "ws-hydrator/domain/feed_event.hpp"
#include "ws-hydrator/domain/rows.hpp"

namespace isobar::ws_hydrator {

struct hydrator_options {
  duration_ns width = milliseconds(200);  ///< of a window; 50 to 1000 ms
  std::size_t queue_events_max = 1u << 18;
  std::size_t queue_chains_max = 32;
  market::quality source_quality = market::quality::ok;  ///< what every window is at best: synthetic for a simulator
  /// After a restart: no window before this is emitted again, and sequences go on after `sequence`.
  timestamp resume_from = start_of_time;
  std::uint64_t sequence = 0;
};

/// What became of every event. events = applied + superseded + unknown + dropped + waiting + sum(refused).
struct hydrator_counts {
  std::uint64_t events = 0;
  std::uint64_t applied = 0;     ///< quotes and trades that became the newest, trades booked, spots
  std::uint64_t superseded = 0;  ///< not newer than what the row held
  std::uint64_t unknown = 0;     ///< contracts outside the geometry
  std::uint64_t dropped = 0;     ///< the queue was full: shows as quality gap
  std::array<std::uint64_t, refusal_count> refused{};
  std::uint64_t late = 0;             ///< older than the window they were applied in (also counted above)
  std::uint64_t crossed = 0;          ///< quotes with bid above ask (also counted above)
  std::uint64_t repeated_trades = 0;  ///< the same trade twice in a window: booked once
  std::uint64_t chains = 0;
  std::uint64_t chains_dropped = 0;
  std::uint64_t chain_contracts = 0;          ///< entries of chains
  std::uint64_t chain_contracts_unknown = 0;  ///< of them outside the geometry
  std::uint64_t chain_contracts_refused = 0;  ///< of them with a field that is negative or absurd
  std::uint64_t windows = 0;                  ///< emitted
  std::uint64_t base_windows = 0;
  std::uint64_t rows = 0;            ///< emitted
  std::uint64_t prints = 0;          ///< trades listed in windows
  std::uint64_t prints_dropped = 0;  ///< trades beyond what a window lists
  std::uint64_t switches = 0;
};

enum class epoch_errc {
  misaligned,  ///< effective_from is not on a window boundary
  wrong_hash,  ///< geometry and hash disagree
  stale,       ///< an older epoch than the one in force
  too_many,    ///< more announced epochs than are kept
};

/// Hydration of one symbol: keeps a row per contract of the board in force, written in place by quotes, trades and
/// chains, and freezes a window whenever the watermarks of its three inputs (quotes, chains, epochs) have passed the
/// window's end.
///
/// The bytes that come out depend on what each input said, not on how the three interleave or how they are batched: an
/// event belongs to the later of its own window and the window its own input had reached; an event whose window is not
/// open yet, or whose board is not decided yet, waits in a bounded queue, and a chain until its window closes. A trade
/// is listed with the quote that its contract had at the start of the window or that the feed brought before the trade,
/// unless that is newer than the trade. The sink is called inside the apply and advance calls; the window it gets lives
/// until it returns.
class hydrator {
 public:
  using sink = std::function<void(const market::frozen_window&)>;
  hydrator(symbol of, hydrator_options options, sink emit);

  /// Quotes, trades and spots, in the feed's order. The input's watermark follows the events' times.
  void apply(std::span<const feed_event> events);
  /// The same for contracts already resolved on the board of `epoch_id()`.
  void apply(std::span<const indexed_event> events);
  void apply(std::span<const market::option_event> events);
  void apply(std::shared_ptr<const market::chain_snapshot> chain);
  /// An epoch announced (preparing) or confirmed (active). Builds its board at once: when this returns, the hydrator is
  /// prepared. It takes over at effective_from. Repeats are harmless.
  isobar::result<void, epoch_errc> apply(const market::epoch& e);

  /// Nothing older than `t` will come on the input.
  void advance_quotes(timestamp t);
  void advance_chains(timestamp t);
  void advance_epochs(timestamp t);

  /// The next window is a base.
  void request_base();
  /// Something is missing on an input: windows carry at least this quality until cleared with `ok`.
  void set_input_quality(market::quality q) { input_quality_ = q; }

  /// Events were lost before they came here: windows carry quality gap until the next chain fills the rows again.
  void note_loss() { events_lost_ = true; }

  /// Watermark of the windows: every later one ends after it. start_of_time before the first epoch; end_of_time when
  /// all inputs have ended and everything is emitted.
  timestamp closed_until() const;
  /// True while quotes and chains have passed the open window and only the epoch's switch holds it.
  bool blocked_by_switch() const;
  /// How many more events the queue takes.
  std::size_t queue_room() const { return queue_.limit() - queue_.size(); }
  std::size_t queued() const { return queue_.size(); }
  std::size_t queued_chains() const { return chains_.size(); }

  const hydrator_counts& counts() const { return counts_; }
  /// Board in force; nullptr before the first epoch.
  const board* current() const { return board_.get(); }
  std::uint64_t epoch_id() const { return board_ ? board_->epoch().id : 0; }
  /// Newest announced board, else the one in force: what the subscription filter follows.
  const board* newest() const;
  price spot() const { return spot_; }
  std::uint64_t sequence() const { return sequence_; }
  const hydrator_options& options() const { return options_; }

 private:
  struct waiting_chain {
    std::shared_ptr<const market::chain_snapshot> chain;
    timestamp window_end;
  };
  void take(const feed_event& e);
  void take(const feed_event& e, std::optional<market::contract_index> c);
  /// `floor`: start of the window that the quote input had reached.
  void hydrate(const feed_event& e, std::optional<market::contract_index> c, timestamp floor);
  void hydrate(const market::chain_snapshot& chain, bool counted);
  void enqueue(const feed_event& e);
  void write_spot(timestamp ts, bool feed, price level);

  void settle();
  bool decided() const { return epochs_ > open_start_; }
  bool start_first_epoch();
  void switch_epochs();
  void release();
  void release_chains();
  void close_window();
  void skip_idle(timestamp limit);
  bool idle() const;
  void freeze();
  timestamp limit() const { return std::min({quotes_, chains_seen_, epochs_}); }
  timestamp open_end() const { return open_start_ + options_.width; }
  timestamp floor_of(timestamp t) const;

  symbol symbol_;
  hydrator_options options_;
  sink emit_;
  hydrator_counts counts_;

  std::unique_ptr<board> board_;
  rows rows_{0};
  std::map<std::uint64_t, std::unique_ptr<board>> announced_;  ///< by epoch id
  std::shared_ptr<const market::chain_snapshot> latest_chain_;

  timestamp quotes_ = start_of_time, chains_seen_ = start_of_time, epochs_ = start_of_time;  ///< watermarks
  timestamp open_start_ = start_of_time;
  timestamp direct_until_ = start_of_time;  ///< events of windows before this go straight to the rows
  bool base_pending_ = false;
  std::uint64_t sequence_ = 0;

  event_queue queue_;
  std::deque<waiting_chain> chains_;
  write_order spot_order_;
  price spot_ = market::no_price;
  market::quality input_quality_ = market::quality::ok;
  bool events_lost_ = false;  ///< since the last chain
  market::frozen_window out_;
};

}  // namespace isobar::ws_hydrator
