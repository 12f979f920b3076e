#pragma once
#include <cstdint>
#include <string_view>

#include "core/digest.hpp"

namespace isobar {

/// Weight of a member for a key: XXH3 over key, a zero byte and member, the same on every machine and in every version.
/// The member with the largest weight has the key (highest random weight hashing: Thaler and Ravishankar, 1998), so a
/// member that comes or goes moves only its own keys. Keys and members hold no zero byte.
std::uint64_t rendezvous_weight(std::string_view key, std::string_view member);

/// The first of the members with the largest weight for the key; `members.end()` when there are none. `name(member)`
/// gives a member's text.
template <class Members, class Name>
auto rendezvous(std::string_view key, const Members& members, Name&& name) {
  auto best = members.end();
  std::uint64_t heaviest = 0;
  for (auto at = members.begin(); at != members.end(); ++at) {
    const std::uint64_t weight = rendezvous_weight(key, name(*at));
    if (best != members.end() && weight <= heaviest) continue;
    best = at;
    heaviest = weight;
  }
  return best;
}

}  // namespace isobar
