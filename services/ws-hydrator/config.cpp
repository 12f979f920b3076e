#include "ws-hydrator/config.hpp"

namespace isobar::ws_hydrator {

void settings::declare(config::schema& s) {
  const auto name = [](std::string_view option) { return "ws-hydrator." + std::string(option); };
  s.option(name("window-ms"), window_ms, "width of a window, ms of event time", 50, 1000);
  s.option(name("batch-size"), batch_size, "events taken in at a time; never changes the output", 1, 1 << 20);
  s.option(name("queue-events-max"), queue_events_max, "events that may wait for their window", 1024, 1 << 24);
  s.option(name("queue-chains-max"), queue_chains_max, "chain snapshots that may wait for their window", 1, 1024);
  s.option(name("lateness-ms"), lateness_ms, "live: how far the feed's watermark trails the clock, ms", 0, 60'000);
  s.option(name("side-input-wait-ms"), side_input_wait_ms,
           "live feed: windows go on, as stale, when chains or epochs are silent for so long, ms", 1'000, 600'000);
  s.option(name("history-bytes"), history_bytes, "windows kept for GetRows, bytes", 1 << 16, std::int64_t{1} << 36);
  s.option(name("replay-lead-ms"), replay_lead_ms,
           "replay: how far a source may run ahead of the pipeline, ms of event time", 1'000, 86'400'000);
  s.choice(name("source"), source, {"sim", "massive", "minute-quotes", "recording", "none"}, "where quotes come from");
  s.option(name("files"), files, "minute-quotes: zip archives; recording: NDJSON files, oldest first");
  s.option(name("url"), url, "massive: ws://host[:port]/path or wss://...");
  s.option(name("tls-ca"), tls_ca, "massive: file of trusted certificates; empty: the system's");
  s.secret(name("api-key"), api_key, "massive: the vendor's key");
  s.option(name("quotes-max"), quotes_max, "massive: contracts with quotes on one connection", 1, 1000);
  s.option(name("trades"), trades, "massive: subscribe to trades too");
  s.option(name("idle-timeout-ms"), idle_timeout_ms, "massive: a ping at half of it, reconnect after it, ms", 100,
           600'000);
  s.option(name("connect-timeout-ms"), connect_timeout_ms, "massive: time to connect and authenticate, ms", 100,
           600'000);
  s.option(name("reconnect-ms"), reconnect_ms, "massive: first wait before reconnecting, ms; doubles, with jitter", 1,
           60'000);
  s.option(name("reconnect-ms-max"), reconnect_ms_max, "massive: longest wait before reconnecting, ms", 1, 600'000);
  s.option(name("frame-bytes-max"), frame_bytes_max, "massive: longest message accepted, bytes", 1024, 256 << 20);
  s.option(name("record"), record, "massive: keep what the feed sent, as NDJSON under data-dir");
  s.option(name("record-bytes-max"), record_bytes_max, "massive: bytes kept; the older half goes first", 1 << 20,
           std::int64_t{1} << 44);
  sim::declare_options(s, sim);
}

service::result<void> settings::validate(const service::host_options& h) const {
  using service::errc;
  if ((source == "minute-quotes" || source == "recording") && files.empty())
    return fail(errc::configuration, "ws-hydrator.source " + source + " needs ws-hydrator.files");
  if (source == "massive") {
    if (api_key.empty())
      return fail(errc::configuration, "ws-hydrator.source massive needs ISOBAR_WS_HYDRATOR_API_KEY");
    if (h.mode == "replay") return fail(errc::configuration, "ws-hydrator.source massive cannot replay");
    if (!url.starts_with("ws://") && !url.starts_with("wss://"))
      return fail(errc::configuration, "ws-hydrator.url must begin with ws:// or wss://");
  }
  if (source != "sim") return {};
  for (const symbol& s : h.symbols) {
    const auto market = sim::market_config(sim, s);
    if (!market) return fail(errc::configuration, market.error().evidence);
    if (const auto good = sim::check(*market); !good) return fail(errc::configuration, good.error().evidence);
  }
  return {};
}

hydrator_options settings::hydrator() const {
  hydrator_options o;
  o.width = milliseconds(window_ms);
  o.queue_events_max = static_cast<std::size_t>(queue_events_max);
  o.queue_chains_max = static_cast<std::size_t>(queue_chains_max);
  if (source == "sim") o.source_quality = market::quality::synthetic;
  return o;
}

}  // namespace isobar::ws_hydrator
