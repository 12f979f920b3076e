#include "radar-physics/domain/gate.hpp"

#include <cmath>

namespace isobar::radar_physics {

placeholder_gate::placeholder_gate(const radar_config& c)
    : keep_(std::exp2(-1 / c.buckets.gate_half_life_windows)), tiny_(static_cast<double>(c.tick.value) * 1e-3) {}

void placeholder_gate::observe(const window_info& window) {
  if (window.anchor == market::no_price) return;
  const double change = windows_ == 0 ? 0 : static_cast<double>(window.anchor.value - mid_.value);
  mid_ = window.anchor;
  if (windows_ < windows_min) ++windows_;
  velocity_ = keep_ * velocity_ + (1 - keep_) * change;
  size_ = keep_ * size_ + (1 - keep_) * std::abs(change);
  if (size_ < tiny_) velocity_ = size_ = 0;
}

gate_state placeholder_gate::state() const {
  gate_state g;
  if (windows_ < windows_min || size_ == 0) return g;
  g.up = 1 / (1 + std::exp(-velocity_ / size_));
  g.down = 1 - g.up;
  return g;
}

}  // namespace isobar::radar_physics
