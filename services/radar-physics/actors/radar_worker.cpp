#include "radar-physics/actors/radar_worker.hpp"

#include <algorithm>

#include "telemetry/log.hpp"
#include "wire/progress_codec.hpp"
#include "wire/side_input_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::radar_physics {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::string_view word = "radar-physics";
constexpr auto tick_every = std::chrono::milliseconds(100);
constexpr auto beat_every = std::chrono::seconds(1);
constexpr auto store_every = std::chrono::seconds(1);
constexpr std::size_t frames_a_turn = 16;
/// Live: a feed whose watermark is this far from the clock is a recording that is played, and the clock says nothing.
constexpr duration_ns clocked_within = seconds(60);

const telemetry::logger& log() {
  static const telemetry::logger l{std::string(word)};
  return l;
}

std::int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(steady::now().time_since_epoch()).count();
}

}  // namespace

radar_worker::radar_worker(std::shared_ptr<radar_link> link)
    : link_(std::move(link)),
      progress_subject_(subjects::control_progress(link_->venue, link_->name)),
      resync_subject_(subjects::feed_resync(link_->venue, link_->name)),
      side_subjects_{subjects::gex_surface(link_->venue, link_->name), subjects::gate_next(link_->venue, link_->name),
                     subjects::level_set(link_->venue, link_->name)} {}

void radar_worker::on_start(actors::context& self) {
  const bool again = link_->lives++ > 0;
  core_ = std::make_unique<radar_core>(*link_);
  bool resumed = false;
  if (again) link_->measured.restarts.add();
  if (again || link_->resume) resumed = core_->resume();
  if (!resumed) core_->begin();
  gap_open_ = false;
  // Frames behind the checkpoint may not come by themselves; nor may any, when a life before this has had them.
  if (resumed || again || link_->place) {
    ask();
    for (const side s : {side::gex, side::levels})
      if (core_->followed(s)) say(s, wire::refill_purpose::want, core_->follower(s).next());
  }
  self.send_after(tick_every, tick{});
  link_->intakes.wake(self.self());
  after(self);
}

// ---- inputs ----

void radar_worker::on(actors::context& self, const service::intake_ready& m) {
  const int from = m.source->tag();
  const bool feed = from == book || from == refill;
  if (feed && !room()) {
    starved_ = true;  // process() makes room, then the intakes are looked at again
    return;
  }
  const bool more = m.source->drain(
      [&](const bus::message& message) {
        link_->measured.frames_in.add();
        take(from, message);
      },
      frames_a_turn);
  core_->process();
  after(self);
  if (more) self.self().send(m);
}

bool radar_worker::room() const {
  return core_->line().ready().size() < static_cast<std::size_t>(link_->configured.held_frames_max);
}

void radar_worker::take(int from, const bus::message& m) {
  switch (from) {
    case book:
    case refill:
      return take_book(m, from == refill);
    case definition:
      return take_definition(m);
    case gex:
      return take_side(side::gex, wire::decode_gex(m.bytes()), [&](auto& f) { core_->take(std::move(f.surface)); });
    case gate:
      return take_side(side::gate, wire::decode_gate(m.bytes()), [&](auto& f) { core_->take(std::move(f.gate)); });
    case levels:
      return take_side(side::levels, wire::decode_level_set(m.bytes()),
                       [&](auto& f) { core_->take(std::move(f.set)); });
    case resync:
      return take_resync(m);
    default:
      return;
  }
}

void radar_worker::take_book(const bus::message& m, bool refilled) {
  const auto header = wire::peek_header(m.bytes());
  if (!header) return refuse("frame", header.error());
  feed_line& line = core_->line();
  if (!line.plausible(header->sequence)) return link_->measured.rejected("sequence_lead").add();
  if (!refilled) link_->heard_ns = steady_ns();
  if (header->heartbeat) {
    if (refilled) line.offer_answer_end(header->sequence);
    line.offer_heartbeat(header->sequence, header->watermark);
    return;
  }
  switch (line.offer(header->sequence, header->ts_last, m.payload, refilled)) {
    case feed_line::verdict::next:
      // Applied at once, so that frames do not pile up behind the first of a batch.
      core_->process();
      return;
    case feed_line::verdict::duplicate:
      if (!refilled) link_->measured.rejected("duplicate").add();
      return;
    case feed_line::verdict::held:
      return;
    case feed_line::verdict::refused:
      return;  // counted above
    case feed_line::verdict::full:
      link_->measured.rejected("held_overflow").add();
      return;
    case feed_line::verdict::new_life:
      log().warn("feed began anew symbol=" + link_->name.str() + " frame=" + std::to_string(header->sequence));
      return;
  }
}

