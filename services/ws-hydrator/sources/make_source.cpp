#include "ws-hydrator/sources/make_source.hpp"

#include <algorithm>

#include "sim/options.hpp"
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

}  // namespace

made make_source(const settings& s, source_context context) {
  if (s.source == "sim") return make_sim(s, context);
  return std::make_unique<stream_source>(std::make_unique<stored_stream>("none", std::vector<feed_event>{}),
                                         stream_pace{}, channel_events);
}

}  // namespace isobar::ws_hydrator
