#include "gamma-fuel/domain/outputs.hpp"

namespace isobar::gamma_fuel {

greek_sums exposure_sums::under(sign_model m) const {
  switch (m) {
    case sign_model::calls_positive:
      return {call.gamma - put.gamma, call.vanna - put.vanna, call.charm - put.charm};
    case sign_model::puts_positive:
      return {put.gamma - call.gamma, put.vanna - call.vanna, put.charm - call.charm};
    case sign_model::all_short:
      return {-(call.gamma + put.gamma), -(call.vanna + put.vanna), -(call.charm + put.charm)};
    case sign_model::flow:
      return flow;
  }
  return {};
}

double exposure_sums::spread() const {
  double low = under(sign_model::calls_positive).gamma, high = low;
  for (std::size_t m = 1; m < sign_models; ++m) {
    const double gamma = under(static_cast<sign_model>(m)).gamma;
    low = std::min(low, gamma);
    high = std::max(high, gamma);
  }
  return high - low;
}

std::string_view cause_name(std::size_t cause) {
  return cause == underlying_cause ? "underlying" : name_of(static_cast<input>(cause));
}

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
