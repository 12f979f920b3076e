#include "feed-ingest/actors/feed_worker.hpp"

#include <algorithm>

#include "feed-ingest/actors/frames.hpp"
#include "telemetry/log.hpp"
#include "wire/feed_codec.hpp"
#include "wire/progress_codec.hpp"

namespace isobar::feed_ingest {
namespace {

const telemetry::logger& log() {
  static const telemetry::logger out("feed-ingest");
  return out;
}

constexpr std::chrono::milliseconds checkpoint_every{200};
constexpr duration_ns silence_max = milliseconds(250);  ///< of event time, of a subject beside the book

}  // namespace

void feed_worker::on_start(actors::context& self) { self.send_after(shared->heartbeat, heartbeat_due{}); }

void feed_worker::on(actors::context&, const batch_made& m) {
  // Taken whatever happens: an exception must not leave the reader waiting.
  struct release {
    lane& flow;
    ~release() { flow.taken(); }
  } const at_end{*shared->flow};
  worker_shared& s = *shared;
  const batch& b = *m.made;
  if (s.mismatched) return;
  s.watermark = std::max(s.watermark, b.watermark);
  if (b.empty())
    beat();
  else if (!already_published(b))
    publish(b);
  show(b);
  if (s.flow->queued() > 1) return;
  tell_time();
  (void)s.out[0].flush();
}

bool feed_worker::already_published(const batch& b) {
  worker_shared& s = *shared;
  if (!s.resumed) return false;
  make_light(b);
  mark here{.ordinal = b.ordinal, .records = b.records, .sequences = s.skipped};
  for (std::size_t c = 0; c < channels; ++c) here.sequences[c] += frames_of(b, static_cast<channel>(c));
  s.skipped = here.sequences;
  if (b.ordinal < s.resumed->ordinal) return true;
  if (here != *s.resumed) {
    mismatch("batch " + std::to_string(b.ordinal) + " ends at record " + std::to_string(b.records) + ", not " +
             std::to_string(s.resumed->records));
    return true;
  }
  log().info("feed resumed symbol=" + s.symbol.str() + " records=" + std::to_string(here.records) +
             " book_sequence=" + std::to_string(here.of(channel::book)));
  s.resumed.reset();
  beat();  // whoever lacks frames knows then
  return true;
}

/// Light frames of a batch that is published already: they are kept, and given to those who ask for them.
void feed_worker::make_light(const batch& b) {
  worker_shared& s = *shared;
  for (const channel c : light_channels) {
    for (std::size_t at = 0; at < frames_of(b, c); ++at) {
      auto extent = extent_of(b, c, at);
      extent.quality = s.quality;
      (void)s.out[static_cast<std::size_t>(c)].make(
          extent, [&](const wire::frame_info& info) { return encode(b, c, at, s.symbol, info); });
    }
  }
}

void feed_worker::mismatch(const std::string& what) {
  worker_shared& s = *shared;
  s.mismatched = true;
  s.on_mismatch("the input of " + s.symbol.str() + " does not make the frames that its checkpoint says: " + what);
}

void feed_worker::publish(const batch& b) {
  worker_shared& s = *shared;
  mark behind{.ordinal = b.ordinal, .records = b.records, .sequences = {}};
  for (std::size_t i = 0; i < channels; ++i)
    behind.sequences[i] = s.out[i].sequence() + frames_of(b, static_cast<channel>(i));
  for (std::size_t i = 0; i < channels; ++i) {
    const auto c = static_cast<channel>(i);
    for (std::size_t at = 0; at < frames_of(b, c); ++at) publish(b, c, at, behind);
  }
}

void feed_worker::publish(const batch& b, channel c, std::size_t at, const mark& behind) {
  worker_shared& s = *shared;
  auto extent = extent_of(b, c, at);
  s.told[static_cast<std::size_t>(c)] = b.watermark;
  extent.quality = s.quality;
  std::shared_ptr<const std::string> kept;
  (void)s.out[static_cast<std::size_t>(c)].publish(extent, [&](const wire::frame_info& info) {
    auto bytes = encode(b, c, at, s.symbol, info);
    if (c == channel::book) kept = std::make_shared<const std::string>(bytes);
    return bytes;
  });
  if (kept) keep(behind.of(channel::book), std::move(kept), behind);
}

void feed_worker::keep(std::uint64_t sequence, std::shared_ptr<const std::string> bytes, const mark& behind) {
  worker_shared& s = *shared;
  s.kept.push({sequence, std::move(bytes), behind});
  if (s.hold_when_full) {
    s.flow->ring_full(s.kept.full());
    return;
  }
  if (const auto dropped = s.kept.make_room(); dropped > 0) s.series.dropped.add(dropped);
}

void feed_worker::show(const batch& b) {
  worker_shared& s = *shared;
  auto& state = s.state;
  for (const auto& i : b.definitions) state.instrument = i;
  for (const auto& c : b.changes) {
    state.status = c;
    state.any_status = true;
  }
  for (const auto& x : b.statistics)
    if (x.type == market::statistic::open_interest) state.open_interest = x.deleted ? INT64_MAX : x.amount;
  if (b.instrument_id != 0) state.instrument.id = b.instrument_id;
  if (!b.events.empty()) {
    const auto& last = b.events.back();
    state.quality = last.has(market::event_flag::snapshot)         ? market::quality::resyncing
                    : last.has(market::event_flag::maybe_bad_book) ? market::quality::gap
                                                                   : s.quality;
  }
  state.ts_last = b.ts_last;
  state.watermark = s.watermark;
  state.counts = b.counts;
  state.quotes = b.quotes_made;
  state.options = b.option_totals;
  state.gaps += b.gaps.size();
  state.book_sequence = s.out[static_cast<std::size_t>(channel::book)].sequence();
  state.oldest_kept = s.kept.oldest();
  s.board->set(s.symbol.str(), state, b.gaps);
  s.series.count(b.counts, b.odd);
  s.series.count(b.quotes_made, b.option_totals);
  if (!b.gaps.empty()) s.series.common.gaps.add(b.gaps.size());
  s.series.kept_bytes.set(static_cast<double>(s.kept.bytes()));
  s.series.kept_frames.set(static_cast<double>(s.kept.size()));
  s.series.queued.set(static_cast<double>(s.flow->queued()));
  s.series.common.revision.set(static_cast<double>(state.book_sequence));
  if (b.ts_last != start_of_time) s.series.last_event.set(static_cast<double>(b.ts_last.ns) / 1e9);
  const auto applied = s.consumers.least_input();
  s.series.lead_frames.set(state.book_sequence > applied ? static_cast<double>(state.book_sequence - applied) : 0);
}

void feed_worker::beat() {
  if (shared->resumed || shared->mismatched) return;
  for (auto& out : shared->out) (void)out.heartbeat(shared->watermark, shared->quality);
  shared->told.fill(shared->watermark);
  (void)shared->out[0].flush();
}

/// Subjects that had nothing to say while the book went on: whoever closes windows by their watermarks must not wait
/// for the next heartbeat, and the source perhaps for him.
void feed_worker::tell_time() {
  worker_shared& s = *shared;
  if (s.resumed || s.mismatched || s.watermark == start_of_time) return;
  for (const auto c : {channel::trades, channel::quotes, channel::options}) {
    auto& told = s.told[static_cast<std::size_t>(c)];
    if (told != start_of_time && s.watermark < told + silence_max) continue;
    (void)s.out[static_cast<std::size_t>(c)].heartbeat(s.watermark, s.quality);
    told = s.watermark;
  }
}

void feed_worker::on(actors::context& self, const heartbeat_due&) {
  beat();
  if (shared->clock && shared->state.ts_last != start_of_time)
    shared->series.common.input_lag_seconds.set(static_cast<double>((shared->clock() - shared->state.ts_last).value) /
                                                1e9);
  save(std::chrono::milliseconds(0));
  self.send_after(shared->heartbeat, heartbeat_due{});
}

void feed_worker::on(actors::context&, const input_ended&) {
  worker_shared& s = *shared;
  struct release {
    lane& flow;
    ~release() { flow.taken(); }
  } const at_end{*s.flow};
  if (s.resumed && !s.mismatched) mismatch("it ends before batch " + std::to_string(s.resumed->ordinal));
  s.watermark = s.state.watermark = end_of_time;
  s.board->set(s.symbol.str(), s.state, {});
  beat();
}

void feed_worker::on(actors::context& self, const service::intake_ready& m) {
  const bool more = m.source->drain([&](const bus::message& message) {
    if (m.source->tag() == progress_tag)
      take_progress(message);
    else
      answer(message);
  });
  if (more) self.self().send(m);
}

void feed_worker::save(std::chrono::milliseconds every) {
  worker_shared& s = *shared;
  switch (s.saved.save(every)) {
    case checkpoint_file::saving::nothing:
      return;
    case checkpoint_file::saving::written:
      return s.series.checkpoints.add();
    case checkpoint_file::saving::failed:
      s.series.checkpoint_failures.add();
      log().warn_limited("checkpoint " + s.symbol.str(),
                         "checkpoint not written symbol=" + s.symbol.str() + " why=\"" + s.saved.error() + "\"");
  }
}

void feed_worker::take_progress(const bus::message& m) {
  worker_shared& s = *shared;
  const auto report = wire::decode_progress(m.bytes());
  if (!report) {
    s.series.common.rejected(wire::to_string(report.error().code)).add();
    return;
  }
  if (report->header.heartbeat) return;
  const std::uint64_t applied = s.leads_with_options
                                    ? std::max(report->body.option_sequence, report->body.input_sequence)
                                    : report->body.input_sequence;
  s.consumers.report(report->body.participant, applied, report->body.durable_sequence);
  if (!s.consumers.any()) return;
  s.flow->applied(s.consumers.least_input(), s.consumers.least_durable());
  if (const auto durable = s.kept.forget(s.consumers.least_durable())) {
    s.flow->ring_full(s.hold_when_full && s.kept.full());
    s.saved.set(*durable);
    save(checkpoint_every);
  }
}

void feed_worker::answer(const bus::message& m) {
  worker_shared& s = *shared;
  const auto asked = wire::decode_refill_request(m.bytes());
  if (!asked || asked->symbol != s.symbol) {
    s.series.common.rejected(asked ? "bad_symbol" : wire::to_string(asked.error().code)).add();
    return;
  }
  if (asked->subject.empty()) {
    if (asked->purpose == wire::refill_purpose::want) answer_book(*asked);
    return;
  }
  // Subjects of other services are not our business; frames that a resumed run has not made again come by themselves.
  for (const channel c : light_channels) (void)s.out[static_cast<std::size_t>(c)].answer(*asked);
}

void feed_worker::answer_book(const wire::refill_request& asked) {
  worker_shared& s = *shared;
  std::uint64_t sent = 0, last = s.out[static_cast<std::size_t>(channel::book)].sequence();
  s.kept.from(asked.from_sequence, [&](const refill_ring::entry& e) {
    s.refill.resume_after(e.sequence - 1);
    (void)s.refill.publish({}, [&](const wire::frame_info&) { return *e.bytes; });
    last = e.sequence;
    ++sent;
  });
  s.refill.resume_after(last);
  (void)s.refill.heartbeat(s.watermark, s.quality);
  (void)s.refill.flush();
  s.series.refills.add(sent);
  log().info("frames published again symbol=" + s.symbol.str() + " for=" + asked.requester +
             " from=" + std::to_string(asked.from_sequence) + " frames=" + std::to_string(sent));
}

}  // namespace isobar::feed_ingest
