#include "heatmap-builder/actors/surface_worker.hpp"

#include <algorithm>

#include "telemetry/log.hpp"
#include "wire/model_codec.hpp"
#include "wire/progress_codec.hpp"
#include "wire/subjects.hpp"
#include "wire/window_codec.hpp"

namespace isobar::heatmap_builder {
namespace {

constexpr std::string_view producer = "heatmap-builder";
/// Frames after which a worker that keeps no checkpoints says that it needs none of them again.
constexpr std::int64_t release_every = 64;
constexpr std::chrono::seconds progress_every{1};

const telemetry::logger& log() {
  static const telemetry::logger l{std::string(producer)};
  return l;
}

std::int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double age_seconds(timestamp t) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() - t.ns) / 1e9;
}

std::string_view to_string(board_errc e) {
  switch (e) {
    case board_errc::bad_ladder:
      return "bad_ladder";
    case board_errc::bad_widths:
      return "bad_widths";
    case board_errc::too_many_tiles:
      return "too_many_tiles";
  }
  return "bad_board";
}

}  // namespace

surface_worker::surface_worker(std::shared_ptr<worker_resources> r)
    : r_(std::move(r)),
      surface_(r_->configured.surface()),
      held_(static_cast<std::size_t>(r_->configured.held_windows_max),
            static_cast<std::size_t>(r_->configured.held_rows_max)),
      rows_subject_(subjects::model_heatmap(r_->venue, r_->name)),
      tiles_subject_(subjects::heatmap_tiles(r_->venue, r_->name)),
      gradient_subject_(subjects::heatmap_gradient(r_->venue, r_->name)),
      progress_subject_(subjects::control_progress(r_->venue, r_->name)),
      ack_subject_(subjects::epoch_ack(r_->venue, r_->name)),
      resync_subject_(subjects::window_resync(r_->venue, r_->name)) {
  if (const auto view = r_->store->latest()) surface_.resume(view->snapshot);
}

void surface_worker::on_start(actors::context& self) {
  if (r_->place) (void)resume();
  // Rows behind the checkpoint, or all of them, may have gone by already.
  if (follows()) ask(wire::refill_purpose::want, follower_.next());
  r_->intakes.wake(self.self());
  load_epoch(self, 0);
  if (!r_->live) self.send_after(progress_every, progress_due{});
}

void surface_worker::on(actors::context& self, const service::intake_ready& m) {
  const int from = m.source->tag();
  const bool more = m.source->drain([&](const bus::message& message) {
    r_->measured.frames_in.add();
    if (from == rows_intake)
      take_rows(self, message.bytes());
    else if (from == epochs_intake)
      take_epoch(self, message.bytes());
    else
      take_resync(self, message.bytes());
  });
  if (more)
    self.self().send(m);
  else
    (void)r_->bus.flush();
}

void surface_worker::on(actors::context& self, const epoch_found& m) {
  if (m.record.epoch.symbol != r_->name) return;
  prepare(self, m.record.epoch);
  (void)r_->bus.flush();
}

void surface_worker::on(actors::context& self, const resync_due& m) {
  if (m.generation != resync_generation_ || !resync_open_) return;
  if (held_.epoch() != 0) load_epoch(self, held_.epoch());
  if (!surface_.active()) load_epoch(self, 0);
  ask_for_base(self);
}

void surface_worker::take_rows(actors::context& self, std::string_view bytes) {
  const auto frame = wire::decode_model(bytes, rows_);
  if (!frame) {
    r_->measured.rejected(wire::to_string(frame.error().code)).add();
    log().warn_limited("rows " + r_->name.str(),
                       "rows refused symbol=" + r_->name.str() + " error=" + frame.error().evidence);
    return;
  }
  r_->heard_ns = steady_ns();
  r_->input_ended = frame->watermark == end_of_time;
  if (follows() && !follow_kept(self, *frame)) return;
  const bool known = follows() || follow_sequence(self, *frame);
  if (frame->heartbeat) {
    heartbeat(frame->watermark, frame->quality);
    return;
  }
  if (known && rows_.header.symbol == r_->name) {
    if (held_.size() > 0 || !apply(self, rows_)) hold(self, std::move(rows_));
  } else {
    r_->measured.rejected(known ? "wrong_symbol" : "duplicate").add();
  }
  report_progress(frame->watermark);
  if (!r_->place && ++released_ % release_every == 0) release(frame->sequence + 1);
}

bool surface_worker::follow_sequence(actors::context& self, const wire::frame_info& frame) {
  // A base window makes up for whatever came before it; so does nothing else.
  const bool healed = !frame.heartbeat && rows_.header.base;
  const bool anything_before = frame.heartbeat ? frame.sequence > 0 : frame.sequence > 1;
  switch (sequence_.observe(frame.sequence, frame.heartbeat)) {
    case bus::arrival::next:
      return true;
    case bus::arrival::duplicate:
      return false;
    case bus::arrival::first:
      if (anything_before && !healed) lose_input(self);
      return true;
    case bus::arrival::restarted:
      if (!healed && (!frame.heartbeat || anything_before)) lose_input(self);
      return true;
    case bus::arrival::gap:
      r_->measured.gaps.add();
      if (!healed) lose_input(self);
      return true;
  }
  return true;
}

