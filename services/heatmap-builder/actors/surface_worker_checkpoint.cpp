#include <algorithm>

#include "heatmap-builder/actors/checkpoint.hpp"
#include "heatmap-builder/actors/surface_worker.hpp"
#include "telemetry/log.hpp"
#include "wire/epoch_codec.hpp"
#include "wire/feed_codec.hpp"
#include "wire/subjects.hpp"

// A symbol that moves between processes: its checkpoints, and the rows that a worker missed meanwhile.
namespace isobar::heatmap_builder {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::string_view producer = "heatmap-builder";
constexpr auto ask_again_every = std::chrono::milliseconds(100);

const telemetry::logger& log() {
  static const telemetry::logger l{std::string(producer)};
  return l;
}

std::shared_ptr<const board> board_of(const std::string& bytes, const symbol& s) {
  const auto record = wire::decode_epoch(bytes);
  if (!record || record->body.epoch.symbol != s) return nullptr;
  auto made = board::make(record->body.epoch);
  return made ? *made : nullptr;
}

}  // namespace

// ---- checkpoints ----

void surface_worker::remember_epoch(const market::epoch& e) {
  if (!r_->place) return;
  epochs_[e.id] = wire::encode_epoch({e, {}, {}}, {.producer = std::string(producer), .sequence = e.id});
  const std::uint64_t in_force = surface_.active() ? surface_.active()->epoch : 0;
  std::erase_if(epochs_, [&](const auto& known) { return known.first < in_force; });
}

void surface_worker::save_if_due() {
  const options& o = r_->configured;
  if (!r_->place || o.checkpoint_windows == 0) return;
  if (++windows_since_ < o.checkpoint_windows && !r_->place->checkpoints->doubtful()) return;
  if (saved_at_ != steady::time_point{} && steady::now() - saved_at_ < std::chrono::milliseconds(o.checkpoint_ms_min))
    return;
  save();
}

/// Nothing while windows wait or are missing: whoever goes on would not have them.
void surface_worker::save() {
  if (!r_->place || r_->configured.checkpoint_windows == 0 || r_->stands_by()) return;
  if (!surface_.active() || held_.size() > 0 || lost_ || surface_.base_awaited()) return;
  const auto in_force = epochs_.find(surface_.active()->epoch);
  if (in_force == epochs_.end()) return;
  const auto start = steady::now();
  windows_since_ = 0;
  saved_at_ = start;
  checkpoint c{.symbol = r_->name.str(),
               .assumptions = r_->configured.assumptions(),
               .frame = last_frame(),
               .epochs = {},
               .surface = {},
               .gradient = r_->configured.gradient,
               .gradients = {}};
  for (auto e = in_force; e != epochs_.end(); ++e) c.epochs.push_back(e->second);
  surface_.save(c.surface);
  for (const gradient_plane& g : gradients_) c.gradients.push_back(g.sequence());
  const std::string bytes = encode(c);
  if (const auto why = r_->place->checkpoints->write(bytes)) {
    r_->measured.checkpoint_failures.add();
    log().warn_limited("checkpoint " + r_->name.str(),
                       "checkpoint not written symbol=" + r_->name.str() + " error=\"" + *why + "\"");
    return;
  }
  r_->measured.checkpoints.add();
  r_->measured.checkpoint_bytes.set(static_cast<double>(bytes.size()));
  r_->measured.checkpoint_seconds.observe(std::chrono::duration<double>(steady::now() - start).count());
  // The older one must be able to stand in for the newest.
  if (const std::uint64_t durable = std::exchange(durable_, c.frame); durable > 0) release(durable + 1);
}

bool surface_worker::resume() {
  for (int generation = 0; generation < 2; ++generation) {
    const auto stored = r_->place->checkpoints->read(generation);
    if (!stored) continue;
    std::string why = *stored ? "" : stored->error().evidence;
    if (why.empty() && restore(**stored, why)) return true;
    r_->measured.checkpoints_refused.add();
    log().warn("checkpoint refused symbol=" + r_->name.str() + " place=" + r_->place->checkpoints->place(generation) +
               " reason=\"" + why + "\"");
  }
  return false;
}

