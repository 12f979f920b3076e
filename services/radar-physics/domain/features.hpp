#pragma once
#include <array>
#include <span>
#include <string>

#include "market/book_change.hpp"
#include "radar-physics/domain/feature_flows.hpp"
#include "radar-physics/domain/feature_formulas.hpp"
#include "radar-physics/domain/outputs.hpp"
#include "radar-physics/domain/radar_config.hpp"

namespace isobar::radar_physics {

/// Names of feature_vector::value, in its order (futures-medium 6.1): 25 f*, their d1_, d2_, d3_, then 24 u* likewise.
const std::array<std::string, feature_vector::size>& feature_names();

/// The learning features of each window (futures-medium 6, corrected).
///
/// * Distances are ticks from the reference at the end of the window, for both ends of the window and for its flows.
/// * Withdrawals are what decisions 11 books as pulls: fills and refills are neither pulls nor reprices.
/// * Only an order that changed its price counts as repriced.
/// * A clear forgets the window's flows before it; records of a snapshot are no flow.
///
/// A window without an anchor gives the values of an empty market (distances 20, shares 0.5, logarithms 0) with all
/// differences 0 and no approach, and leaves no trace in the windows after it.
class feature_builder {
 public:
  explicit feature_builder(const radar_config& c) : rest_(c.rest) {}

  /// `rows`: bids ascending (`bid_rows` of them), then asks ascending. `flows`: of the window, near its reference.
  void build(const window_info& window, std::span<const medium_row> rows, std::size_t bid_rows,
             const window_flows& flows, feature_vector& out);
  /// `changes`: every change of the window that moved displayed orders, in order.
  void build(const window_info& window, std::span<const medium_row> rows, std::size_t bid_rows,
             std::span<const market::book_change> changes, feature_vector& out);
  /// The last window left no trace: the same again gives the same vector.
  bool settled() const { return blind_ || history_.settled(); }

  template <class Archive>
  void fields(Archive& a) {
    a(history_, blind_);
  }

 private:
  duration_ns rest_;
  feature_history history_;
  bool blind_ = false;  ///< the last window had no anchor
};

}  // namespace isobar::radar_physics
