#include "decomposer/domain/gex.hpp"

#include "decomposer/domain/model_header.hpp"

namespace isobar::decomposer {

market::gex_rows gex_model::project(const market::frozen_window& window) {
  rows out{.header = header_of(window), .rows = {}};
  out.rows.reserve(window.rows.size());
  for (const auto& [contract, s, traded] : window.rows)
    if (was_quoted(s) || s.open_interest != market::no_quantity || s.implied_volatility != 0 || s.gamma != 0)
      out.rows.push_back({contract, s.bid, s.ask, s.ts_quote, s.open_interest, s.implied_volatility, s.gamma});
  return out;
}

}  // namespace isobar::decomposer
