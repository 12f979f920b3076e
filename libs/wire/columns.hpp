#pragma once
#include <google/protobuf/repeated_field.h>

#include <string_view>
#include <vector>

#include "wire/units.hpp"

/// Ascending index columns, shared by the surface codecs (tiles, numeric, colours).
namespace isobar::wire {

/// First absolute, then differences. `from` must ascend without repeats.
inline void write_ascending(const std::vector<std::uint32_t>& from,
                            google::protobuf::RepeatedField<std::uint32_t>& to) {
  to.Clear();
  to.Reserve(static_cast<int>(from.size()));
  std::uint32_t before = 0;
  for (const auto index : from) {
    to.AddAlreadyReserved(index - before);
    before = index;
  }
}

/// Inverse; replaces `to`. Refuses repeats (bad_order) and indices at or above `bound` (too_many by count, bad_order by
/// index).
inline result<void, errc> read_ascending(const google::protobuf::RepeatedField<std::uint32_t>& from, std::size_t bound,
                                         std::string_view column, std::vector<std::uint32_t>& to) {
  if (static_cast<std::size_t>(from.size()) > bound)
    return fail(errc::too_many, std::string(column) + ": " + std::to_string(from.size()) + " values");
  to.clear();
  to.reserve(static_cast<std::size_t>(from.size()));
  std::uint64_t index = 0;
  for (int i = 0; i < from.size(); ++i) {
    if (!advance_index(from[i], i == 0, index, bound))
      return fail(errc::bad_order, at(column, static_cast<std::size_t>(i)));
    to.push_back(static_cast<std::uint32_t>(index));
  }
  return {};
}

}  // namespace isobar::wire
