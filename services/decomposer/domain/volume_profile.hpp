#pragma once
#include <string_view>

#include "market/model_rows.hpp"

namespace isobar::decomposer {

/// Volume-profile input: the contracts that traded inside the window.
struct volume_profile_model {
  using rows = market::volume_profile_rows;
  static constexpr std::string_view name = "volume_profile";
  static rows project(const market::frozen_window& window);
};

}  // namespace isobar::decomposer
