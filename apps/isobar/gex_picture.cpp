#include "isobar/gex_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "core/date.hpp"
#include "core/decimal.hpp"
#include "core/types.hpp"

namespace isobar::cli {
namespace {

namespace gv = gex::v1;
namespace lv = level::v1;

std::string lower_word(std::string text, std::size_t prefix) {
  text = text.substr(std::min(prefix, text.size()));
  std::ranges::transform(text, text.begin(), [](char c) {
    return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? char(c + 32) : c;
  });
  return text;
}
std::string word_of(gv::Regime r) { return lower_word(gv::Regime_Name(r), 7); }

/// 1,234 or 1.23M: exposures span many sizes.
std::string short_number(double v) {
  const double a = std::abs(v);
  if (a >= 1e9) return fmt::format("{:.2f}G", v / 1e9);
  if (a >= 1e6) return fmt::format("{:.2f}M", v / 1e6);
  if (a >= 1e4) return fmt::format("{:.1f}k", v / 1e3);
  return fmt::format("{:.1f}", v);
}

std::string price_or_dash(bool there, std::int64_t nanos) { return there ? format_nanos(nanos, 2) : "-"; }

const gv::ModelProfile* find(const gv::GexProfile& p, gv::SignModel model) {
  for (const auto& m : p.models())
    if (m.model() == model) return &m;
  return p.models_size() > 0 ? &p.models(0) : nullptr;
}

/// What stands at the strike nearest to each marked price.
std::map<int, std::string> marks_of(const gv::GexProfile& p, const gv::ModelProfile* m) {
  std::map<int, std::string> marks;
  const auto mark = [&](bool there, std::int64_t nanos, const char* what) {
    if (!there || p.strike_nanos_size() == 0) return;
    const auto& k = p.strike_nanos();
    if (nanos < k.Get(0) - p.strike_step_nanos() || nanos > k.Get(k.size() - 1) + p.strike_step_nanos()) return;
    int best = 0;
    for (int i = 1; i < k.size(); ++i)
      if (std::abs(k.Get(i) - nanos) < std::abs(k.Get(best) - nanos)) best = i;
    auto& text = marks[best];
    text += std::string(text.empty() ? "" : ", ") + what;
  };
  mark(true, p.price_nanos(), "<- price");
  if (m == nullptr) return marks;
  const auto& w = m->walls();
  mark(w.has_call_wall_nanos(), w.call_wall_nanos(), "call wall");
  mark(w.has_put_wall_nanos(), w.put_wall_nanos(), "put wall");
  mark(w.has_absolute_max_nanos(), w.absolute_max_nanos(), "largest");
  mark(w.has_zero_gamma_nanos(), w.zero_gamma_nanos(), "zero gamma");
  return marks;
}

std::string bar(double v, double most, int width, char c) {
  const int n = most > 0 ? static_cast<int>(std::lround(v / most * width)) : 0;
  return std::string(static_cast<std::size_t>(std::clamp(n, 0, width)), c);
}

std::string painted(const std::string& text, const char* code, bool colour) {
  return colour && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

std::string strikes_of(const gv::GexProfile& p, const gv::ModelProfile* m, const landscape_options& o) {
  double most = 0;
  for (const double v : p.call_gex()) most = std::max(most, v);
  for (const double v : p.put_gex()) most = std::max(most, v);
  const auto marks = marks_of(p, m);
  std::string out = fmt::format("{:>{}}  {:>10}  {:<{}} {:>10}\n", "puts", o.width, "strike", "calls", o.width, "net");
  for (int i = p.strike_nanos_size(); i-- > 0;) {
    const std::string puts = bar(p.put_gex(i), most, o.width, '#'), calls = bar(p.call_gex(i), most, o.width, '#');
    const std::string left(static_cast<std::size_t>(o.width) - puts.size(), ' '),
        right(static_cast<std::size_t>(o.width) - calls.size(), ' ');
    const bool has_net = m != nullptr && i < m->strikes().gex_size();
    const auto at = marks.find(i);
    out += left;
    out += painted(puts, "31", o.colour);
    out += fmt::format("  {:>10}  ", format_nanos(p.strike_nanos(i), 2));
    out += painted(calls, "32", o.colour);
    out += right;
    out += fmt::format(" {:>10}{}{}\n", has_net ? short_number(m->strikes().gex(i)) : "-",
                       at == marks.end() ? "" : "  ", at == marks.end() ? "" : at->second);
  }
  return out;
}

std::string models_of(const gv::GexProfile& p) {
  std::string out = fmt::format("\n{:<16} {:>10} {:>10} {:>10} {:>10} {:>10} {:>10} {:>10}  {:<8} {:>6} {:>5} {}\n",
                                "sign model", "deltas/pt", "contracts", "$ per 1%", "zero gamma", "call wall",
                                "put wall", "flip", "regime", "bias", "LFI", "mode");
  const double price = static_cast<double>(p.units().price_nanos()) / 1e9;
  const double multiplier = static_cast<double>(std::max<std::int64_t>(1, p.units().contract_multiplier()));
  for (const auto& m : p.models()) {
    const auto& w = m.walls();
    out += fmt::format("{:<16} {:>10} {:>10} {:>10} {:>10} {:>10} {:>10} {:>10}  {:<8} {:>6.1f} {:>5.1f} {}\n",
                       cli::word_of(m.model()), short_number(m.total_gex()), short_number(m.total_gex() / multiplier),
                       short_number(m.total_gex() * price * price * 0.01),
                       price_or_dash(w.has_zero_gamma_nanos(), w.zero_gamma_nanos()),
                       price_or_dash(w.has_call_wall_nanos(), w.call_wall_nanos()),
                       price_or_dash(w.has_put_wall_nanos(), w.put_wall_nanos()),
                       price_or_dash(w.has_strike_flip_nanos(), w.strike_flip_nanos()), word_of(m.readings().regime()),
                       m.readings().bias(), m.readings().liquidity_flow_index(), m.readings().market_mode_name());
  }
  return out;
}

/// The first expiries: under one model, and how far the models differ.
std::string expiries_of(const gv::GexProfile& p, gv::SignModel model) {
  constexpr int shown_max = 6;
  if (p.expiries_size() == 0) return "0 expiries\n";
  std::string out = fmt::format("{:<16} {:>9} {:>10} {:>10} {:>10} {:>10}  ({})\n", "expiry", "contracts", "deltas/pt",
                                "vanna", "charm/day", "spread", cli::word_of(model));
  for (int i = 0; i < std::min(shown_max, p.expiries_size()); ++i) {
    const auto& e = p.expiries(i);
    const auto m = std::ranges::find(e.models(), model, &gv::ModelProfile::model);
    const bool known = m != e.models().end();
    out += fmt::format("{:<16} {:>9} {:>10} {:>10} {:>10} {:>10}\n",
                       fmt::format("{}-{}", e.key().root(), e.key().expiry_yyyymmdd()), e.contracts(),
                       known ? short_number(m->total_gex()) : "-", known ? short_number(m->total_vanna()) : "-",
                       known ? short_number(m->total_charm()) : "-", known ? short_number(e.model_spread()) : "-");
  }
  if (p.expiries_size() > shown_max) out += fmt::format("and {} expiries more\n", p.expiries_size() - shown_max);
  return out;
}

std::string words_of(const gv::DealerGravity& g) {
  if (!g.has_best_nanos()) return "none";
  return fmt::format("{} within {} to {}, {}", format_nanos(g.best_nanos(), 2),
                     price_or_dash(g.has_low_nanos(), g.low_nanos()), price_or_dash(g.has_high_nanos(), g.high_nanos()),
                     g.has_confidence() ? fmt::format("confidence {:.2f}", g.confidence()) : "volume not known");
}

std::string gravity_of(const gv::GexProfile& p) {
  std::string out;
  if (p.has_gravity()) out += "gravity: " + words_of(p.gravity());
  if (p.has_minute_gravity()) out += "; last minute: " + words_of(p.minute_gravity());
  if (!out.empty()) out += "\n";
  if (!p.has_volume()) return out;
  const auto& v = p.volume();
  const auto place = [](bool there, std::int64_t nanos, double away) {
    return there ? fmt::format("{} ({:+.2f} %)", format_nanos(nanos, 2), away * 100) : std::string("-");
  };
  return out + fmt::format("volume: {} lots, most at {}, nearest node {}, nearest well {}{}\n", v.lots(),
                           format_nanos(v.point_of_control_nanos(), 2),
                           place(v.has_node_nanos(), v.node_nanos(), v.node_distance()),
                           place(v.has_well_nanos(), v.well_nanos(), v.well_distance()),
                           v.in_crevasse() ? ", in a crevasse" : "");
}

const std::string signal_heading =
    fmt::format("{:<16} {:>10} {:>8} {:<7} {:<9} {:>6} {:<6} {:<10} {:>8} {:>8} {:<8} {}\n", "level", "price", "away",
                "breaks", "signal", "score", "sure", "barrier", "tape", "pts/s", "fuel", "note");

std::string words_of(const lv::LevelSignal& l) {
  return fmt::format("{:<16} {:>10} {:>8} {:<7} {:<9} {:>6.1f} {:<6} {:<10} {:>8.3f} {:>8.2f} {:<8} {}\n", l.id(),
                     format_nanos(l.price_nanos(), 2), format_nanos(l.distance_signed_nanos(), 2),
                     l.break_direction() > 0 ? "up" : "down", lower_word(lv::Signal_Name(l.signal()), 7),
                     l.break_score(), lower_word(lv::Confidence_Name(l.confidence()), 11),
                     lower_word(radar::v1::BarrierState_Name(l.state().state()), 14), l.state().imbalance(),
                     l.state().price_velocity(), word_of(l.fuel().effect()), l.note());
}

}  // namespace

gv::SignModel sign_model_of(const std::string& word) {
  for (int i = gv::SignModel_MIN; i <= gv::SignModel_MAX; ++i)
    if (gv::SignModel_IsValid(i) && i != 0 && word_of(static_cast<gv::SignModel>(i)) == word)
      return static_cast<gv::SignModel>(i);
  return gv::SIGN_MODEL_UNSPECIFIED;
}
std::string word_of(gv::SignModel model) { return lower_word(gv::SignModel_Name(model), 11); }

std::string gex_picture(const gv::GexProfile& p, const landscape_options& o) {
  const gv::ModelProfile* m = find(p, o.model);
  std::string out = fmt::format(
      "{}  {}  price {}  options of {} at {}  basis {}{}  quality {}\nnet: {}; {}\n\n", p.symbol(),
      to_iso(timestamp{p.window_end_ns()}), price_or_dash(p.price_nanos() != 0, p.price_nanos()), p.option_symbol(),
      price_or_dash(p.underlying_nanos() != 0, p.underlying_nanos()),
      p.has_basis_nanos() ? format_nanos(p.basis_nanos(), 2) : "not known",
      p.underlying_stale() ? "  UNDERLYING STALE" : "", lower_word(common::v1::Quality_Name(p.header().quality()), 8),
      m != nullptr ? cli::word_of(m->model()) : "-", p.assumptions());
  out += strikes_of(p, m, o) + models_of(p);
  out += fmt::format("\n{} contracts, {} priced", p.contracts(), p.contracts_priced());
  for (const auto& l : p.left_out()) out += fmt::format("; {} {}", l.contracts(), l.reason());
  out += "\n" + expiries_of(p, m != nullptr ? m->model() : o.model) + "pins:";
  for (const auto& pin : p.pins())
    out += fmt::format(" {} {:.1f} %", format_nanos(pin.strike_nanos(), 2), pin.probability());
  out += p.pins().empty() ? " none" : "";
  out += p.has_volume() || p.pins().empty() ? "\n" : " (no volume profile)\n";
  return out + gravity_of(p);
}

std::string signal_table(const lv::LevelSignals& s) {
  std::string out = fmt::format("{}  {}  spot {}{}", s.symbol(), to_iso(timestamp{s.as_of_ns()}),
                                price_or_dash(s.has_spot_nanos(), s.spot_nanos()),
                                s.has_gex_as_of_ns() ? "" : "  no gamma landscape");
  for (const auto& input : s.stale_inputs()) out += "  " + input + " stale";
  out += "\n" + signal_heading;
  for (const auto& l : s.levels()) out += words_of(l);
  return out;
}

std::string level_table(const lv::LevelSet& levels) {
  std::vector<const lv::Level*> rows;
  for (const auto& l : levels.levels()) rows.push_back(&l);
  std::ranges::sort(rows, [](const auto* a, const auto* b) {
    return a->price_nanos() != b->price_nanos() ? a->price_nanos() > b->price_nanos() : a->id() < b->id();
  });
  std::string out =
      fmt::format("{}  {} levels from {}\n", levels.symbol(), rows.size(), to_iso(timestamp{levels.effective_ns()}));
  for (const auto* l : rows)
    out += fmt::format("{:>12}  {:<20} {}\n", format_nanos(l->price_nanos(), 2), l->id(), l->kind());
  return out;
}

std::string explanation(const lv::ExplainResponse& a, int most) {
  std::string out = signal_heading + words_of(a.signal());
  for (const auto& t : a.terms())
    out +=
        fmt::format("  {:<8} {:>6.1f} x {:.2f} = {:>5.1f}  {}\n", t.name(), t.value(), t.weight(), t.points(), t.why());
  out += fmt::format("\n{}; {}\n{:<20} {:>10} {:>10} {:>8} {:>8} {:>10} {:>10} {:>10} {:>14}\n", word_of(a.model()),
                     a.assumptions(), "option", "strike", "as price", "OI", "IV", "gamma", "gex", "flow gamma",
                     "bought/sold/?");
  const int shown = std::min(most, a.strikes_size());
  for (int i = 0; i < shown; ++i) {
    const auto& k = a.strikes(i);
    out +=
        fmt::format("{:<20} {:>10} {:>10} {:>8} {:>8.4f} {:>10.3g} {:>10} {:>10} {:>14}\n",
                    fmt::format("{}-{} {}", k.expiry().root(), k.expiry().expiry_yyyymmdd(), k.call() ? "call" : "put"),
                    format_nanos(k.strike_nanos(), 2), format_nanos(k.price_nanos(), 2),
                    k.open_interest() < 0 ? "-" : std::to_string(k.open_interest()), k.implied_volatility(), k.gamma(),
                    short_number(k.gex()), short_number(k.flow_gamma()),
                    fmt::format("{}/{}/{}", k.bought_lots(), k.sold_lots(), k.unsigned_lots()));
  }
  const std::uint32_t more = static_cast<std::uint32_t>(a.strikes_size() - shown) + a.strikes_left_out();
  if (more > 0) out += fmt::format("and {} strikes more\n", more);
  return out;
}

std::string alert_line(const lv::Alert& a) {
  return fmt::format("{}  {:<16} {}\n", to_iso(timestamp{a.as_of_ns()}), a.kind(), a.text());
}

}  // namespace isobar::cli
