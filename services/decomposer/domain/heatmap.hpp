#pragma once
#include <string_view>

#include "market/model_rows.hpp"

namespace isobar::decomposer {

/// Heatmap input: the quote of every contract in the window that ever had one. A window names whole rows and not which
/// field changed, so a row that only traded comes along: the builder finds its tiles unchanged.
struct heatmap_model {
  using rows = market::heatmap_rows;
  static constexpr std::string_view name = "heatmap";
  static rows project(const market::frozen_window& window);
};

}  // namespace isobar::decomposer
