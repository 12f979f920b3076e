#include "gamma-fuel/domain/outputs.hpp"

namespace isobar::gamma_fuel {

std::string_view name_of(regime r) {
  switch (r) {
    case regime::dampen:
      return "DAMPEN";
    case regime::amplify:
      return "AMPLIFY";
    case regime::neutral:
      return "NEUTRAL";
  }
  return "?";
}

std::string_view market_mode_name(double market_mode) {
  if (market_mode >= 67) return "expansion";
  return market_mode >= 34 ? "transition" : "compression";
}

std::string_view name_of(alert_kind k) {
  switch (k) {
    case alert_kind::level_approach:
      return "level_approach";
    case alert_kind::flip_crossed:
      return "flip_crossed";
    case alert_kind::regime_change:
      return "regime_change";
    case alert_kind::dangerous_setup:
      return "dangerous_setup";
    case alert_kind::signal:
      return "signal";
  }
  return "?";
}

}  // namespace isobar::gamma_fuel
