#include "gamma-fuel/metrics.hpp"

#include "gamma-fuel/domain/dealer_flow.hpp"
#include "gamma-fuel/domain/option_board.hpp"
#include "gamma-fuel/domain/signal_engine.hpp"
#include "gamma-fuel/transport/gamma_store.hpp"

namespace isobar::gamma_fuel {
namespace {

std::string name(const char* metric) { return std::string("isobar_gamma_fuel_") + metric; }

}  // namespace

gamma_metrics::gamma_metrics(telemetry::registry& r, const symbol& s) : service_metrics(r, "gamma-fuel", s) {
  const telemetry::labels with{{"symbol", s.str()}};
  const auto counter = [&](const char* metric) { return r.get_counter(name(metric), with); };
  const auto gauge = [&](const char* metric) { return r.get_gauge(name(metric), with); };
  window_seconds = r.get_histogram(name("window_seconds"), with);
  resync_requests = counter("resync_requests_total");
  restarts = counter("restarts_total");
  recording_failures = counter("recording_failures_total");
  recording_lost_frames = counter("recording_lost_frames_total");
  latest_failures = counter("latest_failures_total");
  user_level_failures = counter("user_level_failures_total");
  checkpoints = counter("checkpoints_total");
  checkpoint_failures = counter("checkpoint_failures_total");
  checkpoints_refused = counter("checkpoints_refused_total");
  checkpoint_seconds = r.get_histogram(name("checkpoint_seconds"), with);
  checkpoint_bytes = gauge("checkpoint_bytes");
  checkpoint_age_seconds = gauge("checkpoint_age_seconds");
  contracts = gauge("contracts");
  contracts_priced = gauge("contracts_priced");
  levels = gauge("levels");
  user_levels = gauge("user_levels");
  refill_requests = counter("refill_requests_total");
  frames_skipped = counter("frames_skipped_total");
  held_frames = gauge("held_frames");
  for (std::size_t i = 0; i < causes; ++i) {
    const telemetry::labels of{{"symbol", s.str()}, {"input", std::string(cause_name(i))}};
    input_qualities[i] = r.get_gauge(name("input_quality"), of);
    if (i >= inputs) continue;
    waiting_events[i] = r.get_gauge(name("waiting_events"), of);
    waiting_events_max[i] = r.get_gauge(name("waiting_events_max"), of);
  }
  contracts_known = gauge("contracts_known");
  fuel_slots = gauge("fuel_slots");
  held_frames_max_ = gauge("held_frames_max");
  kept_bytes_max_ = gauge("kept_bytes_max");
  waiting_ticks_max_ = gauge("waiting_ticks_max");
  contracts_max_ = gauge("contracts_max");
  levels_max_ = gauge("levels_max");
  user_levels_max_ = gauge("user_levels_max");
  fuel_slots_max_ = gauge("fuel_slots_max");
  queue_frames_max_ = gauge("queue_frames_max");
  waiting_ticks = gauge("waiting_ticks");
  underlying_stale = gauge("underlying_stale");
  history_bytes = gauge("history_bytes");
  history_bytes_max = gauge("history_bytes_max");
  option_events_ = counter("option_events_total");
  option_events_applied_ = counter("option_events_applied_total");
  option_events_refused_ = counter("option_events_refused_total");
  option_events_superseded_ = counter("option_events_superseded_total");
  option_trades_ = counter("option_trades_total");
  option_lots_ = counter("option_lots_total");
  unsigned_trades_ = counter("unsigned_trades_total");
  contracts_refused_ = counter("contracts_refused_total");
  underlying_quotes_ = counter("underlying_quotes_total");
  symbol_quotes_ = counter("symbol_quotes_total");
  symbol_trades_ = counter("symbol_trades_total");
  level_states_ = counter("level_states_total");
  underlying_superseded_ = counter("underlying_superseded_total");
  bad_prices_ = counter("bad_prices_total");
  windows_ = counter("windows_total");
  idle_windows_ = counter("idle_windows_total");
  closed_hours_windows_ = counter("closed_hours_windows_total");
  windows_without_options_ = counter("windows_without_options_total");
  windows_without_market_ = counter("windows_without_market_total");
  windows_stale_ = counter("windows_stale_total");
  ticks_ = counter("ticks_total");
  level_sets_ = counter("level_sets_total");
  alerts_ = counter("alerts_total");
  ticks_without_states_ = counter("ticks_without_states_total");
  level_states_dropped_ = counter("level_states_dropped_total");
  late_ = counter("late_events_total");
  backwards_ = counter("backwards_events_total");
  dropped_ = counter("dropped_events_total");
  user_levels_refused_ = counter("user_levels_refused_total");
  contracts_settled_ = counter("contracts_settled_total");
  fuel_trades_dropped_ = counter("fuel_trades_dropped_total");
  fuel_trades_without_gamma_ = counter("fuel_trades_without_gamma_total");
  prints_dropped_ = counter("prints_dropped_total");
  volume_lots_ = counter("volume_lots_total");
  volume_lots_dropped_ = counter("volume_lots_dropped_total");
  volume_without_spot_ = counter("volume_without_spot_total");
  wrong_root_ = rejected("wrong_root");
  unknown_contract_ = rejected("unknown_contract");
}

void gamma_metrics::set_bounds(const options& configured, const gamma_config& rules) {
  const merge_limits most = configured.queues();
  for (std::size_t i = 0; i < inputs; ++i) {
    const auto from = static_cast<input>(i);
    const bool market = from == input::quotes || from == input::trades;
    const std::size_t bound = from == input::levels ? most.level_states
                              : market              ? most.market_items
                                                    : most.option_items;
    waiting_events_max[i].set(static_cast<double>(bound));
  }
  held_frames_max_.set(static_cast<double>(configured.held_frames_max));
  kept_bytes_max_.set(2 * static_cast<double>(configured.kept_bytes_max));
  waiting_ticks_max_.set(static_cast<double>(signal_engine::waiting_max));
  contracts_max_.set(static_cast<double>(most.contracts));
  levels_max_.set(static_cast<double>(rules.levels.levels_max));
  user_levels_max_.set(static_cast<double>(rules.levels.user_levels_max));
  fuel_slots_max_.set(static_cast<double>(dealer_flow::slots_max));
  queue_frames_max_.set(static_cast<double>(configured.queue_frames_max));
}

void gamma_metrics::copy(const engine_counters& c) {
  using service::raise_to;
  raise_to(option_events_, c.option_events);
  raise_to(option_events_applied_, c.option_events_applied);
  raise_to(option_events_refused_, c.option_events_refused);
  raise_to(option_events_superseded_, c.option_events_superseded);
  raise_to(option_trades_, c.option_trades);
  raise_to(option_lots_, c.option_lots);
  raise_to(unsigned_trades_, c.unsigned_trades);
  raise_to(contracts_refused_, c.contracts_refused);
  raise_to(underlying_quotes_, c.underlying_quotes);
  raise_to(symbol_quotes_, c.symbol_quotes);
  raise_to(symbol_trades_, c.symbol_trades);
  raise_to(level_states_, c.level_states);
  raise_to(underlying_superseded_, c.underlying_superseded);
  raise_to(bad_prices_, c.bad_prices);
  raise_to(windows_, c.windows);
  raise_to(idle_windows_, c.idle_windows);
  raise_to(closed_hours_windows_, c.closed_hours_windows);
  raise_to(windows_without_options_, c.windows_without_options);
  raise_to(windows_without_market_, c.windows_without_market);
  raise_to(windows_stale_, c.windows_stale);
  raise_to(ticks_, c.ticks);
  raise_to(volume_lots_, c.volume_lots);
  raise_to(volume_lots_dropped_, c.volume_lots_dropped);
  raise_to(level_sets_, c.level_sets);
  raise_to(alerts_, c.alerts);
  raise_to(ticks_without_states_, c.ticks_without_states);
  raise_to(level_states_dropped_, c.level_states_dropped);
  raise_to(late_, c.late);
  raise_to(backwards_, c.backwards);
  raise_to(dropped_, c.dropped);
  raise_to(user_levels_refused_, c.user_levels_refused);
  raise_to(contracts_settled_, c.contracts_settled);
}

void gamma_metrics::copy(const option_input_counts& c) {
  service::raise_to(wrong_root_, c.wrong_root);
  service::raise_to(unknown_contract_, c.unknown_contract);
  service::raise_to(prints_dropped_, c.prints_dropped);
  service::raise_to(volume_without_spot_, c.volume_without_spot);
}

void gamma_metrics::copy(const gamma_engine& engine) {
  copy(engine.counters());
  contracts.set(static_cast<double>(engine.board().in_order().size()));
  contracts_priced.set(engine.last_profile().priced);
  levels.set(static_cast<double>(engine.levels().levels.size()));
  user_levels.set(static_cast<double>(engine.user_levels().size()));
  for (std::size_t i = 0; i < inputs; ++i)
    waiting_events[i].set(static_cast<double>(engine.waiting(static_cast<input>(i))));
  waiting_ticks.set(static_cast<double>(engine.waiting_ticks()));
  contracts_known.set(static_cast<double>(engine.contracts_known()));
  const dealer_flow& flow = engine.flow();
  fuel_slots.set(static_cast<double>(flow.slots()));
  service::raise_to(fuel_trades_dropped_, flow.trades_dropped());
  service::raise_to(fuel_trades_without_gamma_, flow.trades_without_gamma());
  const input_quality now = engine.qualities();
  for (std::size_t i = 0; i < causes; ++i) input_qualities[i].set(static_cast<double>(now.of(i)));
  underlying_stale.set(engine.last_profile().underlying_stale ? 1 : 0);
}

void gamma_metrics::copy(const gamma_store& store) {
  history_bytes.set(static_cast<double>(store.bytes()));
  history_bytes_max.set(static_cast<double>(store.bytes_max()));
}

stream_metrics::stream_metrics(telemetry::registry& r) {
  const auto fill = [&](service::grpc_stream_metrics& m, telemetry::counter& conflated, const char* method) {
    m.subscribers = r.get_gauge(name("stream_subscribers"), {{"method", method}});
    m.messages = r.get_counter(name("stream_messages_total"), {{"method", method}});
    conflated = r.get_counter(name("stream_conflated_total"), {{"method", method}});
    m.ended_stalled = r.get_counter(name("streams_ended_total"), {{"method", method}, {"reason", "stalled"}});
    m.ended_cancelled = r.get_counter(name("streams_ended_total"), {{"method", method}, {"reason", "cancelled"}});
    m.ended_drained = r.get_counter(name("streams_ended_total"), {{"method", method}, {"reason", "drained"}});
  };
  fill(gex, gex_conflated, "StreamGex");
  fill(signals, signals_conflated, "StreamSignals");
}

}  // namespace isobar::gamma_fuel
