#pragma once
#include <optional>

#include "wire/dbn/record.hpp"

namespace isobar::wire::dbn {

// Records whose layout changed, of any version, in the layout of version 3: 32-bit quantities and their sentinel
// widened, short symbols in long fields, what a version did not have undefined. Nothing for a record of another type.

std::optional<definition_v3> as_definition(record r);
std::optional<statistics_v3> as_statistics(record r);
std::optional<error_v2> as_error(record r);
std::optional<system_v2> as_system(record r);
std::optional<symbol_mapping_v2> as_symbol_mapping(record r);

}  // namespace isobar::wire::dbn