void radar_worker::take_definition(const bus::message& m) {
  const auto frame = wire::decode_definitions(m.bytes());
  if (!frame) return refuse("definition", frame.error());
  if (frame->header.heartbeat) return;
  if (frame->body.symbol != link_->name) return link_->measured.rejected("wrong_symbol").add();
  const auto& all = frame->body.instruments;
  for (const market::instrument& i : all) {
    // The registry's word may be another than the venue's: a future that comes alone is the one.
    // An alias ("ES") is bound to a future of that product; all of those are alike in what is asked here.
    const bool own = i.raw_symbol == link_->name.str() ||
                     (i.instrument_class == 'F' && (all.size() == 1 || i.asset == link_->name.str()));
    if (own && !i.deleted) core_->learn_contract(i.tick, i.multiplier / nanos_per_unit);
  }
}

template <class Frame, class Give>
void radar_worker::take_side(side which, const result<wire::framed<Frame>, wire::errc>& frame, Give give) {
  if (!frame) return refuse("side input", frame.error());
  const wire::frame_info& header = frame->header;
  if (!follow(which, header)) return;
  if (!header.heartbeat && frame->body.symbol != link_->name) return link_->measured.rejected("wrong_symbol").add();
  if (!header.heartbeat) {
    Frame body = frame->body;
    give(body);
  }
  core_->advance_side(which, header.watermark);
}

/// False: a frame, or a heartbeat, that is not to be taken.
bool radar_worker::follow(side which, const wire::frame_info& header) {
  if (!core_->followed(which)) {
    const auto how = side_sequence_[static_cast<std::size_t>(which)].observe(header.sequence, header.heartbeat);
    if (how == bus::arrival::gap) link_->measured.gaps.add();
    if (header.heartbeat || how != bus::arrival::duplicate) return true;
    link_->measured.rejected("duplicate").add();
    return false;
  }
  const auto how = core_->follower(which).observe(header.sequence, header.heartbeat);
  if (how == service::frame_follower::verdict::gap) link_->measured.gaps.add();
  return how == service::frame_follower::verdict::next || how == service::frame_follower::verdict::gap;
}

/// gamma-fuel asks for our frames, and says which of its own it keeps.
void radar_worker::take_resync(const bus::message& m) {
  const auto asked = wire::decode_refill_request(m.bytes());
  if (!asked) return refuse("refill request", asked.error());
  if (asked->symbol != link_->name || asked->subject.empty()) return;
  if (asked->purpose != wire::refill_purpose::kept) return core_->out().answer(*asked);
  for (const side s : {side::gex, side::levels})
    if (core_->followed(s) && side_subjects_[static_cast<std::size_t>(s)] == asked->subject &&
        core_->follower(s).kept_from(asked->from_sequence))
      link_->measured.gaps.add();
}

void radar_worker::ask_for_sides(bool again) {
  for (const side s : {side::gex, side::levels}) {
    if (!core_->followed(s)) continue;
    service::frame_follower& line = core_->follower(s);
    if (again ? line.again() : line.wants()) say(s, wire::refill_purpose::want, line.next());
  }
}

void radar_worker::tell_durable_sides() {
  for (const side s : {side::gex, side::levels}) {
    auto& told = told_durable_sides_[static_cast<std::size_t>(s)];
    if (!core_->followed(s) || core_->durable(s) == told) continue;
    told = core_->durable(s);
    say(s, wire::refill_purpose::release, told + 1);
  }
}

