#pragma once
#include <string_view>

#include "market/model_rows.hpp"

namespace isobar::decomposer {

/// Dealer-flow input: the trades of the window, each with the quote that stood.
struct flow_model {
  using rows = market::flow_rows;
  static constexpr std::string_view name = "flow";
  static rows project(const market::frozen_window& window);
};

}  // namespace isobar::decomposer
