#pragma once
#include <string>

#include "isobar/gex/v1/gex.pb.h"
#include "market/option.hpp"
#include "service/query_result.hpp"

namespace isobar::gamma_fuel {

/// Reduces a landscape to one expiry's share: its gamma by strike, the convention models' totals and strikes from it.
/// What is not known by expiry (flow model, vanna, charm, differences, interest, walls, readings, pins) is left out.
/// `detail`: gamma_encoder::expiries() of the same window; nullptr: not kept any more. NOT_FOUND names the field.
service::query_result<void> keep_expiry(const market::expiry_key& wanted, const std::string* detail,
                                        gex::v1::GexProfile& p);

}  // namespace isobar::gamma_fuel
