#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "market/order_book.hpp"
#include "radar-physics/domain/binned_sum.hpp"
#include "radar-physics/domain/outputs.hpp"
#include "radar-physics/domain/radar_config.hpp"
#include "radar-physics/domain/trade_ring.hpp"

namespace isobar::radar_physics {

/// Barrier and tape at watched levels (futures-medium 9 and 10, corrected), in event time.
///
/// * A level's zone is its price +- zone_ticks, inclusive. The bid defends it while the market (the mid, or the last
/// good
///   one) is above it, the ask otherwise; both sides' flows are kept, so a change of sides loses nothing.
/// * Flows are exact, from every change of the book: lots added, withdrawn and filled in the zone over barrier_window.
/// An
///   order that moves inside the zone is no flow. A clear forgets the flows; snapshots are none.
/// * wall_ratio: depth in the zone against as many ticks of the side's average level.
/// * The tape counts prints within tape_ticks over tape_window; velocity (prints per second, and the slope of price) is
///   that of the whole market over velocity_window.
/// * A level set is in force from its effective time on; levels at a price that was watched keep its history. Sets that
///   are older than the one in force are dropped.
///
/// Bounds: windows are kept in bins of the tick period, so they are whole numbers of it (rounded up); levels_max
/// levels, 64 sets waiting, 65,536 prints. What is beyond is counted.
class level_monitor {
 public:
  explicit level_monitor(const radar_config& c);

  void take(level_set_input in);
  /// There is a level, or a set that waits for its time.
  bool watching() const { return !levels_.empty() || !waiting_.empty(); }

  /// Each change of the book, in order; `after` is the book with it. Late ones count into the present.
  void observe(const market::book_change& c, const market::order_book& after);

  /// All levels as of a multiple of the tick period; every change before it has been observed. False (and only the
  /// count of unchanged instants moves) when nothing differs from the output before.
  bool tick(timestamp as_of, const market::order_book& book, bool trusted, level_outputs& out);
  /// The windows are empty and the last tick found nothing new: until the next observe(), take() or change of trust,
  /// each tick before next_effective() gives false at once, and any number of them may be replaced by one skip().
  bool quiet() const { return drained_ && !dirty_; }
  /// When the next set that waits comes into force; end_of_time: none waits.
  timestamp next_effective() const { return waiting_.empty() ? end_of_time : waiting_.front().effective; }
  void skip(std::uint64_t ticks);

  /// Levels beyond levels_max or at impossible prices.
  std::uint64_t levels_refused() const { return levels_refused_; }
  /// Sets that were too old, or pushed out by later ones before their time.
  std::uint64_t sets_dropped() const { return sets_dropped_; }
  /// Prints lost to the ring's bound: sweeps and velocities may miss them.
  std::uint64_t trades_dropped() const { return trades_.dropped(); }
  std::size_t memory_bytes() const;

  template <class Archive>
  void fields(Archive& a) {
    a(levels_, zones_, waiting_, trades_, since_, bin_, spot_, dirty_, drained_, trusted_, unchanged_, last_,
      levels_refused_, sets_dropped_);
    if constexpr (requires { a.refuse(); }) {
      if (!consistent()) a.refuse();
    }
  }

 private:
  static constexpr std::size_t waiting_max = 64;

  struct named_level : watched_level {
    std::uint32_t zone = 0;  ///< index in zones_
    template <class Archive>
    void fields(Archive& a) {
      a(id, kind, price, zone);
    }
  };
  struct level_set {
    timestamp effective;
    std::vector<named_level> levels;
    template <class Archive>
    void fields(Archive& a) {
      a(effective, levels);
    }
  };
  struct flow {
    std::uint64_t added = 0, cancelled = 0, filled = 0;
    flow& operator+=(const flow& o);
    flow& operator-=(const flow& o);
    template <class Archive>
    void fields(Archive& a) {
      a(added, cancelled, filled);
    }
  };
  /// Flow of bids and of asks.
  struct two_flows {
    std::array<flow, 2> side;
    two_flows& operator+=(const two_flows& o);
    two_flows& operator-=(const two_flows& o);
    template <class Archive>
    void fields(Archive& a) {
      a(side);
    }
  };
  struct prints {
    std::uint64_t buy = 0, sell = 0, count = 0;
    prints& operator+=(const prints& o);
    prints& operator-=(const prints& o);
    template <class Archive>
    void fields(Archive& a) {
      a(buy, sell, count);
    }
  };
  /// One watched price.
  struct zone {
    isobar::price price;
    tick_index low = 0, high = 0;            ///< of the barrier
    tick_index tape_low = 0, tape_high = 0;  ///< of the tape
    binned_sum<two_flows> flows;
    binned_sum<prints> tape;
    bool holds(tick_index t) const { return low <= t && t <= high; }
    template <class Archive>
    void fields(Archive& a) {
      a(price, low, high, tape_low, tape_high, flows, tape);
    }
  };

  void put_in_force(timestamp now);
  void use(std::vector<named_level> levels);
  zone zone_at(isobar::price p) const;
  void advance_to(std::int64_t bin);
  void take_flow(const market::book_change& c);
  void take_trade(const market::book_change& c);
  void measure_tape(timestamp as_of);
  void drop_trades(timestamp as_of);
  /// Writes into `r`, whose strings serve again.
  void read(const named_level& l, timestamp as_of, const market::order_book& book, level_reading& r);
  sweep_reading sweep_in(const zone& z, timestamp as_of) const;
  bool consistent() const;
  /// The readings as bytes, to see whether anything differs.
  void encode(const level_outputs& out, std::string& bytes) const;

  level_config config_;
  isobar::price tick_;
  std::int64_t multiplier_;
  std::size_t barrier_bins_, tape_bins_;

  std::vector<named_level> levels_;
  std::vector<zone> zones_;         ///< ascending by price
  std::vector<level_set> waiting_;  ///< ascending by effective time
  trade_ring trades_;
  timestamp since_ = start_of_time;  ///< effective time of the set in force
  std::int64_t bin_ = INT64_MIN;     ///< that is being filled; INT64_MIN: none yet
  isobar::price spot_ = market::no_price;
  bool dirty_ = false;    ///< something was observed, taken or found new since the last tick without news
  bool drained_ = true;   ///< no flow and no print is in any window
  bool trusted_ = false;  ///< at the last tick
  std::uint64_t unchanged_ = 0;
  std::string last_;  ///< the readings of the last output
  std::uint64_t levels_refused_ = 0, sets_dropped_ = 0;

  // Scratch of one tick.
  std::string encoded_;
  std::vector<market::book_level> depth_;
  double trades_per_second_ = 0, price_velocity_ = 0;
};

}  // namespace isobar::radar_physics
