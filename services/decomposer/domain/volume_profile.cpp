#include "decomposer/domain/volume_profile.hpp"

#include "decomposer/domain/model_header.hpp"

namespace isobar::decomposer {

market::volume_profile_rows volume_profile_model::project(const market::frozen_window& window) {
  rows out{.header = header_of(window), .rows = {}};
  for (const auto& [contract, state, traded] : window.rows)
    if (traded.value > 0) out.rows.push_back({contract, traded, state.last});
  return out;
}

}  // namespace isobar::decomposer
