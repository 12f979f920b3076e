#include "epoch-manager/config.hpp"

#include <algorithm>

#include "core/decimal.hpp"
#include "wire/frame.hpp"

namespace isobar::epoch_manager {
namespace {

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find(by, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

auto refuse(std::string_view entry, std::string_view why) {
  return fail(config::errc::usage, "epoch-manager.widths: \"" + std::string(entry) + "\": " + std::string(why));
}

result<std::vector<strike_width>, config::errc> parse_list(std::string_view entry, std::string_view list) {
  std::vector<strike_width> widths;
  for (const auto word : split(list, ',')) {
    const auto nanos = parse_nanos(word);
    if (!nanos || *nanos <= 0) return refuse(entry, "widths are points above 0");
    widths.emplace_back(*nanos);
  }
  std::sort(widths.begin(), widths.end());
  if (std::adjacent_find(widths.begin(), widths.end()) != widths.end()) return refuse(entry, "a width stands twice");
  if (widths.size() > wire::max_widths) return refuse(entry, "too many widths");
  return widths;
}

}  // namespace

void settings::declare(config::schema& s) {
  s.option("epoch-manager.widths", widths,
           "widths of each symbol's tiles in points: SYMBOL=w,w,...;... with * for every other");
  s.option("epoch-manager.participants", participants, "services that acknowledge an epoch before it begins");
  s.option("epoch-manager.ack-limit-ms", ack_limit_ms, "wait for acknowledgements in live mode, ms", 1, 600'000);
  s.option("epoch-manager.replay-ack-limit-ms", replay_ack_limit_ms, "wait for acknowledgements in replay, ms", 1,
           3'600'000);
  s.option("epoch-manager.dormancy-ms", dormancy_ms, "dormant after this long without chain or quotes, ms", 1'000,
           86'400'000);
  s.option("ws-hydrator.window-ms", window_ms, "width of a window, ms of event time", 50, 1'000);
}

result<width_table, config::errc> parse_widths(std::string_view text) {
  width_table table;
  for (const auto entry : split(text, ';')) {
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0) return refuse(entry, "expected SYMBOL=w,w,...");
    auto list = parse_list(entry, entry.substr(equals + 1));
    if (!list) return std::unexpected(list.error());
    if (!table.emplace(entry.substr(0, equals), std::move(*list)).second) return refuse(entry, "symbol stands twice");
  }
  return table;
}

result<machine_config, config::errc> machine_config_of(const settings& s, const symbol& name) {
  const auto table = parse_widths(s.widths);
  if (!table) return std::unexpected(table.error());
  auto row = table->find(name.str());
  if (row == table->end()) row = table->find("*");
  if (row == table->end())
    return fail(config::errc::usage, "epoch-manager.widths has neither " + name.str() + " nor *");
  for (const auto& participant : s.participants)
    if (!wire::valid_text(participant))
      return fail(config::errc::usage, "epoch-manager.participants: \"" + participant + "\"");
  return machine_config{.symbol = name,
                        .widths = row->second,
                        .window_width = milliseconds(s.window_ms),
                        .participants = s.participants,
                        .dormancy_limit = milliseconds(s.dormancy_ms)};
}

}  // namespace isobar::epoch_manager
