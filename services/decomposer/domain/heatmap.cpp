#include "decomposer/domain/heatmap.hpp"

#include "decomposer/domain/model_header.hpp"

namespace isobar::decomposer {

market::heatmap_rows heatmap_model::project(const market::frozen_window& window) {
  rows out{.header = header_of(window), .rows = {}};
  out.rows.reserve(window.rows.size());
  for (const auto& row : window.rows)
    if (was_quoted(row.state)) out.rows.push_back({row.contract, row.state.bid, row.state.ask, row.state.ts_quote});
  return out;
}

}  // namespace isobar::decomposer
