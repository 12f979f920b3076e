#pragma once
#include <string>

#include "isobar/gex/v1/gex.pb.h"
#include "market/option.hpp"
#include "service/query_result.hpp"

namespace isobar::gamma_fuel {

/// Reduces a landscape to one expiry's share: gamma, vanna and charm by strike and in total under every sign model,
/// and the spread between them. What is of the whole landscape (differences, interest, walls, readings, pins, gravity,
/// volume) is left out.
/// `detail`: gamma_encoder::expiries() of the same window; nullptr: not kept any more. NOT_FOUND names the field.
service::query_result<void> keep_expiry(const market::expiry_key& wanted, const std::string* detail,
                                        gex::v1::GexProfile& p);

}  // namespace isobar::gamma_fuel
