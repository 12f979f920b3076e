#include "gamma-fuel/domain/alerts.hpp"

#include <cmath>

#include "core/decimal.hpp"

namespace isobar::gamma_fuel {
namespace {

std::string text_of(price p) { return format_nanos(p.value); }
std::string named(const level_signal& l) {
  return (l.break_direction > 0 ? "resistance " : "support ") + l.id + " at " + text_of(l.price);
}
std::string_view word(regime r) {
  if (r == regime::amplify) return "amplifying";
  return r == regime::dampen ? "dampening" : "neutral";
}
std::string approach_text(const std::string& symbol, const level_signal& l) {
  if (l.distance.value == 0) return symbol + " is at " + named(l) + ".";
  return symbol + " is " + text_of(l.distance) + (l.break_direction > 0 ? " points below " : " points above ") +
         named(l) + ".";
}
std::string signal_text(const level_signal& l) {
  const std::string_view what = l.signal == signal::break_through ? "breaks"
                                : l.signal == signal::bounce      ? "holds"
                                                                  : "is contested";
  return "The " + named(l) + " " + std::string(what) + ", break score " + std::to_string(std::lround(l.score_raw)) +
         ".";
}

}  // namespace

alert_maker::alert_maker(const gamma_config& c) : config_(c.signals), symbol_(c.symbol) {}

bool alert_maker::is_dangerous(const level_signal& l) const {
  return is_near(l) && l.break_direction < 0 && l.state.state == barrier::vacuum && l.fuel.effect == regime::amplify;
}

void alert_maker::tell(alert a, int variant, std::vector<alert>& out) {
  const auto [told, fresh] = told_.try_emplace({a.kind, a.level + '\n' + std::to_string(variant)}, a.as_of);
  if (!fresh) return;  // quiet: what is older has been forgotten
  out.push_back(std::move(a));
}

void alert_maker::look_at_market(const level_signals& s, regime market, std::optional<price> zero_gamma,
                                 std::vector<alert>& out) {
  if (zero_gamma && s.spot != market::no_price && s.spot != *zero_gamma) {
    const int side = s.spot > *zero_gamma ? 1 : -1;
    if (flip_side_ == -side) {
      tell(
          {s.as_of, alert_kind::flip_crossed, "GAMMA_FLIP", *zero_gamma, s.spot,
           symbol_ + " crossed " + (side > 0 ? "above" : "below") + " the gamma flip at " + text_of(*zero_gamma) + "."},
          side, out);
    }
    flip_side_ = side;
  }
  if (begun_ && market != regime_) {
    tell({s.as_of,
          alert_kind::regime_change,
          {},
          market::no_price,
          s.spot,
          "Dealers turned from " + std::string(word(regime_)) + " to " + std::string(word(market)) + "."},
         static_cast<int>(market), out);
  }
  regime_ = market;
}

void alert_maker::look(const level_signals& s, regime market, std::optional<price> zero_gamma,
                       std::vector<alert>& out) {
  std::erase_if(told_, [&](const auto& t) { return s.as_of - t.second >= config_.alert_quiet; });
  std::map<std::string, seen, std::less<>> now;
  for (const level_signal& l : s.levels)
    now.emplace(l.id, seen{is_near(l), is_dangerous(l), l.signal, l.break_direction});
  const auto before = [&](const level_signal& l) {
    const auto known = levels_.find(l.id);
    return known == levels_.end() ? seen{} : known->second;
  };
  const auto about = [&](alert_kind kind, const level_signal& l, std::string text, int variant = 0) {
    tell({s.as_of, kind, l.id, l.price, s.spot, std::move(text)}, variant, out);
  };
  for (const level_signal& l : s.levels) {
    if (begun_ && is_near(l) && !before(l).near)
      about(alert_kind::level_approach, l, approach_text(symbol_, l), l.break_direction);
  }
  look_at_market(s, market, zero_gamma, out);
  for (const level_signal& l : s.levels) {
    if (is_dangerous(l) && !before(l).dangerous) {
      about(alert_kind::dangerous_setup, l, "Liquidity leaves " + named(l) + " while dealers chase moves.");
    }
  }
  for (const level_signal& l : s.levels) {
    const seen was = before(l);
    if (l.signal == signal::neutral || (l.signal == was.signal && l.break_direction == was.direction)) continue;
    about(alert_kind::signal, l, signal_text(l), l.break_direction * static_cast<int>(l.signal));
  }
  levels_ = std::move(now);
  begun_ = true;
}

}  // namespace isobar::gamma_fuel
