#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "wire/stream_digest.hpp"

namespace isobar::cli {

/// What a run of the futures medium and of gamma has emitted: the summary of a replay. Frames that a resumed worker
/// sends again are recognised by their sequence, left out, and held against what was sent the first time. Not
/// thread-safe.
class medium_totals {
 public:
  /// One symbol's figures.
  struct figures {
    std::uint64_t records = 0;  ///< order-by-order records of feed.book
    std::uint64_t trades = 0, lots = 0;
    std::uint64_t windows = 0, valid = 0, idle = 0, spans = 0;
    std::uint64_t crossed_windows = 0, crossed_spans = 0;  ///< a span: windows in a row that end crossed
    std::uint64_t gap_windows = 0, late_events = 0, breakthroughs = 0;
    bool crossed_now = false;
    std::uint64_t landscapes = 0;                                            ///< gamma landscapes
    std::uint64_t signal_instants = 0, breaks = 0, bounces = 0, alerts = 0;  ///< breaks, bounces: begun
  };
  /// `kind` as in "radar.column"; `subject` and `bytes` a whole frame. False: a repeat of a frame seen before.
  bool take(std::string_view kind, std::string_view subject, std::string_view bytes);
  const std::map<std::string, figures>& by_symbol() const { return figures_; }
  /// Over every radar.* frame: independent of how the feed was cut into frames.
  const wire::stream_digest& digest() const { return digest_; }
  /// Over every gex.* and level.* frame.
  const wire::stream_digest& gamma_digest() const { return gamma_digest_; }
  /// Over every heatmap.tiles frame.
  const wire::stream_digest& surface_digest() const { return surface_digest_; }
  std::uint64_t repeated() const;
  /// The same by kind, "radar.column".
  const std::map<std::string, std::uint64_t>& repeats() const { return repeats_; }
  /// Repeats whose bytes differ from the first time: never, or the run is not deterministic.
  std::uint64_t contradicted() const { return contradicted_; }

 private:
  /// The newest frames of one subject, to hold repeats against.
  struct seen {
    std::uint64_t last = 0;
    std::deque<std::uint64_t> hashes;  ///< of the last `hashes.size()` sequences
  };
  bool repeat(std::string_view subject, std::uint64_t sequence, std::string_view bytes);
  std::string line_of_tiles(std::string_view subject, std::string_view bytes) const;
  void take_column(std::string_view bytes);
  void take_signals(std::string_view bytes);

  std::map<std::string, figures> figures_;
  std::map<std::string, seen, std::less<>> seen_;
  std::map<std::string, std::map<std::string, int>> signals_;  ///< last signal of each level, by symbol
  wire::stream_digest digest_, gamma_digest_, surface_digest_;
  std::map<std::string, std::uint64_t> repeats_;
  std::uint64_t contradicted_ = 0;
};

}  // namespace isobar::cli