bool surface_worker::apply(actors::context& self, const market::heatmap_rows& rows) {
  const bool switches = !surface_.active() || rows.header.epoch != surface_.active()->epoch;
  const auto start = std::chrono::steady_clock::now();
  switch (surface_.apply(rows)) {
    case apply_outcome::applied:
      if (switches) pause_ = std::chrono::steady_clock::now() - start;
      emit(rows);
      break;
    case apply_outcome::unknown_epoch:
      return false;
    case apply_outcome::retired_epoch:
      r_->measured.rejected("retired_epoch").add();
      break;
    case apply_outcome::late:
      r_->measured.rejected("late_window").add();
      break;
    case apply_outcome::base_needed:
      r_->measured.rejected("base_needed").add();
      lose_input(self);
      break;
  }
  return true;
}

void surface_worker::hold(actors::context& self, market::heatmap_rows&& rows) {
  // The epoch's announcement may have been lost: look for it in the store until it is there.
  load_epoch(self, rows.header.epoch);
  if (!held_.hold(std::move(rows))) {
    r_->measured.rejected("held_overflow").add();
    lose_input(self);
  } else if (!resync_open_) {
    resync_open_ = true;
    resync_wait_ = std::chrono::milliseconds(r_->configured.resync_ms);
    self.send_after(resync_wait_, resync_due{++resync_generation_});
  }
  r_->measured.held_windows.set(static_cast<double>(held_.size()));
}

void surface_worker::release_held(actors::context& self) {
  while (auto rows = held_.take()) {
    if (apply(self, *rows)) continue;
    held_.put_back(std::move(*rows));
    break;
  }
  r_->measured.held_windows.set(static_cast<double>(held_.size()));
}

void surface_worker::emit(const market::heatmap_rows& rows) {
  const window_delta& d = surface_.delta();
  const auto& snapshot = surface_.snapshot();
  metrics& m = r_->measured;
  switch_gradients();
  if (held_.size() == 0) resync_open_ = false;
  if (lost_) {
    lost_ = false;
    m.heals.add();
    log().info("surface healed symbol=" + r_->name.str() + " revision=" + std::to_string(d.revision));
  }
  r_->store->set_resyncing(false);
  r_->store->publish(snapshot, rows);
  for (const plane_delta* plane : d.planes) {
    encoder_.encode(d, *plane, frame_);
    publish(tiles_subject_, frame_);
    m.tiles_changed.add(plane->changed.size());
    m.tiles_removed.add(plane->removed.size());
    if (r_->configured.gradient) emit_gradient(*plane);
  }
  m.windows.add();
  m.rows.add(rows.rows.size());
  m.tiles_evaluated.add(d.tiles_evaluated);
  if (d.rows_rejected > 0) m.rejected("unknown_contract").add(d.rows_rejected);
  m.epoch.set(static_cast<double>(d.board->epoch));
  m.revision.set(static_cast<double>(d.revision));
  m.valid_tiles.set(static_cast<double>(snapshot->valid_tiles()));
  m.listed_tiles.set(static_cast<double>(d.board->listed_tiles));
  m.history_windows.set(static_cast<double>(r_->store->history_windows()));
  m.history_bytes.set(static_cast<double>(r_->store->history_bytes()));
  if (r_->live) {
    m.input_lag_seconds.set(age_seconds(d.window_end));
    m.end_to_end_age_seconds.observe(age_seconds(d.window_end));
  }
  if (r_->configured.kv && !r_->stands_by() && (d.base || d.window_end.ns >= next_model_ns_)) {
    next_model_ns_ = d.window_end.ns + milliseconds(r_->configured.kv_interval_ms).value;
    r_->kv.store_model(snapshot);
  }
  save_if_due();
}

void surface_worker::switch_gradients() {
  if (!r_->configured.gradient || gradient_board_ == surface_.active().get()) return;
  gradient_board_ = surface_.active().get();
  gradients_.clear();
  for (std::uint32_t i = 0; i < gradient_board_->planes.size(); ++i)
    gradients_.emplace_back(gradient_board_->planes[i], i);
}

void surface_worker::emit_gradient(const plane_delta& d) {
  const gradient_delta* g = gradients_[d.plane].apply(d, surface_.published_of(d.plane));
  if (!g) return;
  encoder_.encode_gradient(surface_.delta(), *g, frame_);
  publish(gradient_subject_, frame_);
  r_->measured.gradient_cells.add(g->changed.size() + g->removed.size());
}

void surface_worker::publish(const std::string& subject, std::string& bytes) {
  const std::size_t size = bytes.size();
  if (const auto sent = r_->bus.publish(subject, bytes); !sent) {
    r_->measured.rejected("not_published").add();
    log().warn_limited(subject, "bus refused frame subject=" + subject + " bytes=" + std::to_string(size) +
                                    " error=" + std::string(bus::to_string(sent.error().code)));
    return;
  }
  r_->measured.frames_out.add();
  r_->measured.frame_bytes.observe(static_cast<double>(size));
}

