#include "gamma-fuel/actors/gamma_worker.hpp"

#include <algorithm>

#include "gamma-fuel/actors/epoch_loader.hpp"
#include "gamma-fuel/domain/signal_engine.hpp"
#include "gamma-fuel/transport/explanation.hpp"
#include "gamma-fuel/transport/gamma_queries.hpp"
#include "gamma-fuel/transport/user_levels.hpp"
#include "telemetry/log.hpp"
#include "wire/progress_codec.hpp"
#include "wire/subjects.hpp"
#include "wire/window_codec.hpp"

namespace isobar::gamma_fuel {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::string_view word = "gamma-fuel";
constexpr auto replay_tick = std::chrono::milliseconds(100);
/// Live: ticks of 250 ms should not wait long for the clock.
constexpr auto live_tick = std::chrono::milliseconds(25);
constexpr auto beat_every = std::chrono::seconds(1);
constexpr auto store_every = std::chrono::seconds(1);
constexpr std::size_t frames_a_turn = 16;
/// Live: frames behind the checkpoint are there within this time, or count as lost (the bus gives up after a second).
constexpr auto catch_up_limit = std::chrono::seconds(2);
/// Live: inputs whose events are this far from the clock are a recording that is played, and the clock says nothing.
constexpr duration_ns clocked_within = seconds(60);

const telemetry::logger& log() {
  static const telemetry::logger l{std::string(word)};
  return l;
}

std::int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(steady::now().time_since_epoch()).count();
}

}  // namespace

gamma_worker::gamma_worker(std::shared_ptr<gamma_link> link)
    : link_(std::move(link)), progress_subject_(subjects::control_progress(link_->venue, link_->name)) {
  if (const auto& chains = link_->plan.options.chains) {
    resync_subject_ = subjects::window_resync(link_->venue, *chains);
    if (*chains != link_->name) option_progress_subject_ = subjects::control_progress(link_->venue, *chains);
  }
  if (link_->live) return;
  const symbol_plan& plan = link_->plan;
  const std::string& venue = link_->venue;
  const auto follow = [&](std::size_t line, const symbol& of, std::string subject) {
    followed_.emplace(line, source{std::move(subject), subjects::feed_resync(venue, of), of});
  };
  const auto of = [](input i) { return static_cast<std::size_t>(i); };
  if (const auto& chains = plan.options.chains) {
    follow(epoch_line, *chains, subjects::epoch_switch(venue, *chains));
    if (plan.side_chain) follow(of(input::chain), *chains, subjects::chain_snapshot(venue, *chains));
    if (plan.side_rows) follow(of(input::rows), *chains, subjects::model_gex(venue, *chains));
    if (plan.side_flow) follow(of(input::flow), *chains, subjects::model_flow(venue, *chains));
    if (plan.side_volume) follow(of(input::volume), *chains, subjects::model_volume_profile(venue, *chains));
  }
  const symbol& name = link_->name;
  if (const auto& feed = plan.options.feed) follow(of(input::option_feed), *feed, subjects::feed_options(venue, *feed));
  if (!plan.future) return;
  follow(of(input::quotes), name, subjects::feed_quotes(venue, name));
  follow(of(input::trades), name, subjects::feed_trades(venue, name));
  follow(of(input::levels), name, subjects::radar_levels(venue, name));
}

void gamma_worker::on_start(actors::context& self) {
  const bool again = link_->lives++ > 0;
  desk_ = std::make_unique<gamma_desk>(*link_);
  bool resumed = false;
  if (again) link_->measured.restarts.add();
  if (again || link_->resume) resumed = desk_->resume();
  if (!resumed) desk_->begin();
  if (again) remember_failure();
  tell_durable(true);
  // Frames behind the checkpoint may not come by themselves.
  if (resumed || again)
    for (const auto& [line, from] : followed_) say(line, wire::refill_purpose::want, desk_->follower(line).next());
  // Live: what a life of this process took behind its checkpoint does not come again. A new process has the bus read
  // it.
  if (again) desk_->lose_all();
  if (resumed && !again && link_->live) catches_up_until_ = steady::now() + catch_up_limit;
  continued_.fill(!catches_up_until_);
  if (link_->plan.options.chains) load_epoch(self, 0);
  self.send_after(link_->live ? live_tick : replay_tick, tick{});
  link_->intakes.wake(self.self());
  after(self);
}

// ---- inputs ----

void gamma_worker::on(actors::context& self, const service::intake_ready& m) {
  const int tag = m.source->tag();
  if (!room(tag)) {
    starved_ = true;  // advance() makes room, then the intakes are looked at again
    return;
  }
  if (tag < epochs_intake && !std::exchange(continued_[static_cast<std::size_t>(tag)], true))
    m.source->continue_behind(desk_->taken(static_cast<input>(tag)));
  bool more = true;
  for (std::size_t n = 0; more && n < frames_a_turn && room(tag); ++n)
    more = m.source->drain(
        [&](const bus::message& message) {
          link_->measured.frames_in.add();
          take(tag, message);
        },
        1);
  desk_->advance(start_of_time);
  after(self);
  if (more) self.self().send(m);
}

