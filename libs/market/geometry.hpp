#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/symbol.hpp"
#include "market/option.hpp"

namespace isobar::market {

/// Index of a (strike, right) slot in an epoch's geometry: dense over all planes. A slot may be unlisted.
using contract_index = std::uint32_t;

/// One expiry's strike ladder. Slots: contract = first_contract + 2 * (position in strikes) + right.
struct expiry_plane {
  expiry_key key;
  settlement settles = settlement::pm;
  timestamp settles_at;
  std::int64_t multiplier = 100;
  std::vector<isobar::strike> strikes;  ///< ascending, no repeats
  std::vector<std::uint8_t> listed;     ///< per strike: bit 0 call, bit 1 put
  strike_width spacing;                 ///< most frequent gap, ties to the smaller; zero with fewer than two strikes
  contract_index first_contract = 0;

  bool is_listed(std::size_t strike_position, right r) const {
    return (listed[strike_position] >> static_cast<unsigned>(r)) & 1u;
  }
  contract_index contract(std::size_t strike_position, right r) const {
    return first_contract + static_cast<contract_index>(2 * strike_position + static_cast<unsigned>(r));
  }
  /// Position of a strike by binary search.
  std::optional<std::size_t> find(isobar::strike k) const;
  bool operator==(const expiry_plane&) const = default;
};

/// What an epoch freezes: strike ladder per expiry and root, spacing, width domain, expiry set.
struct geometry {
  isobar::symbol symbol;
  std::vector<expiry_plane> planes;  ///< ascending by key
  std::vector<strike_width> widths;  ///< ascending; the tiles' X axis

  contract_index contract_count() const;  ///< slots, listed or not
  std::size_t listed_count() const;
  std::optional<contract_index> find(const option_id& id) const;
  /// Plane that holds the slot; the index must be below contract_count().
  const expiry_plane& plane_of(contract_index c) const;
  option_id id_of(contract_index c) const;
  bool is_listed(contract_index c) const;
  /// Sets first_contract and spacing of every plane from its strikes; call after building.
  void finish();
  /// XXH3-64 over the canonical form: symbol, then per plane key, settlement, multiplier, strikes and listed bits, then
  /// widths. Independent of the machine and of how the geometry was built.
  std::uint64_t hash() const;
  bool operator==(const geometry&) const = default;
};

}  // namespace isobar::market
