#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "radar-physics/domain/outputs.hpp"

/// The arithmetic of the 196 features (futures-medium 6), apart from how depth and flows are gathered.
namespace isobar::radar_physics {

/// Where a level lies from the reference: asks count at or above it, bids at or below (futures-medium 6.2).
enum class influence : std::uint8_t { at /* 0-2 ticks */, near /* 3-5 */, mid /* 6-14 */, far /* 15-20 */, out };
inline constexpr std::int64_t influence_ticks = 20;

/// By distance in ticks.
inline constexpr auto influence_at = [] {
  std::array<influence, influence_ticks + 1> zone{};
  for (std::size_t distance = 0; distance < zone.size(); ++distance)
    zone[distance] = distance <= 2   ? influence::at
                     : distance <= 5 ? influence::near
                     : distance < 15 ? influence::mid
                                     : influence::far;
  return zone;
}();

/// `rel`: tick of the level less the reference's.
constexpr influence influence_of(book_side side, std::int64_t rel) {
  const std::int64_t distance = side == book_side::ask ? rel : -rel;
  if (side == book_side::none || distance < 0 || distance > influence_ticks) return influence::out;
  return influence_at[static_cast<std::size_t>(distance)];
}

/// Depth of one side near the reference, at one instant (6.3). Lots.
struct depth_view {
  double total = 0, at = 0, near = 0, mid = 0, far = 0;
  double moment = 0;                                      ///< sum of lots x distance in ticks
  double nearest = static_cast<double>(influence_ticks);  ///< ticks to the nearest level; 20: none

  void add(book_side side, std::int64_t rel, std::uint64_t lots) {
    const influence zone = influence_of(side, rel);
    if (zone == influence::out || lots == 0) return;
    const double size = static_cast<double>(lots);
    const double distance = static_cast<double>(side == book_side::ask ? rel : -rel);
    total += size;
    moment += size * distance;
    nearest = std::min(nearest, distance);
    (zone == influence::at ? at : zone == influence::near ? near : zone == influence::mid ? mid : far) += size;
  }
  /// Ticks to the centre of mass; 20 when there is no depth.
  double distance() const { return total < 1e-9 ? static_cast<double>(influence_ticks) : moment / total; }
};

/// What happened near the reference on one side inside a window (6.4). Lots.
struct flow_view {
  double added = 0;
  double pulled_rest = 0, pulled_rest_at = 0, pulled_rest_near = 0;  ///< withdrawn by resting orders
  double away = 0, toward = 0;                                       ///< resting orders repriced

  void pull(influence from, double lots) {
    pulled_rest += lots;
    if (from == influence::at) pulled_rest_at += lots;
    if (from == influence::near) pulled_rest_near += lots;
  }
  /// A resting order of `lots` moved from one distance to another (distances from the reference, in ticks).
  void reprice(double lots, std::int64_t from, std::int64_t to) {
    if (to <= 0 || to < from) {
      toward += lots;
    } else if (to > from) {
      away += lots;
    }
  }
};

/// One side of one window.
struct side_view {
  depth_view start, end;
  flow_view flow;
};

using base_features = std::array<double, feature_vector::base>;
/// The 25 f*, then the 24 u* (6.5).
base_features features_of(const side_view& ask, const side_view& bid);

/// Derivatives between consecutive rows, and the direction of approach.
class feature_history {
 public:
  /// Fills `out`: the values, their three differences (0 in the first row) and the sign of the reference's change over
  /// three rows.
  void append(const base_features& now, std::int64_t reference, feature_vector& out);
  /// The last row left no trace: the same row again gives the same vector.
  bool settled() const { return settled_; }

  template <class Archive>
  void fields(Archive& a) {
    a(rows_, references_, last_, d1_, d2_, settled_);
  }

 private:
  std::uint8_t rows_ = 0;                     ///< seen, at most 3
  std::array<std::int64_t, 3> references_{};  ///< of the rows before, newest first
  base_features last_{}, d1_{}, d2_{};
  bool settled_ = false;
};

}  // namespace isobar::radar_physics