/// A window that the clock closes is closed without what comes a moment later.
bool gamma_worker::catches_up() {
  if (!catches_up_until_) return false;
  const duration_ns behind = link_->clock() - desk_->engine().profiles_until();
  const duration_ns usual{desk_->engine().config().window.value + milliseconds(link_->configured.lateness_ms).value};
  if (behind <= usual || steady::now() > *catches_up_until_) catches_up_until_.reset();
  return catches_up_until_.has_value();
}

/// Replay: an input that runs ahead of the others waits in its bus queue, never beyond the engine's.
bool gamma_worker::room(int tag) const {
  if (link_->live || tag >= epochs_intake) return true;
  const input from = static_cast<input>(tag);
  // Instants that wait for the radar are never given up: everything else waits for it too.
  if (from != input::levels && desk_->engine().waiting_ticks() >= signal_engine::waiting_max / 2) return false;
  // Held frames are bounded too: what waits in the bus is not lost.
  const bool held = from == input::rows || from == input::flow;
  if (held && desk_->held() >= static_cast<std::size_t>(link_->configured.held_frames_max) / 2) return false;
  const merge_limits most = link_->configured.queues();
  const bool market = from == input::quotes || from == input::trades;
  const std::size_t bound = from == input::levels ? most.level_states : market ? most.market_items : most.option_items;
  return desk_->engine().waiting(from) < bound / 2;
}

void gamma_worker::take(int tag, const bus::message& m) {
  link_->heard_ns = steady_ns();
  if (tag == refills_intake) return take_refill(m);
  const auto header = wire::peek_header(m.bytes());
  const std::uint64_t sequence = header && !header->heartbeat ? header->sequence : 0;
  if (const auto from = followed_.find(static_cast<std::size_t>(tag)); from != followed_.end() && !from->second.heard) {
    from->second.heard = true;  // its producer is there and should know us
    say(from->first, wire::refill_purpose::release, desk_->durable(from->first) + 1);
  }
  if (sequence != 0 && link_->failed.is(tag, sequence) && link_->failed.failures >= gamma_link::failures_max)
    return desk_->skip(static_cast<std::size_t>(tag), sequence);
  link_->taking = {tag, sequence};
  if (link_->probe) link_->probe(tag, sequence);
  if (tag == epochs_intake)
    desk_->take_epoch(m);
  else
    desk_->take(static_cast<input>(tag), m);
  link_->taking = {};
  // Replay: it was the next one, and was refused.
  const auto line = static_cast<std::size_t>(tag);
  if (sequence != 0 && followed_.contains(line) && desk_->follower(line).next() == sequence)
    desk_->skip(line, sequence);
}

/// The life before ended with an exception: perhaps at a frame that comes again.
void gamma_worker::remember_failure() {
  const gamma_link::attempt at = std::exchange(link_->taking, {});
  if (at.sequence == 0) return;
  const int before = link_->failed.is(at.tag, at.sequence) ? link_->failed.failures : 0;
  link_->failed = {at.tag, at.sequence, before + 1};
}

void gamma_worker::on(actors::context& self, const epoch_found& m) {
  desk_->learn(m.epoch);
  desk_->advance(start_of_time);
  after(self);
}

// ---- what is missing ----

void gamma_worker::follow_missing(actors::context& self) {
  const bool wanted = desk_->lost() || desk_->epoch_wanted();
  link_->resyncing = desk_->lost();
  link_->epoch_unknown = desk_->epoch_wanted().has_value();
  if (!wanted) {
    if (std::exchange(asking_, false)) ++resync_generation_;
    return;
  }
  if (std::exchange(asking_, true)) return;
  resync_wait_ = std::chrono::milliseconds(link_->configured.resync_ms);
  ask(self);
}

void gamma_worker::ask(actors::context& self) {
  if (const auto epoch = desk_->epoch_wanted()) load_epoch(self, *epoch);
  if (desk_->lost() && !resync_subject_.empty()) {
    link_->measured.resync_requests.add();
    log().warn_limited("resync " + link_->name.str(), "worker asks for a base window symbol=" + link_->name.str());
    (void)link_->bus.publish(
        resync_subject_, wire::encode_resync({.symbol = *link_->plan.options.chains, .requester = std::string(word)}));
    (void)link_->bus.flush();
  }
  self.send_after(resync_wait_, resync_due{++resync_generation_});
  resync_wait_ = std::min(2 * resync_wait_, std::chrono::milliseconds(link_->configured.resync_ms_max));
}