void radar_worker::say(side which, wire::refill_purpose purpose, std::uint64_t sequence) {
  if (purpose == wire::refill_purpose::want) link_->measured.side_refill_requests.add();
  (void)link_->bus.publish(resync_subject_,
                           wire::encode_refill_request({.symbol = link_->name,
                                                        .requester = std::string(word),
                                                        .from_sequence = sequence,
                                                        .subject = side_subjects_[static_cast<std::size_t>(which)],
                                                        .purpose = purpose}));
}

void radar_worker::refuse(std::string_view what, const failure<wire::errc>& why) {
  link_->measured.rejected(wire::to_string(why.code)).add();
  log().warn_limited(std::string(what) + " " + link_->name.str(),
                     std::string(what) + " refused symbol=" + link_->name.str() + " error=\"" + why.evidence + "\"");
}

// ---- missing frames ----

void radar_worker::on(actors::context& self, const refill_due& m) {
  if (m.generation != refill_generation_ || !missing_) return;
  if (link_->live && asked_times_ >= link_->configured.refill_attempts_max && core_->line().give_up())
    core_->process();
  else
    ask();
  asked_for_ = 0;  // follow_missing() sets the next timer
  after(self);
}

void radar_worker::follow_missing(actors::context& self) {
  const auto wanted = core_->line().wanted();
  link_->wanted_frame = wanted.value_or(0);
  if (!wanted) {
    if (std::exchange(missing_, false)) {
      ++refill_generation_;
      if (!gap_open_) link_->measured.heals.add();
    }
    asked_for_ = 0;
    asked_times_ = 0;
    return;
  }
  if (!std::exchange(missing_, true)) {
    link_->measured.gaps.add();
    log().warn_limited("gap " + link_->name.str(),
                       "worker misses frames symbol=" + link_->name.str() + " from=" + std::to_string(*wanted));
    asked_times_ = 0;
    refill_wait_ = std::chrono::milliseconds(link_->configured.refill_ms);
    ask();
  }
  if (asked_for_ != 0) return;  // a timer runs
  asked_for_ = *wanted;
  self.send_after(refill_wait_, refill_due{++refill_generation_});
  refill_wait_ = std::min(2 * refill_wait_, std::chrono::milliseconds(link_->configured.refill_ms_max));
}

void radar_worker::ask() {
  feed_line& line = core_->line();
  line.asked();
  ++asked_times_;
  link_->measured.refill_requests.add();
  (void)link_->bus.publish(resync_subject_,
                           wire::encode_refill_request(
                               {.symbol = link_->name, .requester = std::string(word), .from_sequence = line.next()}));
  (void)link_->bus.flush();
}

// ---- what follows every batch ----

void radar_worker::after(actors::context& self) {
  follow_missing(self);
  ask_for_sides(false);
  tell_durable_sides();
  link_->waits_for_side = core_->waits_for_side();
  if (core_->ended()) link_->input_ended = true;
  if (starved_ && room()) {
    starved_ = false;
    link_->intakes.wake(self.self());
  }
  if (const auto& last = core_->out().last()) {
    if (gap_open_ && !last->gap) link_->measured.heals.add();
    gap_open_ = last->gap;
  }
  // Also through runs of idle windows that are held back: a side input is made from what is known to be over.
  if (const timestamp done = core_->done_until(); done != start_of_time)
    core_->out().heartbeat(done, core_->out().quality(), false);
  progress();
  const auto quality = missing_ ? market::worst(core_->out().quality(), market::quality::gap) : core_->out().quality();
  const std::uint64_t windows = core_->out().windows();
  const timestamp until = core_->done_until();
  if (windows != stored_windows_ || until != stored_until_ || quality != stored_quality_) {
    link_->store->publish(until, quality, core_->engine().counters().breakthroughs);
    if (windows > 0) publish_latest(core_->ended());
    if (link_->live && windows != stored_windows_)
      link_->measured.end_to_end_age_seconds.observe(
          static_cast<double>((link_->clock() - core_->out().last()->end).value) / 1e9);
    stored_windows_ = windows;
    stored_until_ = until;
    stored_quality_ = quality;
  }
  if (core_->out().recorder()) (void)core_->out().recorder()->flush();
  (void)link_->bus.flush();
}

