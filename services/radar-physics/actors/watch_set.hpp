#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "market/side_inputs.hpp"

namespace isobar::radar_physics {

/// The levels that one worker watches: configured prices, round prices around the anchor, and what level.set says.
/// Pure.
class watch_set {
 public:
  static constexpr int round_levels_each_side = 5;

  /// `step` 0: no round levels. `most`: the first so many by id are watched.
  watch_set(std::vector<market::watched_level> configured, price step, std::size_t most)
      : configured_(std::move(configured)), step_(step), most_(most) {}

  /// Round levels move when the anchor is a whole step away from their middle. True: they have moved.
  bool follow(price anchor);
  /// Replaces what level.set said before.
  void take(market::level_set_input outside) { outside_ = std::move(outside); }
  bool rounding() const { return step_.value > 0; }
  /// True when nothing was ever configured or said.
  bool empty() const { return configured_.empty() && !base_ && !outside_; }
  /// All of them, ascending by id. Of two with one id, level.set's stands.
  market::level_set_input all(timestamp effective) const;

  const std::optional<std::int64_t>& base() const { return base_; }
  const std::optional<market::level_set_input>& outside() const { return outside_; }
  void restore(std::optional<std::int64_t> base, std::optional<market::level_set_input> outside) {
    base_ = base;
    outside_ = std::move(outside);
  }

 private:
  std::vector<market::watched_level> configured_;
  price step_;
  std::size_t most_;
  std::optional<std::int64_t> base_;  ///< middle of the round levels, in steps
  std::optional<market::level_set_input> outside_;
};

}  // namespace isobar::radar_physics