void gamma_worker::on(actors::context& self, const resync_due& m) {
  if (m.generation == resync_generation_ && asking_) ask(self);
}

/// Radar-physics asks for our frames; producers of ours say what they keep.
void gamma_worker::take_refill(const bus::message& m) {
  const auto asked = wire::decode_refill_request(m.bytes());
  if (!asked) return link_->measured.rejected(wire::to_string(asked.error().code)).add();
  if (asked->subject.empty()) return;
  if (asked->purpose != wire::refill_purpose::kept) return desk_->out().answer(*asked);
  for (const auto& [line, from] : followed_)
    if (from.subject == asked->subject) desk_->kept_from(line, asked->from_sequence);
}

void gamma_worker::ask_for_frames(bool again) {
  for (const auto& [line, from] : followed_) {
    // An input without room has frames in its queue, perhaps those.
    if (!room(static_cast<int>(line))) continue;
    service::frame_follower& follower = desk_->follower(line);
    if (again ? follower.again() : follower.wants()) say(line, wire::refill_purpose::want, follower.next());
  }
}

void gamma_worker::tell_durable(bool again) {
  for (auto& [line, from] : followed_) {
    if (!again && desk_->durable(line) == from.told) continue;
    from.told = desk_->durable(line);
    say(line, wire::refill_purpose::release, from.told + 1);
  }
}

void gamma_worker::say(std::size_t line, wire::refill_purpose purpose, std::uint64_t sequence) {
  if (purpose == wire::refill_purpose::want) link_->measured.refill_requests.add();
  const source& from = followed_.at(line);
  // Workers of several symbols may read one symbol's options, and each has its own checkpoint.
  const bool own = from.of == link_->name;
  (void)link_->bus.publish(
      from.asked_on, wire::encode_refill_request({.symbol = from.of,
                                                  .requester = std::string(word) + (own ? "" : "/" + link_->name.str()),
                                                  .from_sequence = sequence,
                                                  .subject = from.subject,
                                                  .purpose = purpose}));
}

/// A lost announcement that is not in the store either must not hold time back for good.
void gamma_worker::give_up_epoch() {
  if (!desk_->waits_for_epoch()) return epoch_since_.reset();
  const auto now = steady::now();
  if (!epoch_since_) epoch_since_ = now;
  if (now - *epoch_since_ < std::chrono::milliseconds(link_->configured.epoch_wait_ms)) return;
  epoch_since_.reset();
  desk_->give_up_epoch();
  desk_->advance(start_of_time);
}

void gamma_worker::load_epoch(actors::context& self, std::uint64_t id) {
  if (!link_->epochs) return;
  link_->epochs->load(*link_->plan.options.chains, id, link_.get(), [worker = self.self()](const auto& record) {
    worker.send(epoch_found{record.epoch}, actors::lane::control);
  });
}

// ---- what follows every batch ----

void gamma_worker::after(actors::context& self) {
  follow_missing(self);
  ask_for_frames(false);
  const gamma_engine& engine = desk_->engine();
  std::uint32_t waits = 0;
  for (const input i : engine.waited_for()) waits |= 1u << static_cast<unsigned>(i);
  link_->waits_for = waits;
  if (desk_->ended()) link_->input_ended = true;
  if (std::exchange(starved_, false)) link_->intakes.wake(self.self());
  const timestamp until = engine.profiles_until(), signals = engine.signals_until();
  desk_->out().heartbeat(until, signals, false);
  progress(false);
  if (desk_->out().given() != stored_ || until != stored_until_ || signals != stored_signals_) {
    link_->store->publish(until, signals);
    if (desk_->out().windows() > 0) publish_latest(desk_->ended());
    if (link_->live && desk_->out().last_end() > aged_) {
      aged_ = desk_->out().last_end();
      link_->measured.end_to_end_age_seconds.observe(static_cast<double>((link_->clock() - aged_).value) / 1e9);
    }
    stored_ = desk_->out().given();
    stored_until_ = until;
    stored_signals_ = signals;
  }
  desk_->save_if_due();
  tell_durable(false);
  if (desk_->out().recorder()) (void)desk_->out().recorder()->flush();
  (void)link_->bus.flush();
}

