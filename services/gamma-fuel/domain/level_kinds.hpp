#pragma once
#include <array>
#include <string_view>

/// Kinds of levels, as the wire has them, and what they weigh.
namespace isobar::gamma_fuel {

struct level_kind {
  std::string_view name;
  double confluence = 0;  ///< weight (futures-medium 13.4, 1.4.0; flip and absolute wall as walls)
  bool strong = false;    ///< obstructs a runway
};

/// Every kind; those that exist once have their kind as id.
inline constexpr std::array level_kinds{
    level_kind{"VWAP", 0.7, false},      level_kind{"SESSION_HIGH", 0.6, true}, level_kind{"SESSION_LOW", 0.6, true},
    level_kind{"PM_HIGH", 1.0, true},    level_kind{"PM_LOW", 1.0, true},       level_kind{"OR_HIGH", 0.9, false},
    level_kind{"OR_LOW", 0.9, false},    level_kind{"SMA_200", 0.8, false},     level_kind{"SMA_400", 0.8, false},
    level_kind{"CALL_WALL", 1.0, true},  level_kind{"PUT_WALL", 1.0, true},     level_kind{"GAMMA_WALL", 1.0, true},
    level_kind{"GAMMA_FLIP", 1.0, true}, level_kind{"ROUND", 0, false},         level_kind{"STRIKE", 0, false},
    level_kind{"USER", 0, false},
};

/// A kind that is not in the table weighs nothing.
constexpr level_kind kind_of(std::string_view name) {
  for (const level_kind& k : level_kinds) {
    if (k.name == name) return k;
  }
  return {name};
}

}  // namespace isobar::gamma_fuel
