#pragma once
#include "market/model_rows.hpp"

namespace isobar::decomposer {

/// What every model's input says of its window.
inline market::model_header header_of(const market::frozen_window& w) {
  return {.symbol = w.symbol,
          .epoch = w.epoch,
          .window_sequence = w.sequence,
          .window_start = w.start,
          .window_end = w.end,
          .base = w.base,
          .spot = w.spot,
          .quality = w.quality};
}

/// False for a contract that never had a quote: nothing a model holds of it can have changed.
inline bool was_quoted(const market::contract_state& s) {
  return s.ts_quote != start_of_time || s.bid != market::no_price || s.ask != market::no_price;
}

}  // namespace isobar::decomposer
