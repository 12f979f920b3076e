#include "isobar/radar_picture.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/date.hpp"
#include "core/decimal.hpp"
#include "core/numeric.hpp"
#include "core/types.hpp"

namespace isobar::cli {
namespace {

using column = radar::v1::RadarColumn;

/// What one cell shows, already emphasised.
struct shade {
  double resistance = 0, cavitation = 0;  ///< 0 to 1
  int level = 0;
  bool present = false, spot = false;
};

/// `row` counts buckets upwards from the newest column's centre.
shade shade_at(const column& c, std::int64_t bucket_rel, const picture_options& o) {
  const std::int64_t i = bucket_rel - c.first_bucket_rel();
  const auto& levels = o.stateful ? c.solidity_level() : c.blocked_level();
  if (i < 0 || i >= levels.size()) return {};
  const int at = static_cast<int>(i);
  const double emphasis = bucket_rel > 0 ? c.emphasis_above() : bucket_rel < 0 ? c.emphasis_below() : 1;
  const int level = static_cast<int>(levels.Get(at));
  const double hollow = at < c.cavitation_size() ? c.cavitation(at) : 0;
  return {level / 5.0 * emphasis, hollow * emphasis, level, true, bucket_rel == 0};
}

std::string paint(const shade& s) {
  if (!s.present) return " ";
  const auto channel = [](double x) { return static_cast<int>(std::lround(255 * std::clamp(x, 0.0, 1.0))); };
  char text[80];
  std::snprintf(text, sizeof text, "\x1b[48;2;%d;%d;%dm\x1b[38;2;255;255;255m%s\x1b[0m", channel(s.resistance),
                channel(0.35 * s.resistance + 0.45 * s.cavitation), channel(s.cavitation), s.spot ? "o" : " ");
  return text;
}

std::string letter(const shade& s) {
  if (!s.present) return " ";
  if (s.spot) return "o";
  if (s.level == 0) return s.cavitation >= 0.5 ? "~" : ".";
  return std::string(1, static_cast<char>('0' + s.level));
}

std::string points(std::int64_t nanos) { return format_nanos(nanos, 2); }

std::string gate_text(const column& c) {
  const char* source = c.gate_source() == radar::v1::GATE_SOURCE_MODEL         ? "model"
                       : c.gate_source() == radar::v1::GATE_SOURCE_STALE_MODEL ? "stale model"
                                                                               : "placeholder";
  char text[96];
  std::snprintf(text, sizeof text, "gate up %.2f down %.2f (%s)", c.gate_up(), c.gate_down(), source);
  return text;
}

std::string footer(const column& c) {
  const auto& w = c.window();
  std::string text = w.symbol() + "  " + to_iso(timestamp{w.window_end_ns()}) + "  revision " +
                     std::to_string(w.revision()) + "  " + validity_of(w) + "\n";
  if (w.has_best_bid_nanos() && w.has_best_ask_nanos()) {
    text += "bid " + points(w.best_bid_nanos()) + " x " + std::to_string(w.best_bid_lots()) + "  ask " +
            points(w.best_ask_nanos()) + " x " + std::to_string(w.best_ask_lots()) + "  ";
  }
  text += gate_text(c) + "  GEX " + (c.has_gex_as_of_ns() ? c.gex_stale() ? "stale" : "present" : "none") +
          "  calibration " + w.calibration() + "\n";
  return text;
}

}  // namespace

std::string validity_of(const radar::v1::Window& w) {
  if (w.valid()) return "valid";
  std::string why;
  const auto say = [&](bool holds, const char* word) {
    if (holds) why += (why.empty() ? "" : ", ") + std::string(word);
  };
  say(w.trust() == radar::v1::BOOK_TRUST_PARTIAL, "partial book");
  say(w.trust() == radar::v1::BOOK_TRUST_SNAPSHOT, "in snapshot");
  say(w.crossed(), "crossed in feed");
  say(w.rebuilt(), "rebuilt");
  say(w.gap(), "gap");
  say(!w.has_anchor_nanos(), "no mid yet");
  say(w.anchor_held(), "anchor held");
  return "not valid: " + (why.empty() ? "one side of the book is empty" : why);
}

std::string radar_picture(const radar::v1::GetRadarResponse& answer, const picture_options& o) {
  if (answer.columns().empty()) return "no columns\n";
  const column& newest = answer.columns(answer.columns_size() - 1);
  if (newest.blocked_level().empty()) return footer(newest);
  const std::int64_t centre = newest.spot_bucket();
  const std::int64_t first = newest.first_bucket_rel();
  const std::int64_t step = static_cast<std::int64_t>(newest.bucket_ticks()) * newest.window().tick_nanos();
  std::string text;
  for (std::int64_t row = first + newest.blocked_level_size() - 1; row >= first; --row) {
    char label[32];
    std::snprintf(label, sizeof label, "%12s ", points((centre + row) * step).c_str());
    text += label;
    for (const column& c : answer.columns()) {
      const shade s = shade_at(c, o.relative ? row : centre + row - c.spot_bucket(), o);
      text += o.colour ? paint(s) : letter(s);
    }
    const shade last = shade_at(newest, row, o);
    std::snprintf(label, sizeof label, " %d%s\n", last.level, row == 0 ? " <" : "");
    text += label;
  }
  return text + footer(newest);
}

}  // namespace isobar::cli
