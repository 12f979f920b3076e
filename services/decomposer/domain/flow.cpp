#include "decomposer/domain/flow.hpp"

#include "decomposer/domain/model_header.hpp"

namespace isobar::decomposer {

market::flow_rows flow_model::project(const market::frozen_window& window) {
  return {.header = header_of(window), .rows = window.prints, .dropped = window.prints_dropped};
}

}  // namespace isobar::decomposer
