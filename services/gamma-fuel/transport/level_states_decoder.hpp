#pragma once
#include <string_view>

#include "gamma-fuel/domain/inputs.hpp"
#include "wire/frame.hpp"

namespace isobar::gamma_fuel {

/// radar.levels. Refuses, with the field: times off the calendar or that contradict the revision, more levels than may
/// be watched, ids that are empty or come twice, unknown states and sides, numbers that are not finite or outside what
/// they can be. A heartbeat has no body. `trusted`: the frame's quality is ok or synthetic.
result<wire::framed<level_states>, wire::errc> decode_level_states(std::string_view bytes);
/// The same; a frame of another symbol is refused as bad_symbol.
result<wire::framed<level_states>, wire::errc> decode_level_states(std::string_view bytes, const symbol& expected);

}  // namespace isobar::gamma_fuel
