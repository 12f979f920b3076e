#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "market/order_book.hpp"
#include "radar-physics/domain/engine.hpp"
#include "radar-physics/domain/feature_formulas.hpp"
#include "radar-physics/domain/literal/book.hpp"
#include "radar-physics/domain/literal/surfaces.hpp"

namespace isobar::radar_physics {

/// What the earlier system said of a window and the common outputs have no place for.
struct literal_details {
  price best_bid, best_ask;  ///< 0: side empty
  std::int64_t best_bid_size = 0, best_ask_size = 0;
  double mid_price = 0;   ///< 0 unless both sides are present
  price mid, last_trade;  ///< 0: none; halves of a price unit rounded to even
  price reference;        ///< the last trade on the 20-tick grid; 0: none, and no rows
  bool book_valid = false;
  std::vector<literal::physics_row> physics;  ///< the side-less join
  std::vector<literal::bucket_row> buckets;   ///< only those with rows or strikes
};

/// The earlier system's radar, number for number (futures-medium 1 to 4, 6, 8, what is marked [L]; `compat = literal`).
///
/// What it is for: to show that the formulas were understood, by reproducing the earlier system's golden tables, and to
/// compare old recordings with new ones. It is wrong about real feeds on purpose and never the default: bit 128 (LAST)
/// counts as the snapshot flag and is looked at before the window rolls, a fill takes lots that the cancel after it
/// takes again as a withdrawal, the reference is the last trade on a 20-tick grid, derivatives are between rows, and
/// surfaces are joined without their side.
///
/// Differences of interface from radar_engine: windows close by events alone in replay (advance() matters at
/// end_of_time) and by the watermark too when live; a jump of event time over many idle windows gives those that are
/// all alike as one span. A window's anchor is the reference. Gates, levels, smoothing and the stateful medium
/// did not exist: the gate stays neutral, there are no levels, no breakthroughs. book() is the true book, kept beside
/// the literal one. `details()` has the rest. The memory of derivatives grows with the prices that ever had rows, the
/// window's messages with its traffic.
class literal_engine {
 public:
  literal_engine(radar_config c, bool live);

  void apply(const market::book_event& e, radar_sink& sink);
  void apply(std::span<const market::book_event> batch, radar_sink& sink) {
    for (const market::book_event& e : batch) apply(e, sink);
  }
  void advance(timestamp watermark, radar_sink& sink);
  /// The earlier system knew no gaps; the windows until the next clear say so and go on.
  void gap();

  /// The newest whose window_end is at or before a window's end is used for it; at most 64 wait.
  void take(gex_input in);
  void take(const gate_input&) {}
  void take(const level_set_input&) {}
  /// In force from the next window on.
  void take(calibration_table table) { next_calibration_ = std::move(table); }

  /// Of the window that the sink is being given.
  const literal_details& details() const { return details_; }
  const market::order_book& book() const { return true_book_; }
  const engine_counters& counters() const { return counters_; }
  const radar_config& config() const { return config_; }
  timestamp closed_until() const { return closed_until_; }
  std::size_t memory_bytes() const;

  void save(std::string& out) const;
  bool restore(std::string_view bytes);

 private:
  static constexpr std::size_t gex_max = 64;
  template <class Archive>
  void fields(Archive& a);

  std::int64_t window_of(timestamp t) const { return floor_div(t.ns, config_.window.value); }
  void roll_to(std::int64_t window, radar_sink& sink);
  void begin_window(std::int64_t window);
  /// Remembers what the window began with, before a message changes it.
  void keep_depth();
  void keep_order(market::order_id id);
  literal::book book_at_start() const;
  void clear_book();
  /// Gives `windows` windows, the open one first, that are all alike.
  void emit(std::int64_t windows, radar_sink& sink);
  void describe(std::int64_t windows);
  void build(const gex_input* gex);
  void fill_column(const gex_input* gex);
  const gex_input* gex_for(timestamp end);

  radar_config config_;
  bool live_;
  calibration_table calibration_;
  std::optional<calibration_table> next_calibration_;
  market::order_book true_book_;
  std::vector<gex_input> gex_;  ///< ascending by window_end; the first may be in force

  literal::book book_;
  bool in_snapshot_ = false, book_valid_ = false;
  price last_trade_;
  bool open_ = false;
  std::int64_t window_ = 0;  ///< number of the open window
  bool has_snapshot_ = false, gap_ = false;
  std::int64_t idle_ = 0;  ///< windows without a message before the open one
  std::uint32_t trades_ = 0, late_ = 0;
  std::uint64_t traded_ = 0;
  /// Depth at the window's start, and the orders there that its messages touched (nothing: not in the book then).
  std::optional<literal::book::sides> start_depth_;
  std::map<market::order_id, std::optional<literal::order>> start_orders_;
  bool start_whole_ = false;  ///< start_orders_ has every order
  std::vector<market::book_event> messages_;
  literal::flows flows_;
  literal::row_memory memory_;
  feature_history features_;
  timestamp closed_until_ = start_of_time;
  engine_counters counters_;
  window_outputs out_;
  literal_details details_;
};

}  // namespace isobar::radar_physics
