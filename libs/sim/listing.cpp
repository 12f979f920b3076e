#include "sim/listing.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "market/calendar.hpp"

namespace isobar::sim {

namespace {

struct habit_row {
  std::string_view symbol;
  symbol_habits habits;
};
// Levels of December 2025, rounded; multipliers of options-surface 1.4 (others as SPX).
constexpr std::array habit_table{
    habit_row{"SPX", {6900, 2.25}}, habit_row{"NDX", {25'000, 3.5}}, habit_row{"RUT", {2'500, 2.25}},
    habit_row{"XSP", {690, 2.25}},  habit_row{"SPY", {690, 2.25}},   habit_row{"QQQ", {610, 3.5}},
    habit_row{"IWM", {250, 2.25}},  habit_row{"ES", {6'900, 2.25}},
};

struct symbol_roots {
  std::optional<market::root_spec> daily, monthly;
};

symbol_roots roots_for(std::string_view symbol) {
  symbol_roots found;
  for (const market::root_spec& root : market::roots_of(symbol)) {
    if (root.settles == market::settlement::am)
      found.monthly = root;
    else if (!found.daily || (root.weekly_tag && !found.daily->weekly_tag))
      found.daily = root;
  }
  if (!found.daily) found.daily = found.monthly;
  if (found.monthly && found.daily->root == found.monthly->root) found.monthly.reset();
  return found;
}

}  // namespace

std::optional<symbol_habits> habits_of(std::string_view symbol) {
  const auto found = std::find_if(habit_table.begin(), habit_table.end(),
                                  [symbol](const habit_row& row) { return row.symbol == symbol; });
  if (found == habit_table.end()) return std::nullopt;
  return found->habits;
}

double strike_half_range(double spot, double vix, std::int32_t dte, double em_multiplier) {
  const double days = std::max(1, dte);
  if (!(vix > 0)) return std::trunc(0.03 * spot * std::sqrt(days));
  const double range = std::round(em_multiplier * spot * (vix / 100) * std::sqrt(days / 252));
  return range > 0 ? range : 50;
}

strike at_the_money(price spot, strike_width step) {
  const std::int64_t below = floor_div(spot.value, step.value), rest = spot.value - below * step.value;
  const bool up = 2 * rest > step.value || (2 * rest == step.value && below % 2 != 0);
  return strike((below + up) * step.value);
}

std::vector<strike> ladder(strike centre, strike_width half_range, strike_width step) {
  const auto spacing_at = [&](std::int64_t away) {
    if (away <= half_range.value) return step.value;
    if (away <= half_range.value / 4 * 5) return 2 * step.value;
    if (away <= half_range.value / 2 * 3) return 5 * step.value;
    return 10 * step.value;
  };
  std::vector<strike> strikes;
  const std::int64_t low = centre.value - 2 * half_range.value, high = centre.value + 2 * half_range.value;
  for (std::int64_t k = std::max(step.value, ceil_div(low, step.value) * step.value); k <= high; k += step.value)
    // Every 5th belongs to the band of every 2nd too: a coarser ladder's strikes are all listed.
    if (k % spacing_at(std::abs(k - centre.value)) == 0 ||
        (k % (5 * step.value) == 0 && std::abs(k - centre.value) <= half_range.value / 4 * 5))
      strikes.push_back(strike(k));
  return strikes;
}

std::vector<listed_expiry> listed_expiries(std::string_view symbol, date today, int count) {
  const symbol_roots roots = roots_for(symbol);
  std::vector<listed_expiry> expiries;
  const auto list = [&expiries](const market::root_spec& root, date day) {
    expiries.push_back({{day, std::string(root.root)}, root, market::settlement_time(day, root.settles)});
  };
  for (date day = today; roots.daily && count > 0; day = day + 1) {
    if (!market::is_trading_day(day)) continue;
    --count;
    if (roots.monthly && market::is_monthly_expiry(day)) list(*roots.monthly, day);
    list(*roots.daily, day);
  }
  std::sort(expiries.begin(), expiries.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  return expiries;
}

}  // namespace isobar::sim
