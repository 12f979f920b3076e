#include "ws-hydrator/metrics.hpp"

namespace isobar::ws_hydrator {

namespace {

constexpr std::string_view prefix = "isobar_ws_hydrator_";

telemetry::counter counter(telemetry::registry& r, std::string_view name, telemetry::labels l) {
  return r.get_counter(std::string(prefix).append(name), l);
}
telemetry::gauge gauge(telemetry::registry& r, std::string_view name, telemetry::labels l) {
  return r.get_gauge(std::string(prefix).append(name), l);
}
telemetry::labels queue(const symbol& s, const char* name) { return {{"symbol", s.str()}, {"queue", name}}; }

}  // namespace

hydrator_metrics::hydrator_metrics(telemetry::registry& r, const symbol& s)
    : common(r, "ws-hydrator", s),
      switch_pause_seconds(r.get_histogram("isobar_ws_hydrator_switch_pause_seconds", {{"symbol", s.str()}})),
      not_subscribed(gauge(r, "not_subscribed_contracts", {{"symbol", s.str()}})),
      events_(counter(r, "events_total", {{"symbol", s.str()}})),
      applied_(counter(r, "applied_total", {{"symbol", s.str()}})),
      superseded_(counter(r, "superseded_total", {{"symbol", s.str()}})),
      unknown_(counter(r, "unknown_contracts_total", {{"symbol", s.str()}})),
      late_(counter(r, "late_events_total", {{"symbol", s.str()}})),
      crossed_(counter(r, "crossed_quotes_total", {{"symbol", s.str()}})),
      windows_(counter(r, "windows_total", {{"symbol", s.str()}})),
      rows_(counter(r, "rows_total", {{"symbol", s.str()}})),
      prints_(counter(r, "prints_total", {{"symbol", s.str()}})),
      prints_dropped_(counter(r, "prints_dropped_total", {{"symbol", s.str()}})),
      chain_unknown_(counter(r, "chain_contracts_unknown_total", {{"symbol", s.str()}})),
      reconnects_(counter(r, "feed_reconnects_total", {{"symbol", s.str()}})),
      frames_(counter(r, "feed_frames_total", {{"symbol", s.str()}})),
      recorded_(counter(r, "recorded_bytes_total", {{"symbol", s.str()}})),
      dropped_events_(counter(r, "queue_dropped_total", queue(s, "events"))),
      dropped_chains_(counter(r, "queue_dropped_total", queue(s, "chains"))),
      dropped_feed_(counter(r, "queue_dropped_total", queue(s, "feed"))),
      subscribed_(gauge(r, "subscribed_contracts", {{"symbol", s.str()}})),
      feed_depth_(gauge(r, "queue_depth", queue(s, "feed"))),
      events_depth_(gauge(r, "queue_depth", queue(s, "events"))),
      chains_depth_(gauge(r, "queue_depth", queue(s, "chains"))) {}

void hydrator_metrics::copy(const hydrator_counts& c, const source_status& source, std::uint64_t dropped) {
  last_ = {c.events,
           c.applied,
           c.superseded,
           c.unknown,
           c.late,
           c.crossed,
           c.windows,
           c.rows,
           c.prints,
           c.prints_dropped,
           c.dropped,
           c.chains_dropped,
           c.chain_contracts_unknown,
           c.chain_contracts_refused,
           c.refused};
  const auto raise = [&](telemetry::counter& to, std::uint64_t totals::* member) {
    service::raise_to(to, base_.*member + last_.*member);
  };
  raise(events_, &totals::events);
  raise(applied_, &totals::applied);
  raise(superseded_, &totals::superseded);
  raise(unknown_, &totals::unknown);
  raise(late_, &totals::late);
  raise(crossed_, &totals::crossed);
  raise(windows_, &totals::windows);
  raise(rows_, &totals::rows);
  raise(prints_, &totals::prints);
  raise(prints_dropped_, &totals::prints_dropped);
  raise(chain_unknown_, &totals::chain_unknown);
  raise(dropped_events_, &totals::dropped);
  raise(dropped_chains_, &totals::chains_dropped);
  for (std::size_t r = 1; r < refusal_count; ++r)
    if (const std::uint64_t n = base_.refused[r] + last_.refused[r]; n != 0)
      service::raise_to(common.rejected(to_string(static_cast<refusal>(r))), n);
  if (const std::uint64_t n = base_.chain_refused + last_.chain_refused; n != 0)
    service::raise_to(common.rejected("chain_contract"), n);
  if (source.bad_frames != 0) service::raise_to(common.rejected("feed_frame"), source.bad_frames);
  if (source.bad_events != 0) service::raise_to(common.rejected("feed_event"), source.bad_events);
  service::raise_to(reconnects_, source.reconnects);
  service::raise_to(frames_, source.frames);
  service::raise_to(recorded_, source.recorded_bytes);
  service::raise_to(dropped_feed_, dropped);
  subscribed_.set(source.subscribed);
}

void hydrator_metrics::depths(std::size_t feed, std::size_t events, std::size_t chains) {
  feed_depth_.set(static_cast<double>(feed));
  events_depth_.set(static_cast<double>(events));
  chains_depth_.set(static_cast<double>(chains));
}

void hydrator_metrics::restart() {
  const auto add = [&](std::uint64_t totals::* member) { base_.*member += last_.*member; };
  for (const auto member : {&totals::events, &totals::applied, &totals::superseded, &totals::unknown, &totals::late,
                            &totals::crossed, &totals::windows, &totals::rows, &totals::prints, &totals::prints_dropped,
                            &totals::dropped, &totals::chains_dropped, &totals::chain_unknown, &totals::chain_refused})
    add(member);
  for (std::size_t r = 0; r < refusal_count; ++r) base_.refused[r] += last_.refused[r];
  last_ = {};
}

}  // namespace isobar::ws_hydrator
