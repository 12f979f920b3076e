#include "ws-hydrator/sources/make_source.hpp"

#include <algorithm>

#include "core/symbol.hpp"
#include "sim/options.hpp"
#include "ws-hydrator/sources/file_streams.hpp"
#include "ws-hydrator/sources/massive_source.hpp"
#include "ws-hydrator/sources/sim_stream.hpp"
#include "ws-hydrator/sources/stream_source.hpp"

namespace isobar::ws_hydrator {
namespace {

using made = isobar::result<std::unique_ptr<quote_source>, source_errc>;

/// A stream goes as fast as the pipeline in replay; live, the simulator keeps the pace of its options.
constexpr std::size_t channel_events = 1u << 16;

made make_sim(const settings& s, source_context& context) {
  auto config = sim::market_config(s.sim, context.symbol);
  if (!config) return fail(source_errc::configuration, config.error().evidence);
  stream_pace pace;
  if (context.live) {
    const auto pacer = sim::market_pacer(s.sim, context.process_start);
    if (!pacer) return fail(source_errc::configuration, pacer.error().evidence);
    if (!pacer->unpaced()) pace.due = [p = *pacer](timestamp next) { return p.wall_time(next); };
  } else {
    pace.allowed = std::move(context.may_pass);
  }
  return std::make_unique<stream_source>(std::make_unique<sim_stream>(*std::move(config)), std::move(pace),
                                         channel_events);
}

made play(stream_result stream, source_context& context) {
  if (!stream)
    return fail(stream.error().code == file_errc::unreadable ? source_errc::unreadable : source_errc::malformed,
                stream.error().evidence);
  stream_pace pace;
  pace.allowed = std::move(context.may_pass);
  return std::make_unique<stream_source>(*std::move(stream), std::move(pace), channel_events);
}

made make_massive(const settings& s, const source_context& context) {
  if (const auto url = parse_ws_url(s.url); !url)
    return fail(source_errc::configuration, "url " + url.error().evidence);
  massive_options o;
  o.symbol = context.symbol;
  o.url = s.url;
  o.tls_ca = s.tls_ca;
  o.api_key = s.api_key;
  o.trades = s.trades;
  o.idle_timeout = std::chrono::milliseconds(s.idle_timeout_ms);
  o.connect_timeout = std::chrono::milliseconds(s.connect_timeout_ms);
  o.reconnect = std::chrono::milliseconds(s.reconnect_ms);
  o.reconnect_max = std::chrono::milliseconds(s.reconnect_ms_max);
  o.frame_bytes_max = static_cast<std::size_t>(s.frame_bytes_max);
  o.record_bytes_max = static_cast<std::uint64_t>(s.record_bytes_max);
  if (!context.record_dir.empty())
    o.record_file = context.record_dir + "/feed-" + subject_token(context.symbol.str()) + ".ndjson";
  o.clock = context.clock;
  return std::make_unique<massive_source>(std::move(o));
}

}  // namespace

made make_source(const settings& s, source_context context) {
  if (s.source == "sim") return make_sim(s, context);
  if (s.source == "massive") return make_massive(s, context);
  if (s.source == "minute-quotes") return play(open_minute_quotes(s.files, context.symbol), context);
  if (s.source == "recording") return play(open_recording(s.files, context.symbol), context);
  return std::make_unique<stream_source>(std::make_unique<stored_stream>("none", std::vector<feed_event>{}),
                                         stream_pace{}, channel_events);
}

}  // namespace isobar::ws_hydrator