bool surface_worker::restore(std::string_view bytes, std::string& why) {
  const auto c = decode_checkpoint(bytes);
  const auto refuse = [&why](std::string reason) {
    why = std::move(reason);
    return false;
  };
  if (!c || c->epochs.empty()) return refuse("it is of another version");
  if (c->symbol != r_->name.str()) return refuse("it is of symbol " + c->symbol);
  if (c->assumptions != r_->configured.assumptions()) return refuse("its rules are " + c->assumptions);
  const auto in_force = board_of(c->epochs.front(), r_->name);
  if (!in_force) return refuse("its epoch has no board");
  if (c->gradient != r_->configured.gradient || (c->gradient && c->gradients.size() != in_force->planes.size()))
    return refuse("it was made with another --heatmap-builder.gradient");
  if (!surface_.restore(c->surface, in_force)) return refuse("the surface cannot be read");
  switch_gradients();
  for (std::size_t i = 0; i < gradients_.size(); ++i) gradients_[i].resume(c->gradients[i], surface_.published_of(i));
  epochs_[in_force->epoch] = c->epochs.front();
  for (std::size_t i = 1; i < c->epochs.size(); ++i)
    if (const auto record = wire::decode_epoch(c->epochs[i])) prepare_board(record->body.epoch);
  follower_.resume_after(c->frame);
  durable_ = c->frame;
  r_->store->begin_at(surface_.snapshot());
  log().info("worker goes on symbol=" + r_->name.str() + " frame=" + std::to_string(c->frame) +
             " revision=" + std::to_string(surface_.snapshot()->revision));
  return true;
}

// ---- rows that were missed ----

/// Replay: frames that a worker misses are kept by the decomposer, and asked for. Live, a base window makes up for
/// them.
bool surface_worker::follows() const { return r_->place && !r_->live; }

std::uint64_t surface_worker::last_frame() const { return follows() ? follower_.last() : sequence_.last(); }

/// False: a frame, or a heartbeat, that is not to be taken.
bool surface_worker::follow_kept(actors::context& self, const wire::frame_info& frame) {
  using verdict = service::frame_follower::verdict;
  const auto how = follower_.observe(frame.sequence, frame.heartbeat);
  if (how == verdict::gap) {
    r_->measured.gaps.add();
    if (!rows_.header.base || frame.heartbeat) lose_input(self);
  }
  if (how == verdict::repeat && !frame.heartbeat) r_->measured.rejected("duplicate").add();
  ask_for_missing(self);
  return how == verdict::next || how == verdict::gap;
}

void surface_worker::ask_for_missing(actors::context& self) {
  if (follower_.wants()) ask(wire::refill_purpose::want, follower_.next());
  if (!follower_.missing() || std::exchange(asking_, true)) return;
  self.send_after(ask_again_every, refill_due{});
}

void surface_worker::on(actors::context& self, const refill_due&) {
  asking_ = false;
  if (follower_.again()) ask(wire::refill_purpose::want, follower_.next());
  ask_for_missing(self);
}

/// The decomposer says from where on it keeps rows.
void surface_worker::take_resync(actors::context& self, std::string_view bytes) {
  const auto said = wire::decode_refill_request(bytes);
  if (!said || said->purpose != wire::refill_purpose::kept || said->subject != rows_subject_) return;
  if (!follower_.kept_from(said->from_sequence)) return;
  r_->measured.gaps.add();
  lose_input(self);
}

void surface_worker::release(std::uint64_t from) {
  if (!r_->live) ask(wire::refill_purpose::release, from);
}

void surface_worker::ask(wire::refill_purpose purpose, std::uint64_t sequence) {
  if (purpose == wire::refill_purpose::want) r_->measured.refill_requests.add();
  (void)r_->bus.publish(subjects::feed_resync(r_->venue, r_->name),
                        wire::encode_refill_request({.symbol = r_->name,
                                                     .requester = std::string(producer),
                                                     .from_sequence = sequence,
                                                     .subject = rows_subject_,
                                                     .purpose = purpose}));
  (void)r_->bus.flush();
}

// ---- the end ----

void surface_worker::on(actors::context& self, const finish& m) {
  if (m.save) save();
  (void)r_->bus.flush();
  if (!m.ended) return;
  m.ended->set_value();
  self.quit();
}

}  // namespace isobar::heatmap_builder
