#include "chain-ingest/actors/chain_worker.hpp"

#include <algorithm>

#include "telemetry/log.hpp"
#include "wire/chain_codec.hpp"
#include "wire/feed_codec.hpp"

namespace isobar::chain_ingest {
namespace {

const telemetry::logger& log() {
  static const telemetry::logger out("chain-ingest");
  return out;
}

}  // namespace

void chain_worker::on_start(actors::context& self) {
  show();
  self.send_after(shared->heartbeat, heartbeat_due{});
  if (shared->resync) self.self().send(service::intake_ready{shared->resync});
}

void chain_worker::on(actors::context&, const event_met& m) {
  // Taken whatever happens: an exception must not leave the feeder waiting.
  struct release {
    hand_over& credit;
    ~release() { credit.taken(); }
  } const at_end{*shared->credit};
  std::visit([this](auto& e) { apply(e); }, *m.event);
  show();
}

void chain_worker::on(actors::context&, const watermark_known& m) {
  if (m.until <= shared->watermark) return;
  raise_watermark(m.until);
}

void chain_worker::on(actors::context& self, const heartbeat_due&) {
  worker_shared& s = *shared;
  if (s.clock_watermark) s.watermark = std::max(s.watermark, s.clock() - s.lateness);
  if (s.watermark != start_of_time) raise_watermark(s.watermark);
  if (const auto& chain = s.core.latest(); chain && s.live) {
    s.series.common.input_lag_seconds.set(static_cast<double>((s.clock() - chain->ts_event).value) / 1e9);
  }
  self.send_after(s.heartbeat, heartbeat_due{});
}

/// Consumers that lack chains ask for them, or say which they need no more.
void chain_worker::on(actors::context& self, const service::intake_ready& m) {
  const bool more = m.source->drain([&](const bus::message& message) {
    const auto asked = wire::decode_refill_request(message.bytes());
    if (asked)
      (void)shared->out.answer(*asked);
    else
      shared->series.common.rejected(wire::to_string(asked.error().code)).add();
  });
  if (more) self.self().send(m);
}

void chain_worker::raise_watermark(timestamp to) {
  shared->watermark = to;
  const auto quality = shared->synthetic ? market::quality::synthetic : market::quality::ok;
  (void)shared->out.heartbeat(to, quality);
  (void)shared->out.flush();
}

void chain_worker::apply(chain_arrived& e) {
  worker_shared& s = *shared;
  if (e.fetch_seconds > 0) s.series.fetch_seconds.observe(e.fetch_seconds);
  if (e.overruns > s.overruns) {
    s.series.overruns.add(e.overruns - s.overruns);
    s.overruns = e.overruns;
  }
  s.series.symbol_coverage.set(e.completeness);
  s.series.common.frames_in.add();
  if (auto* raw = std::get_if<market::raw_chain>(&e.chain.chain); raw && s.clock_watermark) {
    // The promise of a heartbeat that overtook the chain stands: the picture is as of no earlier than it.
    raw->ts_event = std::max(raw->ts_event, s.watermark);
  }
  auto chain = s.core.apply(std::move(e.chain));
  s.series.count_rows(s.core.rows(), s.core.raw_rows());
  if (!chain) {
    s.series.refused(to_string(chain.error().code));
    log().warn_limited(s.symbol.str(), "chain refused symbol=" + s.symbol.str() +
                                           " reason=" + std::string(to_string(chain.error().code)) + " what=\"" +
                                           chain.error().evidence + "\"");
    return;
  }
  publish(**chain);
}

void chain_worker::publish(const market::chain_snapshot& chain) {
  worker_shared& s = *shared;
  s.watermark = std::max(s.watermark, chain.ts_event);
  const service::frame_extent extent{.ts_first = chain.ts_event,
                                     .ts_last = chain.ts_event,
                                     .record_count = static_cast<std::uint32_t>(chain.contract_count()),
                                     .quality = s.synthetic ? market::quality::synthetic : market::quality::ok,
                                     .watermark = chain.ts_event};
  auto stored = std::make_shared<std::string>();
  (void)s.out.publish(extent, [&](const wire::frame_info& info) {
    s.header = info;
    *stored = wire::encode_chain(chain, info);
    return *stored;
  });
  (void)s.out.flush();
  s.store->put(s.key, std::move(stored));
  measure(chain);
}

void chain_worker::measure(const market::chain_snapshot& chain) {
  metrics& m = shared->series;
  m.chains.add();
  m.contracts.set(static_cast<double>(chain.contract_count()));
  m.last_chain.set(static_cast<double>(chain.ts_event.ns) / 1e9);
  m.common.revision.set(static_cast<double>(shared->out.sequence()));
  isobar::strike low{INT64_MAX}, high{0};
  double age = 0;
  std::size_t quoted = 0;
  for (const auto& e : chain.expiries) {
    if (e.contracts.empty()) continue;
    low = std::min(low, e.contracts.front().strike);
    high = std::max(high, e.contracts.back().strike);
    for (const auto& c : e.contracts) {
      if (c.state.ts_quote == start_of_time) continue;
      age += static_cast<double>((chain.ts_event - c.state.ts_quote).value) / 1e9;
      ++quoted;
    }
  }
  m.strike_range.set(high >= low ? to_double(distance(low, high)) : 0);
  m.staleness_seconds.set(quoted > 0 ? age / static_cast<double>(quoted) : 0);
}

void chain_worker::apply(const chain_refused& e) {
  worker_shared& s = *shared;
  s.series.symbol_coverage.set(e.completeness);
  s.series.refused(to_string(e.why));
  s.core.refused(e.why, e.evidence);
  log().warn_limited(s.symbol.str(), "chain refused symbol=" + s.symbol.str() +
                                         " reason=" + std::string(to_string(e.why)) + " what=\"" + e.evidence + "\"");
}

void chain_worker::apply(const fetch_failed& e) {
  worker_shared& s = *shared;
  s.series.fetch_failed(e.reason);
  s.core.failed(e.reason + ": " + e.evidence);
  log().warn_limited(s.symbol.str(),
                     "fetch failed symbol=" + s.symbol.str() + " reason=" + e.reason + " what=\"" + e.evidence + "\"");
}

void chain_worker::apply(const source_ended&) {
  shared->core.ended();
  shared->clock_watermark = false;
  raise_watermark(end_of_time);
  log().info("input ended symbol=" + shared->symbol.str() +
             " chains=" + std::to_string(shared->core.counts().published) +
             " refused=" + std::to_string(shared->core.counts().refused_total()));
}

void chain_worker::show() {
  const worker_shared& s = *shared;
  auto state = std::make_shared<published_state>();
  state->chain = s.core.latest();
  state->header = s.header;
  state->source = s.source_kind;
  state->health = s.core.state();
  state->published = s.core.counts().published;
  state->refused = s.core.counts().refused_total() + s.core.counts().fetch_failures;
  state->last_refusal = s.core.last_refusal();
  s.latest->set(std::move(state));
}

}  // namespace isobar::chain_ingest
