#pragma once
#include <string_view>
#include <vector>

#include "isobar/window/v1/window.pb.h"
#include "market/window.hpp"
#include "wire/units.hpp"

/// PrintColumns: the trades of a window, as ContractWindow and FlowRows carry them.
namespace isobar::wire {

/// The prices that the unit of the frame must divide.
void add_prints(const std::vector<market::option_print>& prints, unit_finder& to);
/// Replaces `to`. Every print has a price that is not negative; its quote may be missing.
void write_prints(const std::vector<market::option_print>& prints, std::int64_t unit, timestamp window_end,
                  window::v1::PrintColumns& to);
/// Inverse; replaces `to`. Refuses columns that differ in length, more than market::prints_max, contracts beyond
/// max_contracts, prints out of (time, contract) order, without a price or a time, and what overflows. `where` names
/// the message in errors.
result<void, errc> read_prints(const window::v1::PrintColumns& from, std::int64_t unit, timestamp window_end,
                               std::string_view where, std::vector<market::option_print>& to);

}  // namespace isobar::wire
