#include "ws-hydrator/domain/board.hpp"

#include <bit>

#include "core/error.hpp"

namespace isobar::ws_hydrator {

board::board(market::epoch e) : epoch_(std::move(e)) {
  std::size_t listed = 0;
  for (const market::expiry_plane& plane : epoch_.board.planes) {
    ISOBAR_ASSERT(plane.first_contract == size_ && plane.listed.size() == plane.strikes.size());
    size_ += static_cast<market::contract_index>(2 * plane.strikes.size());
    listed += 2 * plane.strikes.size();
  }
  // At most half full, so that a probe is short and always ends at an empty cell.
  cells_.resize(std::bit_ceil(2 * listed + 2));
  mask_ = cells_.size() - 1;
  keys_.resize(size_);
  for (const market::expiry_plane& plane : epoch_.board.planes)
    for (std::size_t k = 0; k < plane.strikes.size(); ++k)
      for (const market::right r : {market::right::call, market::right::put}) {
        if (!plane.is_listed(k, r)) continue;
        const contract_key key = key_of({plane.key.root, plane.key.expiry, r, plane.strikes[k]});
        if (key.who == 0) continue;
        std::uint64_t at = hash_of(key) & mask_;
        while (cells_[at].key.who != 0) at = (at + 1) & mask_;
        cells_[at] = {key, plane.contract(k, r)};
        keys_[plane.contract(k, r)] = key;
      }
}

}  // namespace isobar::ws_hydrator
