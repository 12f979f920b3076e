#pragma once
#include <cstdint>

#include "market/option.hpp"

namespace isobar::ws_hydrator {

/// A contract's identity packed into 128 bits, so that a feed's event needs no string: root (up to eight letters),
/// expiry and right in `who`, strike beside it. Two keys are equal exactly when the contracts are. `who` is 0 for a
/// root that cannot be packed: no board lists such a key.
struct contract_key {
  std::uint64_t who = 0;
  std::int64_t strike = 0;
  bool operator==(const contract_key&) const = default;
};

/// Packs; {0, 0} when the root is empty, longer than eight letters or holds anything but A to Z.
contract_key key_of(const market::option_id& id);
/// The contract a key names; the key must have come from key_of and not be {0, 0}.
market::option_id id_of(contract_key key);

/// Mixes both halves into one hash; the finaliser of SplitMix64.
constexpr std::uint64_t hash_of(contract_key key) {
  std::uint64_t h = key.who ^ (static_cast<std::uint64_t>(key.strike) * 0x9e3779b97f4a7c15u);
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
  return h ^ (h >> 29);
}

}  // namespace isobar::ws_hydrator
