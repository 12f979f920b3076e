#include "gamma-fuel/domain/volume_structure.hpp"

#include <algorithm>
#include <cmath>

#include "core/numeric.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr double node_percentile = 0.70, well_percentile = 0.20;
constexpr double high_node_means = 1.5, low_node_means = 0.5;
constexpr std::int64_t crevasse_wells = 3;

std::int64_t apart(price a, price b) { return std::abs((a - b).value); }

}  // namespace

void volume_structure::add(price strike, std::uint64_t lots) {
  // Bins come ascending, and so do their strikes.
  if (!strikes_.empty() && strikes_.back().strike == strike)
    strikes_.back().lots += lots;
  else
    strikes_.push_back({strike, lots});
}

/// Of `sorted_`, which is not empty.
double volume_structure::percentile(double share) {
  const double place = share * static_cast<double>(sorted_.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted_.size() - 1);
  const double low = static_cast<double>(sorted_[below]), high = static_cast<double>(sorted_[above]);
  return low + (high - low) * (place - static_cast<double>(below));
}

void volume_structure::build(const volume_profile& v, volume_source source, const strike_grid& grid, price step) {
  clear();
  step_ = step;
  for (const auto& [bin, lots] : v.bins()) {
    const price middle = v.middle(bin);
    const auto strike =
        source == volume_source::options ? grid.bin(isobar::strike(middle.value)) : grid.nearest(middle);
    if (strike) add(*strike, lots);
  }
  if (!known()) return;
  total_ = most_ = 0;
  sorted_.clear();
  for (const strike_volume& s : strikes_) {
    total_ += s.lots;
    most_ = std::max(most_, s.lots);
    sorted_.push_back(s.lots);
  }
  std::sort(sorted_.begin(), sorted_.end());
  mean_ = static_cast<double>(total_) / static_cast<double>(strikes_.size());
  node_from_ = percentile(node_percentile);
  well_to_ = percentile(well_percentile);
}

std::optional<std::uint64_t> volume_structure::at(price strike) const {
  if (!known() || strike < strikes_.front().strike || strike > strikes_.back().strike) return std::nullopt;
  const auto place =
      std::partition_point(strikes_.begin(), strikes_.end(), [&](const strike_volume& s) { return s.strike < strike; });
  return place->strike == strike ? place->lots : 0;
}

std::optional<double> volume_structure::share_of_most(price strike) const {
  const auto lots = at(strike);
  if (!lots) return std::nullopt;
  return static_cast<double>(*lots) / static_cast<double>(most_);
}

bool volume_structure::is_high_node(price strike) const {
  const auto lots = at(strike);
  return lots && static_cast<double>(*lots) >= high_node_means * mean_;
}

bool volume_structure::is_low_node(price strike) const {
  const auto lots = at(strike);
  return lots && static_cast<double>(*lots) <= low_node_means * mean_;
}

std::optional<price> volume_structure::point_of_control(price market) const {
  const strike_volume* best = nullptr;
  for (const strike_volume& s : strikes_)
    if (s.lots == most_ && (best == nullptr || apart(s.strike, market) < apart(best->strike, market))) best = &s;
  return best != nullptr ? std::optional(best->strike) : std::nullopt;
}

bool volume_structure::is_node(price strike) const {
  const auto lots = at(strike);
  return lots && static_cast<double>(*lots) >= node_from_;
}

bool volume_structure::is_well(price strike) const {
  const auto lots = at(strike);
  return lots && static_cast<double>(*lots) <= well_to_ && static_cast<double>(*lots) < node_from_;
}

bool volume_structure::in_crevasse(price strike) const {
  if (!is_well(strike)) return false;
  std::int64_t wells = 1;
  for (const int side : {-1, 1})
    for (std::int64_t i = 1; i < crevasse_wells && is_well(strike + step_ * (side * i)); ++i) ++wells;
  return wells >= crevasse_wells;
}

std::optional<price> volume_structure::nearest_node(price market) const {
  std::optional<price> best;
  for (const strike_volume& s : strikes_)
    if (static_cast<double>(s.lots) >= node_from_ && (!best || apart(s.strike, market) < apart(*best, market)))
      best = s.strike;
  return best;
}

std::optional<price> volume_structure::nearest_well(price market) const {
  std::optional<price> best;
  const auto offer = [&](price strike) {
    if (!best || apart(strike, market) < apart(*best, market)) best = strike;
  };
  for (std::size_t i = 0; i < strikes_.size(); ++i) {
    const price here = strikes_[i].strike;
    if (is_well(here)) offer(here);
    if (i + 1 == strikes_.size() || strikes_[i + 1].strike - here <= step_) continue;
    // Of the strikes between that nothing traded at, the one nearest to the market.
    const price first = here + step_, last = strikes_[i + 1].strike - step_;
    const price down = price(floor_div(market.value, step_.value) * step_.value);
    offer(std::clamp(down, first, last));
    offer(std::clamp(down + step_, first, last));
  }
  return best;
}

}  // namespace isobar::gamma_fuel
