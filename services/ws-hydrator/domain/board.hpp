#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "market/window.hpp"
#include "ws-hydrator/domain/contract_key.hpp"

namespace isobar::ws_hydrator {

/// One epoch made ready for hydration: its geometry, and a hash from packed key to dense index. Built once per epoch
/// (when it is announced), immutable afterwards.
class board {
 public:
  explicit board(market::epoch e);

  const market::epoch& epoch() const { return epoch_; }
  /// Slots, listed or not.
  market::contract_index size() const { return size_; }
  /// Nothing for a contract that the geometry does not list.
  std::optional<market::contract_index> find(contract_key key) const {
    for (std::uint64_t at = hash_of(key) & mask_;; at = (at + 1) & mask_) {
      const cell& c = cells_[at];
      if (c.key == key) return c.index;
      if (c.key.who == 0) return std::nullopt;
    }
  }
  std::optional<market::contract_index> find(const market::option_id& id) const { return find(key_of(id)); }
  /// Key of a slot; {0, 0} when it is not listed.
  contract_key key_of_slot(market::contract_index c) const { return keys_[c]; }

 private:
  struct cell {
    contract_key key;
    market::contract_index index = 0;
  };
  market::epoch epoch_;
  market::contract_index size_ = 0;
  std::uint64_t mask_ = 0;
  std::vector<cell> cells_;
  std::vector<contract_key> keys_;
};

}  // namespace isobar::ws_hydrator
