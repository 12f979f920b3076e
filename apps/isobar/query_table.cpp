#include "isobar/query_table.hpp"

#include <cstdio>
#include <map>
#include <set>
#include <tuple>

#include "core/date.hpp"
#include "core/decimal.hpp"

namespace isobar::cli {
namespace {

/// The enum's word without its prefix, in lower case: STRATEGY_BUTTERFLY -> "butterfly".
std::string word(const std::string& name, std::string_view prefix) {
  std::string text = name.substr(prefix.size());
  for (char& c : text) c = static_cast<char>(c == '_' ? ' ' : std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string expiry_text(const common::v1::ExpiryKey& key) {
  return key.root() + "-" + std::to_string(key.expiry_yyyymmdd());
}

std::string fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string padded(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}

std::string cell_text(const heatmap::v1::Tile& tile, cell show) {
  if (!tile.valid()) return "-";
  switch (show) {
    case cell::debit:
      return format_nanos(tile.mid_debit_nanos(), 2);
    case cell::reward_to_risk:
      return tile.has_reward_to_risk() ? fixed(tile.reward_to_risk(), 1) : "-";
    case cell::change:
      return tile.has_adjacent_change_percent() ? fixed(tile.adjacent_change_percent(), 0) : "-";
    case cell::theoretical:
      return tile.has_theoretical_debit() ? fixed(tile.theoretical_debit(), 2) : "-";
  }
  return "-";
}

std::string line(std::string_view name, const std::string& value) {
  std::string text(name);
  text.resize(24, ' ');
  return text + value + "\n";
}

}  // namespace

std::string describe(const heatmap::v1::SurfaceInfo& info) {
  return info.symbol() + " epoch " + std::to_string(info.epoch_id()) + " revision " + std::to_string(info.revision()) +
         " as of " + to_iso(timestamp{info.as_of_ns()}) + " spot " + format_nanos(info.spot_nanos(), 2) + " quality " +
         word(common::v1::Quality_Name(info.quality()), "QUALITY_") + ", " + std::to_string(info.valid_tiles()) +
         " of " + std::to_string(info.listed_tiles()) + " tiles valid\n";
}

std::string surface_table(const std::vector<heatmap::v1::Tile>& tiles, cell show) {
  using key = std::tuple<std::int32_t, std::string, int, int>;
  using row = std::map<std::int64_t, const heatmap::v1::Tile*>;
  std::map<key, std::map<std::int64_t, row, std::greater<>>> tables;
  std::map<key, std::set<std::int64_t>> widths;
  for (const auto& tile : tiles) {
    const key k{tile.expiry().expiry_yyyymmdd(), tile.expiry().root(), tile.strategy(), tile.right()};
    tables[k][tile.strike_nanos()][tile.width_nanos()] = &tile;
    widths[k].insert(tile.width_nanos());
  }
  std::string text;
  for (const auto& [k, rows] : tables) {
    const auto& sample = *rows.begin()->second.begin()->second;
    text += expiry_text(sample.expiry()) + " (" + std::to_string(sample.dte()) + " DTE) " +
            word(heatmap::v1::Right_Name(sample.right()), "RIGHT_") + " " +
            word(heatmap::v1::Strategy_Name(sample.strategy()), "STRATEGY_") + "\n" + padded("strike", 10);
    for (const std::int64_t width : widths[k]) text += padded(width == 0 ? "mid" : format_nanos(width), 9);
    text += "\n";
    for (const auto& [strike, cells] : rows) {
      text += padded(format_nanos(strike), 10);
      for (const std::int64_t width : widths[k]) {
        const auto at = cells.find(width);
        text += padded(at == cells.end() ? "" : cell_text(*at->second, show), 9);
      }
      text += "\n";
    }
    text += "\n";
  }
  return text;
}

std::string tile_table(const heatmap::v1::Tile& tile) {
  std::string text =
      line("tile", expiry_text(tile.expiry()) + " " + word(heatmap::v1::Right_Name(tile.right()), "RIGHT_") + " " +
                       word(heatmap::v1::Strategy_Name(tile.strategy()), "STRATEGY_") + " " +
                       format_nanos(tile.strike_nanos()) + " x " + format_nanos(tile.width_nanos()));
  text += line("days to expiry", std::to_string(tile.dte()));
  std::string reasons;
  for (const int reason : tile.invalid_reasons()) {
    reasons +=
        (reasons.empty() ? ": " : ", ") +
        word(heatmap::v1::InvalidReason_Name(static_cast<heatmap::v1::InvalidReason>(reason)), "INVALID_REASON_");
  }
  text += line("valid", tile.valid() ? "yes" : "no" + reasons);
  if (!tile.valid()) return text;
  text += line("mid debit", format_nanos(tile.mid_debit_nanos()));
  text += line("natural debit", format_nanos(tile.natural_debit_nanos()));
  text += line("natural credit", format_nanos(tile.natural_credit_nanos()));
  text += line("max profit", tile.has_max_profit_nanos() ? format_nanos(tile.max_profit_nanos()) : "unbounded");
  text += line("max loss", format_nanos(tile.max_loss_nanos()));
  std::string break_evens;
  for (const std::int64_t at : tile.break_even_nanos())
    break_evens += (break_evens.empty() ? "" : ", ") + format_nanos(at);
  text += line("break-even", break_evens);
  if (tile.has_reward_to_risk()) text += line("reward to risk", fixed(tile.reward_to_risk(), 2));
  if (tile.has_debit_percent_of_width()) text += line("debit % of width", fixed(tile.debit_percent_of_width(), 1));
  if (tile.has_adjacent_change_percent()) text += line("adjacent change %", fixed(tile.adjacent_change_percent(), 1));
  if (tile.has_convexity_score()) text += line("convexity score", fixed(tile.convexity_score(), 3));
  if (tile.has_theoretical_debit()) text += line("theoretical debit", fixed(tile.theoretical_debit(), 4));
  return text;
}

std::string leg_table(const heatmap::v1::ExplainTileResponse& explained) {
  std::string text = line("formula", explained.formula());
  for (const auto& leg : explained.legs()) {
    const std::string ratio = (leg.ratio() > 0 ? "+" : "") + std::to_string(leg.ratio());
    text += line(
        "leg " + ratio,
        leg.ticker() + (leg.listed() ? "" : " (not listed)") + "  bid " +
            (leg.has_bid_nanos() ? format_nanos(leg.bid_nanos()) : "none") + "  ask " +
            (leg.has_ask_nanos() ? format_nanos(leg.ask_nanos()) : "none") + "  age " +
            (leg.has_quote_age_ns() ? fixed(static_cast<double>(leg.quote_age_ns()) / 1e9, 3) + " s" : "never quoted"));
  }
  for (const auto& note : explained.notes()) text += line("note", note);
  return text;
}

std::string epoch_table(const std::vector<epoch::v1::Epoch>& epochs) {
  std::string text = "     epoch  state      effective from                  geometry hash     began because\n";
  for (const auto& one : epochs) {
    std::string reasons;
    for (const int reason : one.reasons()) {
      reasons += (reasons.empty() ? "" : ", ") +
                 word(epoch::v1::EpochReason_Name(static_cast<epoch::v1::EpochReason>(reason)), "EPOCH_REASON_");
    }
    char row[256];
    std::snprintf(row, sizeof row, "%10llu  %-9s  %s  %016llx  %s\n", static_cast<unsigned long long>(one.epoch_id()),
                  word(epoch::v1::EpochState_Name(one.state()), "EPOCH_STATE_").c_str(),
                  to_iso(timestamp{one.effective_from_ns()}).c_str(),
                  static_cast<unsigned long long>(one.geometry_hash()), reasons.c_str());
    text += row;
  }
  return text;
}

}  // namespace isobar::cli
