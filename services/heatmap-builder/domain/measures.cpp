#include "heatmap-builder/domain/measures.hpp"

#include <algorithm>
#include <cmath>

namespace isobar::heatmap_builder {

std::vector<double> convexity_scores(const std::vector<std::optional<std::int64_t>>& debits) {
  std::vector<double> score(debits.size(), 0.0);
  double largest = 0;
  for (std::size_t i = 1; i + 1 < debits.size(); ++i) {
    if (!debits[i - 1] || !debits[i] || !debits[i + 1]) continue;
    score[i] = static_cast<double>(*debits[i + 1] - 2 * *debits[i] + *debits[i - 1]);
    largest = std::max(largest, std::abs(score[i]));
  }
  if (largest > 0)
    for (double& s : score) s /= largest;
  return score;
}

plane_measures::plane_measures(const plane_board& layout, const quote_columns& quotes) : layout_(&layout) {
  values_.assign(layout.tile_count(), {0, 0, 0, mask_of(reason::missing_leg)});
  next_.assign(layout.tile_count(), 0);
  convexity_.assign(layout.tile_count(), 0);
  for (std::uint32_t tile = 0; tile < layout.tile_count(); ++tile)
    if (layout.tile_exists(tile)) values_[tile] = evaluate(layout, quotes, tile);

  const std::uint32_t stride = 2 * layout.columns;
  for (std::uint32_t lane = 0; lane < stride; ++lane) {
    std::int64_t next = 0;
    std::vector<std::uint32_t> tiles;
    std::vector<std::optional<std::int64_t>> debits;
    for (std::uint32_t tile = lane; tile < layout.tile_count(); tile += stride) {
      if (!layout.tile_exists(tile)) continue;
      tiles.push_back(tile);
      debits.push_back(values_[tile].valid() ? std::optional(values_[tile].mid) : std::nullopt);
    }
    const std::vector<double> scores = convexity_scores(debits);
    for (std::size_t i = tiles.size(); i-- > 0;) {
      convexity_[tiles[i]] = scores[i];
      next_[tiles[i]] = next;
      if (debits[i]) next = *debits[i];
    }
  }
}

tile_measures plane_measures::measures(std::uint32_t tile) const {
  tile_measures m;
  const tile_value& v = values_[tile];
  if (!v.valid()) return m;
  const tile_place place = layout_->place_of(tile);
  const std::int64_t k = layout_->strikes[place.position].value, debit = v.mid;
  const bool call = place.side == market::right::call;
  m.max_loss = debit;
  if (place.kind == strategy::single) {
    if (!call) m.max_profit = k - debit;
    m.break_even = {call ? k + debit : k - debit};
  } else {
    const std::int64_t width = layout_->width_nanos[place.width];
    m.max_profit = width - debit;
    m.reward_to_risk = static_cast<double>(width - debit) / static_cast<double>(debit);
    m.debit_percent_of_width = 100.0 * static_cast<double>(debit) / static_cast<double>(width);
    if (place.kind == strategy::vertical)
      m.break_even = {call ? k + debit : k - debit};
    else if (debit == width)
      m.break_even = {k};
    else
      m.break_even = {k - width + debit, k + width - debit};
  }
  const std::int64_t next = next_[tile];
  m.adjacent_change_percent =
      next == 0 ? 0.0 : 100.0 * std::abs(static_cast<double>(debit - next)) / static_cast<double>(next);
  m.convexity_score = convexity_[tile];
  return m;
}

}  // namespace isobar::heatmap_builder
