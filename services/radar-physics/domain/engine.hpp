#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "radar-physics/domain/calibration.hpp"
#include "radar-physics/domain/outputs.hpp"
#include "radar-physics/domain/radar_config.hpp"

namespace isobar::radar_physics {

/// Where an engine's outputs go, in event-time order; levels of instants inside a window come before the window.
class radar_sink {
 public:
  virtual ~radar_sink() = default;
  virtual void on_window(const window_outputs& out) = 0;
  virtual void on_levels(const level_outputs& out) = 0;
};

struct engine_counters {
  std::uint64_t events = 0;            ///< records taken, snapshots' too
  std::uint64_t late_events = 0;       ///< older than the window under way
  std::uint64_t backwards_events = 0;  ///< older than the record before
  std::uint64_t bad_times = 0;         ///< before 1970 or after 2200: taken at the time of the record before
  std::uint64_t windows = 0, idle_windows = 0, invalid_windows = 0, crossed_windows = 0;  ///< closed; a span counts all
  std::uint64_t spans = 0;          ///< outputs that stand for several windows
  std::uint64_t crossed_spans = 0;  ///< runs of crossed windows
  std::uint64_t breakthroughs = 0, level_ticks = 0;
  std::uint64_t gex_alignment_errors = 0;  ///< strikes that did not fall on their bucket (seed 001, 12)
  std::uint64_t centre_errors = 0;         ///< centre rows that did not hold the mid (seed 001, 12)
  std::uint64_t flows_outside = 0;         ///< changes too far from the market to be kept by level
  std::uint64_t computed_windows = 0;      ///< of `windows`; the others were passed over at rest
  std::uint64_t unkept_moves = 0;          ///< moves beyond change_list::most in a window: features see pull and add
  std::uint64_t levels_refused = 0;        ///< watched levels beyond the bound or at impossible prices
  std::uint64_t level_sets_dropped = 0;    ///< too old, or pushed out by later ones before their time
  std::uint64_t level_trades_dropped = 0;  ///< prints lost to the bound of the levels' tape
  bool operator==(const engine_counters&) const = default;
  template <class A>
  void fields(A& a) {
    a(events, late_events, backwards_events, bad_times, windows, idle_windows, invalid_windows, crossed_windows, spans,
      crossed_spans, breakthroughs, level_ticks, gex_alignment_errors, centre_errors, flows_outside, computed_windows,
      unkept_moves, levels_refused, level_sets_dropped, level_trades_dropped);
  }
};

/// The futures medium of one symbol: a state machine over book events and watermarks (decisions 4 to 16). Pure: the
/// same calls give the same outputs. Not thread-safe; the symbol's worker owns it.
///
/// * A window [start, end) closes when an event at or past its end arrives, or when the watermark passes it; the roll
///   comes before the event's flags or clears are looked at. Snapshot records do not move time and belong to the window
///   that is open when they come: windows begin with the first live record.
/// * Late events (older than the open window) change the book and count as flow of the open window.
/// * Idle windows (no record at all) are windows too. In replay a run of idle windows whose outputs are identical is
/// given
///   as one output with `span` > 1, when the run ends; its length costs nothing once the medium is at rest. Live, each
///   is given as it closes; a jump of more than an hour of windows is given as a span there too.
/// * Until there was a mid there is no anchor: no rows, no column rows, the features of an empty market.
class radar_engine {
 public:
  /// The configuration must pass check(). `live`: idle windows are given one by one.
  radar_engine(radar_config c, bool live);
  ~radar_engine();
  radar_engine(radar_engine&&) noexcept;

  void apply(const market::book_event& e, radar_sink& sink);
  /// The same for a batch, faster when the book is larger than the caches.
  void apply(std::span<const market::book_event> batch, radar_sink& sink);
  /// Nothing older than `watermark` follows. end_of_time: the input has ended; the window under way is given as it is.
  void advance(timestamp watermark, radar_sink& sink);
  /// Records are missing here: the book is partial and the gap open until the next snapshot.
  void gap();

  /// The newest GEX whose window_end is at or before a window's start is used for it; likewise the gate.
  void take(gex_input in);
  void take(gate_input in);
  void take(level_set_input in);
  /// In force from the next window on. Ends the streaming estimate.
  void take(calibration_table table);

  const market::order_book& book() const;
  const engine_counters& counters() const;
  const radar_config& config() const;
  /// End of the last window given; start_of_time before the first.
  timestamp closed_until() const;
  std::size_t memory_bytes() const;

  /// The whole state between two events, for checkpoints (versioned, with the assumptions id). restore(): false when
  /// the bytes are not a checkpoint of these rules, and the engine is then as new.
  void save(std::string& out) const;
  bool restore(std::string_view bytes);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::radar_physics
