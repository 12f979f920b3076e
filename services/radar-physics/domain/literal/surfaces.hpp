#pragma once
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "radar-physics/domain/calibration.hpp"
#include "radar-physics/domain/literal/book.hpp"
#include "radar-physics/domain/outputs.hpp"
#include "radar-physics/domain/radar_config.hpp"

/// wall, vacuum, physics and bucket radar as the earlier system made them (futures-medium 2, 3, 4, 8 [L]).
namespace isobar::radar_physics::literal {

/// Nearest integer, halves to the even one.
std::int64_t round_half_even(std::int64_t dividend, std::int64_t divisor);

/// The reference: the last trade (before the first, the best bid of a valid book) on a grid of 20 ticks; 0: none.
isobar::price spot_reference(isobar::price last_trade, bool book_valid, isobar::price best_bid, isobar::price tick);

/// Where a level is kept: by side and price.
using level_key = std::pair<book_side, isobar::price>;

/// Flows of one (side, price) inside a window.
struct flow {
  std::int64_t added = 0, pulled = 0, pulled_rest = 0, filled = 0;
  template <class Archive>
  void fields(Archive& a) {
    a(added, pulled, pulled_rest, filled);
  }
};
using flows = std::map<level_key, flow>;
/// Books one message: cancelled remainders are pulls even when the order had just been filled.
void take(flows& f, const market::book_event& e, const change& c, duration_ns rest);

/// What derivatives are taken against: the row before of the same (side, price), however long ago. Never forgotten: it
/// grows with the prices that had rows.
struct row_memory {
  struct past {
    std::int64_t depth = 0, d1 = 0, d2 = 0;
    double log = 0, log_d1 = 0, log_d2 = 0;
    template <class Archive>
    void fields(Archive& a) {
      a(depth, d1, d2, log, log_d1, log_d2);
    }
  };
  std::map<level_key, past> rows;
  template <class Archive>
  void fields(Archive& a) {
    a(rows);
  }
};

/// Rows of wall and vacuum (bids ascending, then asks); physics of each row with its own vacuum.
void build_rows(const book& b, const flows& f, isobar::price reference, timestamp window_end,
                const radar_config& config, const calibration_table& calibration, row_memory& memory,
                medium_surface& out);

/// One row of the side-less join of wall and vacuum: a tick with both sides gives four.
struct physics_row {
  std::int32_t rel_ticks = 0;
  book_side wall_side = book_side::none, vacuum_side = book_side::none;
  double score = 0, score_signed = 0;  ///< signed by the wall's side
  double mass_norm = 0, vacuum = 0;    ///< what the bucket radar averages
};
std::vector<physics_row> join_physics(const medium_surface& surface, const calibration_table& calibration);

/// One bucket that has rows or a strike within the rows' reach; relative to the reference, not to the mid.
struct bucket_row {
  std::int32_t bucket_rel = 0;
  double mass = 0, vacuum = 0, stiffness = 0;
  double resistance_eroded = 0, cavitation = 0, mobility = 1;
  int blocked_level = 0;
};
std::vector<bucket_row> build_buckets(const std::vector<physics_row>& joined, const gex_input* gex,
                                      isobar::price reference, const radar_config& config,
                                      const calibration_table& calibration);

}  // namespace isobar::radar_physics::literal
