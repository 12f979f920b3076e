#pragma once
#include <cstdint>

#include "radar-physics/domain/outputs.hpp"
#include "radar-physics/domain/radar_config.hpp"

namespace isobar::radar_physics {

/// The directional gate until a model gives one (decisions 15): the logistic of the mid's smoothed change per window
/// over its smoothed size. 0.5 before four windows with an anchor.
///
/// In idle windows both averages halve at the same rate, so the gate holds its direction; once the average size is
/// below a thousandth of a tick (fifty idle windows after a move of one tick) it forgets it and is 0.5 again. Call
/// observe() for every window; windows without an anchor are passed over.
class placeholder_gate {
 public:
  explicit placeholder_gate(const radar_config& c = {});

  void observe(const window_info& window);
  gate_state state() const;
  /// A further window without a change of the mid leaves everything as it is.
  bool settled() const { return windows_ == windows_min && size_ == 0; }

  template <class Archive>
  void fields(Archive& a) {
    a(windows_, mid_, velocity_, size_);
  }

 private:
  static constexpr std::uint8_t windows_min = 4;
  double keep_;  ///< what an average keeps of itself per window
  double tiny_;
  std::uint8_t windows_ = 0;        ///< seen, at most windows_min
  price mid_;                       ///< of the window before
  double velocity_ = 0, size_ = 0;  ///< 1e-9 quote units per window
};

}  // namespace isobar::radar_physics
