#pragma once
#include "core/symbol.hpp"
#include "service/service_metrics.hpp"
#include "telemetry/metrics.hpp"
#include "ws-hydrator/domain/hydrator.hpp"
#include "ws-hydrator/sources/quote_source.hpp"

namespace isobar::ws_hydrator {

/// Series of one symbol. The counts live in the domain and the source; copy() raises the series to them.
class hydrator_metrics {
 public:
  hydrator_metrics(telemetry::registry& registry, const symbol& s);

  service::service_metrics common;
  telemetry::histogram switch_pause_seconds;
  telemetry::gauge not_subscribed;

  void copy(const hydrator_counts& counts, const source_status& source, std::uint64_t dropped);
  void depths(std::size_t feed, std::size_t events, std::size_t chains);
  /// A restarted worker counts from zero: its series go on from here.
  void restart();

 private:
  struct totals {
    std::uint64_t events = 0, applied = 0, superseded = 0, unknown = 0, late = 0, crossed = 0, windows = 0, rows = 0,
                  prints = 0, prints_dropped = 0, dropped = 0, chains_dropped = 0, chain_unknown = 0, chain_refused = 0;
    std::array<std::uint64_t, refusal_count> refused{};
  };
  totals base_, last_;
  telemetry::counter events_, applied_, superseded_, unknown_, late_, crossed_, windows_, rows_, prints_,
      prints_dropped_, chain_unknown_, reconnects_, frames_, recorded_, dropped_events_, dropped_chains_, dropped_feed_;
  telemetry::gauge subscribed_, feed_depth_, events_depth_, chains_depth_;
};

}  // namespace isobar::ws_hydrator
