#pragma once
#include <map>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/error.hpp"
#include "core/types.hpp"
#include "epoch-manager/domain/epoch_machine.hpp"

namespace isobar::epoch_manager {

using width_table = std::map<std::string, std::vector<strike_width>>;  ///< by symbol; "*": every other

struct settings {
  std::string widths =
      "SPX=20,25,30,35,40,45,50;NDX=50,60,70,80,100,120,130;ES=5,10,15,20,25,30,50;*=5,10,15,20,25,30,50";
  std::vector<std::string> participants{"ws-hydrator", "heatmap-builder"};
  std::int64_t ack_limit_ms = 2'000;
  std::int64_t replay_ack_limit_ms = 30'000;
  std::int64_t dormancy_ms = 60'000;
  std::int64_t window_ms = 200;

  void declare(config::schema& s);
};

/// "SPX=20,25;NDX=50,100": points, ascending after parsing. The failure's text names the bad entry.
result<width_table, config::errc> parse_widths(std::string_view text);

/// What one symbol's machine needs, or why it cannot have it.
result<machine_config, config::errc> machine_config_of(const settings& s, const symbol& name);

}  // namespace isobar::epoch_manager
