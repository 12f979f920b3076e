#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "market/side_inputs.hpp"

namespace isobar::radar_physics {

/// The levels that one worker watches: configured prices, round prices around the anchor, and what level.set says.
/// Pure: what is watched at an instant depends on the anchors of the windows that ended by then and on the sets in
/// force by then, not on when either was heard of.
class watch_set {
 public:
  static constexpr int round_levels_each_side = 5;
  /// Sets of level.set, and moves of the round levels, that are remembered; the oldest go.
  static constexpr std::size_t remembered_max = 64;

  /// `step` 0: no round levels. `most`: the first so many by id are watched.
  watch_set(std::vector<market::watched_level> configured, price step, std::size_t most)
      : configured_(std::move(configured)), step_(step), most_(most) {}

  /// What is watched from an instant on, ascending by time: each holds until the next. Tell the engine.
  using changes = std::vector<market::level_set_input>;
  /// The anchor of the window that ended at `end`, in the order of the windows. Round levels move when it is a whole
  /// step away from their middle.
  changes follow(price anchor, timestamp end);
  /// Said by level.set, in force from its effective time until the next one's.
  changes take(market::level_set_input outside);
  /// Everything, for an engine that is new. Empty: nothing was ever configured or said.
  changes everything() const;
  bool rounding() const { return step_.value > 0; }
  /// All levels of an instant, ascending by id. Of two with one id, level.set's stands.
  market::level_set_input all(timestamp t) const;
  /// Forgets what was said and seen.
  void clear();

  template <class Archive>
  void fields(Archive& a) {
    a(bases_, outside_);
  }

 private:
  struct said_level {
    std::string id, kind;
    isobar::price price{0};
    template <class Archive>
    void fields(Archive& a) {
      a(id, kind, price);
    }
  };
  changes from(timestamp t) const;

  std::vector<market::watched_level> configured_;
  price step_;
  std::size_t most_;
  std::map<timestamp, std::int64_t> bases_;               ///< from when on the middle of the round levels is, in steps
  std::map<timestamp, std::vector<said_level>> outside_;  ///< by effective
};

}  // namespace isobar::radar_physics
