#pragma once
#include <string_view>

#include "market/model_rows.hpp"

namespace isobar::decomposer {

/// Gamma-exposure input: mid, open interest and the vendor's greeks of every contract in the window that has any.
struct gex_model {
  using rows = market::gex_rows;
  static constexpr std::string_view name = "gex";
  static rows project(const market::frozen_window& window);
};

}  // namespace isobar::decomposer