void surface_worker::heartbeat(timestamp watermark, market::quality quality) {
  // The end of the input is the last chance to keep the newest model.
  if (watermark == end_of_time && r_->configured.kv && !r_->stands_by() && surface_.snapshot())
    r_->kv.store_model(surface_.snapshot());
  const std::string bytes =
      wire::encode_heartbeat({.producer = std::string(producer), .quality = quality, .watermark = watermark});
  (void)r_->bus.publish(tiles_subject_, bytes);
  if (r_->configured.gradient) (void)r_->bus.publish(gradient_subject_, bytes);
  report_progress(watermark);
}

void surface_worker::on(actors::context& self, const progress_due&) {
  const auto now = std::chrono::steady_clock::now();
  if (now - repeated_at_ < progress_every / 2) return;  // of a life before: one is enough
  repeated_at_ = now;
  if (done_until_ != start_of_time) {
    report_progress(done_until_);
    (void)r_->bus.flush();
  }
  self.send_after(progress_every, progress_due{});
}

void surface_worker::report_progress(timestamp done_until) {
  done_until_ = done_until;
  const wire::frame_info info{.producer = std::string(producer),
                              .sequence = ++progress_sequence_,
                              .ts_first = done_until,
                              .ts_last = done_until,
                              .watermark = done_until};
  (void)r_->bus.publish(
      progress_subject_,
      wire::encode_progress({.symbol = r_->name, .participant = std::string(producer), .done_until = done_until},
                            info));
}

void surface_worker::take_epoch(actors::context& self, std::string_view bytes) {
  const auto record = wire::decode_epoch(bytes);
  if (!record) {
    r_->measured.rejected(wire::to_string(record.error().code)).add();
    log().warn_limited("epoch " + r_->name.str(),
                       "epoch refused symbol=" + r_->name.str() + " error=" + record.error().evidence);
    return;
  }
  if (record->header.heartbeat) return;
  if (record->body.epoch.symbol != r_->name) {
    r_->measured.rejected("wrong_symbol").add();
    return;
  }
  prepare(self, record->body.epoch);
}

void surface_worker::prepare(actors::context& self, const market::epoch& e) {
  switch (prepare_board(e)) {
    case prepare_outcome::prepared:
    case prepare_outcome::known:
      break;
    case prepare_outcome::retired:
    case prepare_outcome::full:
      return;
  }
  acknowledge(e.id);
  if (held_.size() > 0) release_held(self);
}

/// An epoch that has no board is as one that is retired.
prepare_outcome surface_worker::prepare_board(const market::epoch& e) {
  auto made = board::make(e);
  if (!made) {
    r_->measured.rejected(to_string(made.error().code)).add();
    log().warn_limited("board " + r_->name.str(), "epoch has no board symbol=" + r_->name.str() + " epoch=" +
                                                      std::to_string(e.id) + " error=" + made.error().evidence);
    return prepare_outcome::retired;
  }
  const auto outcome = surface_.prepare(*made);
  if (outcome == prepare_outcome::full) r_->measured.rejected("epochs_full").add();
  if (outcome == prepare_outcome::prepared || outcome == prepare_outcome::known) remember_epoch(e);
  if (outcome == prepare_outcome::prepared)
    log().info("epoch prepared symbol=" + r_->name.str() + " epoch=" + std::to_string(e.id) +
               " planes=" + std::to_string((*made)->planes.size()) + " tiles=" + std::to_string((*made)->listed_tiles));
  return outcome;
}

void surface_worker::acknowledge(std::uint64_t epoch) {
  const wire::epoch_ack ack{
      .symbol = r_->name, .epoch_id = epoch, .participant = std::string(producer), .pause = {pause_.count()}};
  (void)r_->bus.publish(ack_subject_,
                        wire::encode_epoch_ack(ack, {.producer = std::string(producer), .sequence = ++ack_sequence_}));
}

void surface_worker::lose_input(actors::context& self) {
  surface_.lose_input();
  r_->store->set_resyncing(true);
  if (lost_) return;
  lost_ = resync_open_ = true;
  resync_wait_ = std::chrono::milliseconds(r_->configured.resync_ms);
  log().warn_limited("gap " + r_->name.str(), "surface waits for a base window symbol=" + r_->name.str());
  ask_for_base(self);
}

void surface_worker::ask_for_base(actors::context& self) {
  self.send_after(resync_wait_, resync_due{++resync_generation_});
  resync_wait_ = std::min(2 * resync_wait_, std::chrono::milliseconds(r_->configured.resync_ms_max));
  if (!lost_) return;  // only the epoch is missing
  r_->measured.resync_requests.add();
  r_->bus.request_async(resync_subject_, wire::encode_resync({.symbol = r_->name, .requester = std::string(producer)}),
                        std::chrono::milliseconds(r_->configured.resync_ms_max), [](bus::result<bus::message>) {});
}

void surface_worker::load_epoch(actors::context& self, std::uint64_t id) {
  r_->kv.load_epoch(r_->name, id, [worker = self.self()](wire::epoch_record record) {
    worker.send(epoch_found{std::move(record)}, actors::lane::control);
  });
}

}  // namespace isobar::heatmap_builder
