#pragma once
#include <array>
#include <string_view>

namespace isobar::gamma_fuel {

/// Kinds of levels of which there is one each: the kind is the id.
inline constexpr std::array<std::string_view, 13> single_level_kinds{
    "VWAP",    "SESSION_HIGH", "SESSION_LOW", "PM_HIGH",  "PM_LOW",     "OR_HIGH",   "OR_LOW",
    "SMA_200", "SMA_400",      "CALL_WALL",   "PUT_WALL", "GAMMA_WALL", "GAMMA_FLIP"};
/// Kinds of which there may be many: "ROUND_6900", "STRIKE_6905", and the user's own ids.
inline constexpr std::string_view round_kind = "ROUND", strike_kind = "STRIKE", user_kind = "USER";

}  // namespace isobar::gamma_fuel