/// Sources of the symbol, and of its options where these are another's, run at most their lead ahead of it.
void gamma_worker::progress(bool again) {
  const gamma_engine& engine = desk_->engine();
  timestamp until = engine.profiles_until();
  // The end is told when the last signals are given too: whoever hears it may leave.
  if (until == end_of_time && engine.signals_until() != end_of_time)
    until = std::max(told_until_, std::min(engine.signals_until(), engine.last_profile().end));
  // Sources of options alone go by the frames of feed.options that were taken; others do not look at them.
  const std::uint64_t options = desk_->taken(input::option_feed);
  const bool more = link_->plan.options.feed && options != told_options_;
  if (!more && (until == start_of_time || (!again && until == told_until_))) return;
  told_until_ = until;
  told_options_ = options;
  const wire::frame_info info{.producer = std::string(word),
                              .sequence = ++progress_sequence_,
                              .ts_first = until,
                              .ts_last = until,
                              .watermark = until};
  const bool own_feed = link_->plan.options.feed == link_->name;
  (void)link_->bus.publish(progress_subject_, wire::encode_progress({.symbol = link_->name,
                                                                     .participant = std::string(word),
                                                                     .done_until = until,
                                                                     .option_sequence = own_feed ? options : 0},
                                                                    info));
  if (option_progress_subject_.empty()) return;
  (void)link_->bus.publish(option_progress_subject_,
                           wire::encode_progress({.symbol = *link_->plan.options.chains,
                                                  .participant = std::string(word) + "/" + link_->name.str(),
                                                  .done_until = until,
                                                  .option_sequence = own_feed ? 0 : options},
                                                 info));
}

void gamma_worker::publish_latest(bool now) {
  if (!link_->kv) return;
  const auto clock = steady::now();
  if (!now && clock - stored_at_ < store_every) return;
  stored_at_ = clock;
  if (auto value = latest_gex(*link_->store, link_->bus.max_payload()))
    link_->kv->put(subjects::latest_gex_key(link_->venue, link_->name), std::move(value));
  else
    link_->measured.latest_failures.add();
}

// ---- time, calls, end ----

void gamma_worker::on(actors::context& self, const tick&) {
  self.send_after(link_->live ? live_tick : replay_tick, tick{});
  if (link_->live && !desk_->ended() && desk_->newest() != start_of_time) {
    const timestamp now = link_->clock();
    if (now - desk_->newest() < clocked_within && !catches_up())
      desk_->advance(now - milliseconds(link_->configured.lateness_ms));
  }
  ask_for_frames(true);
  give_up_epoch();
  after(self);
  if (steady::now() - beat_at_ < beat_every) return;
  beat_at_ = steady::now();
  desk_->out().heartbeat(desk_->engine().profiles_until(), desk_->engine().signals_until(), true);
  progress(true);  // a source that began later has not heard it
  tell_durable(true);
  (void)link_->bus.flush();
  report();
}

void gamma_worker::on(actors::context& self, const level_wanted& m) {
  const gamma_engine& engine = desk_->engine();
  const auto& request = m.call->request();
  const auto wanted = user_level_of(request, engine.config().tick);
  if (!wanted) return m.call->finish(to_status(wanted.error()));
  const auto free = check_free(*wanted, engine.user_levels(), engine.levels(), engine.config().levels.user_levels_max);
  if (!free) return m.call->finish(to_status(free.error()));
  if (!desk_->add(*wanted)) return m.call->finish({::grpc::StatusCode::RESOURCE_EXHAUSTED, "id: no room for a level"});
  auto& level = *m.call->response().mutable_level();
  level.set_id(wanted->id);
  level.set_kind("USER");
  level.set_price_nanos(wanted->price.value);
  m.call->finish(::grpc::Status::OK);
  after(self);
}

void gamma_worker::on(actors::context& self, const level_unwanted& m) {
  const std::string& id = m.call->request().id();
  if (!desk_->remove(id))
    return m.call->finish({::grpc::StatusCode::NOT_FOUND, "id: no level \"" + id + "\" of a user"});
  m.call->finish(::grpc::Status::OK);
  after(self);
}

void gamma_worker::on(actors::context&, const explain_wanted& m) {
  const auto done = explain(desk_->engine(), m.call->request(), m.call->response());
  m.call->finish(done ? ::grpc::Status::OK : to_status(done.error()));
}

void gamma_worker::on(actors::context&, const finish&) {
  desk_->advance(start_of_time);
  desk_->save();
  report();
  if (desk_->out().recorder()) (void)desk_->out().recorder()->sync();
  progress(true);
  (void)link_->bus.flush();
  publish_latest(true);
  link_->finished.release();
}

void gamma_worker::report() {
  gamma_metrics& m = link_->measured;
  m.set_bounds(link_->configured, link_->plan.rules);
  m.copy(desk_->engine());
  m.copy(desk_->input_counts());
  m.copy(*link_->store);
  m.held_frames.set(static_cast<double>(desk_->held()));
  m.checkpoint_age_seconds.set(desk_->checkpoint_age_seconds());
  if (!link_->live || desk_->newest() == start_of_time) return;
  m.input_lag_seconds.set(static_cast<double>((link_->clock() - desk_->newest()).value) / 1e9);
}

}  // namespace isobar::gamma_fuel
