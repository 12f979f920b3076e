#pragma once
#include <array>
#include <string_view>

#include "decomposer/domain/flow.hpp"
#include "decomposer/domain/gex.hpp"
#include "decomposer/domain/heatmap.hpp"
#include "decomposer/domain/volume_profile.hpp"

namespace isobar::decomposer {

template <class... Models>
struct model_list {
  static constexpr std::size_t size = sizeof...(Models);
  static constexpr std::array<std::string_view, size> names{Models::name...};
  /// Calls visit.operator()<Model>(index) for each, in order.
  template <class Visitor>
  static void each(Visitor&& visit) {
    std::size_t index = 0;
    (visit.template operator()<Models>(index++), ...);
  }
};

/// Every model. Adding one is its file and its line here.
using models = model_list<  //
    heatmap_model,          //
    gex_model,              //
    volume_profile_model,   //
    flow_model>;

}  // namespace isobar::decomposer