void radar_worker::progress() {
  const timestamp until = core_->done_until();
  const std::uint64_t applied = core_->input_sequence(), durable = core_->durable_sequence();
  if (until == told_until_ && applied == told_sequence_ && durable == told_durable_) return;
  told_until_ = until;
  told_sequence_ = applied;
  told_durable_ = durable;
  const wire::frame_info info{.producer = std::string(word),
                              .sequence = ++progress_sequence_,
                              .ts_first = until,
                              .ts_last = until,
                              .watermark = until};
  (void)link_->bus.publish(progress_subject_, wire::encode_progress({.symbol = link_->name,
                                                                     .participant = std::string(word),
                                                                     .done_until = until,
                                                                     .input_sequence = applied,
                                                                     .durable_sequence = durable},
                                                                    info));
}

void radar_worker::publish_latest(bool now) {
  if (!link_->kv || (link_->place && link_->place->stands_by())) return;
  const auto clock = steady::now();
  if (!now && clock - stored_at_ < store_every) return;
  stored_at_ = clock;
  if (auto value = latest_radar(*link_->store, link_->bus.max_payload()))
    link_->kv->put(subjects::latest_radar_key(link_->venue, link_->name), std::move(value));
  else
    link_->measured.latest_failures.add();
}

// ---- time, queries, end ----

void radar_worker::on(actors::context& self, const tick&) {
  self.send_after(tick_every, tick{});
  const options& o = link_->configured;
  if (link_->live && !core_->ended()) {
    const timestamp now = link_->clock();
    const bool heard = steady_ns() - link_->heard_ns < milliseconds(o.feed_silent_ms).value;
    // Missing frames may be of the windows that the clock would close.
    if (heard && !missing_ && now - core_->watermark() < clocked_within)
      core_->advance_by_clock(now - milliseconds(o.lateness_ms));
  }
  core_->save_if_idle();
  ask_for_sides(true);
  after(self);
  if (steady::now() - beat_at_ >= beat_every) {
    beat_at_ = steady::now();
    core_->out().heartbeat(core_->done_until(), core_->out().quality(), true);
    told_sequence_ = UINT64_MAX;  // and progress again: a source that began later has not heard it
    progress();
    (void)link_->bus.flush();
  }
  report();
}

void radar_worker::on(actors::context&, const book_wanted& m) {
  const auto done = write_book(core_->book(), link_->name, core_->last_event(), m.call->request(), m.call->response());
  m.call->finish(done ? ::grpc::Status::OK : to_status(done.error()));
}

void radar_worker::on(actors::context& self, const finish& m) {
  if (m.save) {
    core_->process();
    core_->save();
  }
  report();
  if (const std::string found = core_->audit_report(); !found.empty())
    log().info("audit symbol=" + link_->name.str() + " report=\"" + found + "\"");
  if (core_->out().recorder()) (void)core_->out().recorder()->sync();
  if (m.save) progress();
  (void)link_->bus.flush();
  if (!m.ended) return;
  m.ended->set_value();
  self.quit();
}

void radar_worker::report() {
  radar_metrics& m = link_->measured;
  m.copy(core_->engine().counters());
  m.copy(core_->book().refused());
  m.copy(*link_->store);
  m.held_frames.set(static_cast<double>(core_->line().held()));
  m.ready_frames.set(static_cast<double>(core_->line().ready().size()));
  m.live_orders.set(static_cast<double>(core_->book().total_orders(market::book_side::bid) +
                                        core_->book().total_orders(market::book_side::ask)));
  m.memory_bytes.set(static_cast<double>(core_->engine().memory_bytes()));
  m.checkpoint_age_seconds.set(core_->checkpoint_age_seconds());
  if (!link_->live || !core_->out().last()) return;
  const double age = static_cast<double>((link_->clock() - core_->last_event()).value) / 1e9;
  m.input_lag_seconds.set(age);
}

}  // namespace isobar::radar_physics
