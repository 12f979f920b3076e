#pragma once
#include <span>

#include "gamma-fuel/domain/gamma_config.hpp"
#include "gamma-fuel/domain/inputs.hpp"
#include "isobar/level/v1/level_service.pb.h"
#include "market/side_inputs.hpp"
#include "service/query_result.hpp"

namespace isobar::gamma_fuel {

/// The level that a request means; INVALID_ARGUMENT names a bad id, a price off the tick or out of bounds. Without an
/// id it is "USER_<price>".
service::query_result<user_level> user_level_of(const level::v1::AddUserLevelRequest& request, price tick);
/// An id of a level at all: 1 to 64 printable characters.
service::query_result<void> check_level_id(const char* field, const std::string& id);

/// Whether there is room and the id is free among the user's levels and those in force.
service::query_result<void> check_free(const user_level& wanted, std::span<const user_level> present,
                                       const market::level_set_input& in_force, std::size_t most);

}  // namespace isobar::gamma_fuel
