#include "ws-hydrator/actors/hydrator_worker.hpp"

#include <cstdlib>

#include "wire/chain_codec.hpp"
#include "wire/epoch_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::ws_hydrator {
namespace {

constexpr std::string_view word = "ws-hydrator";
constexpr auto tick_every = std::chrono::milliseconds(100);
constexpr std::size_t frames_a_turn = 64;
constexpr duration_ns heartbeat_every = seconds(1);

std::string_view to_string(epoch_errc code) {
  switch (code) {
    case epoch_errc::misaligned:
      return "epoch_misaligned";
    case epoch_errc::wrong_hash:
      return "epoch_wrong_hash";
    case epoch_errc::stale:
      return "epoch_stale";
    case epoch_errc::too_many:
      return "epochs_too_many";
  }
  return "epoch";
}

/// True when frames before this one were not seen; a heartbeat's sequence is that of a frame already sent.
bool missed(bus::arrival how, const wire::frame_info& header) {
  if (how == bus::arrival::first) return header.sequence > (header.heartbeat ? 0u : 1u);
  return how == bus::arrival::gap || how == bus::arrival::restarted;
}

}  // namespace

hydrator_worker::hydrator_worker(std::shared_ptr<symbol_link> link) : link_(std::move(link)) {}

void hydrator_worker::on_start(actors::context& self) {
  symbol_link& l = *link_;
  hydrator_options o = l.options.hydrator();
  o.sequence = l.sequence;
  o.resume_from = l.closed_until;
  // A live process that starts anew begins with the present, not where the epoch once began.
  if (l.lives == 0 && l.live && l.source->clocked()) o.resume_from = l.clock() - milliseconds(l.options.lateness_ms);
  hydrator_ = std::make_unique<hydrator>(l.symbol, o, [this](const market::frozen_window& w) { emit(w); });
  out_ = std::make_unique<service::publisher>(*l.bus, std::string(word), subjects::window_frame(l.venue, l.symbol),
                                              &l.metrics->common);
  out_->resume_after(l.sequence);
  encoder_ = std::make_unique<wire::window_encoder>();
  losses_ = l.source->channel().losses();
  const bool again = l.lives++ > 0;
  if (again) {
    l.metrics->restart();
    recover();
    hydrator_->note_loss();
    self.self().send(begin{});
  }
  self.send_after(tick_every, tick{});
}

void hydrator_worker::on(actors::context& self, const begin&) {
  if (begun_) return;
  begun_ = true;
  // An epoch begins behind a chain. One that is in the store already had chains that this process has not, and the
  // newest of them may lie behind the first windows.
  if (link_->live && recover()) hydrator_->note_loss();
  link_->source->channel().on_ready([to = self.self()] { to.send(feed_ready{}); });
  // A life that failed may have left messages that were announced once and will not be again.
  for (const auto& in : link_->intakes) self.self().send(service::intake_ready{in});
  self.self().send(feed_ready{});
}

// ---- inputs ----

void hydrator_worker::on(actors::context& self, const feed_ready&) {
  if (!begun_) return;
  const std::size_t room = std::min(static_cast<std::size_t>(link_->options.batch_size), hydrator_->queue_room());
  stalled_ = room == 0;
  if (stalled_) return;
  events_.clear();
  timestamp watermark = start_of_time;
  const bool more = link_->source->channel().drain(events_, room, watermark);
  if (const std::uint64_t losses = link_->source->channel().losses(); losses != losses_) {
    losses_ = losses;
    hydrator_->note_loss();
  }
  hydrator_->apply(std::span<const feed_event>(events_));
  hydrator_->advance_quotes(watermark);
  after(self);
  if (more) self.self().send(feed_ready{});
}

void hydrator_worker::on(actors::context& self, const service::intake_ready& ready) {
  const bool more = ready.source->drain(
      [&](const bus::message& m) {
        link_->metrics->common.frames_in.add();
        switch (ready.source->tag()) {
          case chains:
            return take_chain(m);
          case epochs:
            return take_epoch(m);
          default:
            return take_resync(m);
        }
      },
      frames_a_turn);
  after(self);
  if (more) self.self().send(ready);
}

void hydrator_worker::take_chain(const bus::message& m) {
  auto frame = wire::decode_chain(m.bytes());
  if (!frame) {
    link_->metrics->common.rejected(wire::to_string(frame.error().code)).add();
    return log_.warn_limited("chain",
                             "worker refuses chain symbol=" + link_->symbol.str() + " why=" + frame.error().evidence);
  }
  if (!frame->header.heartbeat && frame->body.symbol != link_->symbol) return refuse("wrong_symbol");
  heard_chains_ = true;
  const bus::arrival how = chain_sequence_.observe(frame->header.sequence, frame->header.heartbeat);
  if (how == bus::arrival::duplicate && !frame->header.heartbeat) return refuse("duplicate");
  const bool gap = missed(how, frame->header);
  if (gap) link_->metrics->common.gaps.add();
  if (!frame->header.heartbeat) {
    // A newer complete chain says all that a lost one did.
    hydrator_->apply(std::make_shared<const market::chain_snapshot>(std::move(frame->body)));
    if (gap || resyncing_) link_->metrics->common.heals.add();
    resyncing_ = false;
  } else if (gap) {
    resyncing_ = true;
    load_chain();
  }
  hydrator_->set_input_quality(input_quality());
  hydrator_->advance_chains(frame->header.watermark);
}

void hydrator_worker::refuse(std::string_view reason) { link_->metrics->common.rejected(reason).add(); }

void hydrator_worker::take_epoch(const bus::message& m) {
  auto frame = wire::decode_epoch(m.bytes());
  if (!frame) {
    link_->metrics->common.rejected(wire::to_string(frame.error().code)).add();
    return log_.warn_limited("epoch",
                             "worker refuses epoch symbol=" + link_->symbol.str() + " why=" + frame.error().evidence);
  }
  if (!frame->header.heartbeat && frame->body.epoch.symbol != link_->symbol) return refuse("wrong_symbol");
  if (frame->header.watermark > epochs_told_) {
    // One that only repeats itself is as silent as none: it waits for chains, and windows would wait with it.
    epochs_told_ = frame->header.watermark;
    heard_epochs_ = true;
  }
  const bus::arrival how = epoch_sequence_.observe(frame->header.sequence, frame->header.heartbeat);
  if (how == bus::arrival::duplicate && !frame->header.heartbeat) return refuse("duplicate");
  if (missed(how, frame->header)) {
    link_->metrics->common.gaps.add();
    load_epoch();
    link_->metrics->common.heals.add();
  }
  if (!frame->header.heartbeat) accept(frame->body.epoch);
  hydrator_->advance_epochs(frame->header.watermark);
}

void hydrator_worker::accept(const market::epoch& e) {
  if (e.state == market::epoch::state::retired) return;
  const bool known = hydrator_->newest() != nullptr && hydrator_->newest()->epoch().id >= e.id;
  if (const auto taken = hydrator_->apply(e); !taken) {
    link_->metrics->common.rejected(to_string(taken.error().code)).add();
    problem_ = std::string(to_string(taken.error().code)) + ": " + taken.error().evidence;
    log_.error("worker refuses epoch symbol=" + link_->symbol.str() + " why=" + problem_);
    return;
  }
  problem_.clear();
  if (!known) link_->view->add_board(std::make_shared<const market::epoch>(e));
  wire::epoch_ack ack;
  ack.symbol = link_->symbol;
  ack.epoch_id = e.id;
  ack.participant = word;
  ack.pause = duration_ns{std::exchange(link_->switch_pause_last_ns, 0)};
  wire::frame_info info;
  info.producer = word;
  info.sequence = e.id;
  info.ts_first = info.ts_last = info.watermark = e.effective_from;
  const auto sent =
      link_->bus->publish(subjects::epoch_ack(link_->venue, link_->symbol), wire::encode_epoch_ack(ack, info));
  if (!sent) log_.warn_limited("ack", "worker cannot acknowledge epoch why=" + sent.error().evidence);
}

void hydrator_worker::take_resync(const bus::message& m) {
  const auto request = wire::decode_resync(m.bytes());
  if (!request || request->symbol != link_->symbol) {
    link_->metrics->common.rejected(request ? "bad_symbol" : wire::to_string(request.error().code)).add();
    return;
  }
  hydrator_->request_base();
  if (!m.reply_to.empty() && !link_->bus->reply(m, {})) log_.warn_limited("reply", "worker cannot answer a resync");
}

// ---- recovery ----

bool hydrator_worker::recover() {
  const bool found = load_epoch();
  load_chain();
  return found;
}

bool hydrator_worker::load_epoch() {
  const auto bucket = link_->bus->bucket(subjects::epochs_bucket, {.create = false});
  if (!bucket) return false;
  const auto entry = (*bucket)->get(subjects::active_epoch_key(link_->venue, link_->symbol));
  if (!entry || entry->deleted) return false;
  const auto frame = wire::decode_epoch(entry->value);
  if (frame) accept(frame->body.epoch);
  return frame.has_value();
}

void hydrator_worker::load_chain() {
  const auto bucket = link_->bus->bucket(subjects::chains_bucket, {.create = false});
  if (!bucket) return;
  const auto entry = (*bucket)->get(subjects::latest_chain_key(link_->venue, link_->symbol));
  if (!entry || entry->deleted) return;
  auto frame = wire::decode_chain(entry->value);
  if (!frame || frame->header.heartbeat) return;
  hydrator_->apply(std::make_shared<const market::chain_snapshot>(std::move(frame->body)));
  resyncing_ = false;
}

// ---- output ----

void hydrator_worker::emit(const market::frozen_window& w) {
  link_->sequence = w.sequence;
  link_->closed_until = w.end;
  told_until_ = w.end;
  const auto sent =
      out_->publish({.watermark = w.end}, [&](const wire::frame_info& info) { return encoder_->encode(w, info); });
  if (!sent) log_.warn_limited("publish", "worker cannot publish a window why=" + sent.error().evidence);
  link_->view->push(w);
  link_->metrics->common.revision.set(static_cast<double>(w.end.ns / 1'000'000));
  if (!link_->live || !link_->clock) return;
  timestamp newest = w.start;
  for (const market::contract_row& r : w.rows) newest = std::max(newest, r.state.ts_quote);
  const timestamp now = link_->clock();
  link_->metrics->common.end_to_end_age_seconds.observe(static_cast<double>((now - newest).value) / 1e9);
  link_->metrics->common.input_lag_seconds.set(static_cast<double>((now - newest).value) / 1e9);
}

void hydrator_worker::after(actors::context& self) {
  track_switch();
  link_->closed_until =
      std::max(link_->closed_until, std::min(hydrator_->closed_until(), timestamp{end_of_time.ns - 1}));
  heartbeat(heartbeat_every);
  if (const auto flushed = link_->bus->flush(); !flushed)
    log_.warn_limited("flush", "worker cannot flush why=" + flushed.error().evidence);
  if (stalled_ && hydrator_->queue_room() > 0) {
    stalled_ = false;
    self.self().send(feed_ready{});
  }
}

void hydrator_worker::heartbeat(duration_ns at_least) {
  const timestamp until = hydrator_->closed_until();
  if (until <= told_until_) return;
  const bool due = told_until_ == start_of_time || until == end_of_time || (until - told_until_) >= at_least;
  if (!due) return;
  told_until_ = until;
  const auto quality = market::worst(hydrator_->options().source_quality, input_quality());
  if (const auto sent = out_->heartbeat(until, quality); !sent)
    log_.warn_limited("publish", "worker cannot publish a heartbeat why=" + sent.error().evidence);
}

void hydrator_worker::track_switch() {
  const auto now = std::chrono::steady_clock::now();
  if (hydrator_->blocked_by_switch()) {
    if (!blocked_since_) blocked_since_ = now;
    return;
  }
  const std::uint64_t switches = hydrator_->counts().switches;
  if (switches != switches_) {
    switches_ = switches;
    const std::int64_t pause =
        blocked_since_ ? std::chrono::duration_cast<std::chrono::nanoseconds>(now - *blocked_since_).count() : 0;
    link_->switch_pause_last_ns = pause;
    link_->switch_pause_max_ns = std::max(link_->switch_pause_max_ns, pause);
    link_->metrics->switch_pause_seconds.observe(static_cast<double>(pause) / 1e9);
    link_->metrics->common.epoch.set(static_cast<double>(hydrator_->epoch_id()));
    log_.info("worker switches epoch symbol=" + link_->symbol.str() +
              " epoch=" + std::to_string(hydrator_->epoch_id()) + " pause_us=" + std::to_string(pause / 1000));
  }
  blocked_since_.reset();
}

void hydrator_worker::follow_filter() {
  const board* newest = hydrator_->newest();
  if (newest == nullptr) return;
  const price spot = hydrator_->spot();
  const bool moved = not_subscribed_ > 0 && spot != market::no_price &&
                     (filtered_spot_ == market::no_price ||
                      std::llabs(spot.value - filtered_spot_.value) > std::llabs(filtered_spot_.value) / 1000);
  const std::uint64_t now = newest->epoch().id * 2 + (newest == hydrator_->current());
  if (now == filtered_epoch_ && !moved) return;
  filtered_epoch_ = now;
  filtered_spot_ = spot;
  const auto cap = static_cast<std::size_t>(link_->options.quotes_max);
  subscription_plan plan = plan_subscription(*newest, spot, cap);
  not_subscribed_ = plan.not_subscribed;
  if (hydrator_->current() != nullptr && hydrator_->current() != newest) {
    // Until the switch, contracts that will leave stay subscribed while there is room for them.
    const subscription_plan old = plan_subscription(*hydrator_->current(), spot, cap);
    for (const contract_key k : diff_subscription(plan.wanted, old.wanted).add)
      if (plan.wanted.size() < cap) plan.wanted.push_back(k);
  }
  link_->metrics->not_subscribed.set(static_cast<double>(not_subscribed_));
  link_->source->set_filter(std::move(plan.wanted));
}

void hydrator_worker::on(actors::context& self, const tick&) {
  self.send_after(tick_every, tick{});
  if (begun_ && link_->live && link_->source->clocked()) {
    const timestamp now = link_->clock();
    go_on_without_silent_inputs(now);
    hydrator_->advance_quotes(now - milliseconds(link_->options.lateness_ms));
  }
  after(self);
  heartbeat(duration_ns{1});
  if (const auto flushed = link_->bus->flush(); !flushed) log_.debug("worker cannot flush");
  follow_filter();
  report();
}

market::quality hydrator_worker::input_quality() const {
  return market::worst(resyncing_ ? market::quality::resyncing : market::quality::ok,
                       silent_ ? market::quality::stale : market::quality::ok);
}

/// Their watermarks follow the clock then: the last chain and the last epoch stand, and windows say that they are
/// stale.
void hydrator_worker::go_on_without_silent_inputs(timestamp now) {
  const duration_ns wait = milliseconds(link_->options.side_input_wait_ms);
  if (std::exchange(heard_chains_, false)) chains_heard_at_ = now;
  if (std::exchange(heard_epochs_, false)) epochs_heard_at_ = now;
  const bool chains_silent = now - chains_heard_at_ > wait, epochs_silent = now - epochs_heard_at_ > wait;
  const bool silent = hydrator_->current() != nullptr && (chains_silent || epochs_silent);
  if (silent != silent_)
    log_.warn(std::string("worker ") + (silent ? "goes on without" : "hears again") +
              " chains or epochs symbol=" + link_->symbol.str());
  silent_ = silent;
  hydrator_->set_input_quality(input_quality());
  if (!silent) return;
  const timestamp until = now - milliseconds(link_->options.lateness_ms);
  if (chains_silent) hydrator_->advance_chains(until);
  if (epochs_silent) hydrator_->advance_epochs(until);
}

void hydrator_worker::report() {
  const source_status feed = link_->source->status();
  link_->metrics->copy(hydrator_->counts(), feed, link_->source->channel().dropped());
  link_->metrics->depths(link_->source->channel().depth(), hydrator_->queued(), hydrator_->queued_chains());
  symbol_view::status s;
  s.counts = hydrator_->counts();
  s.source = link_->source->kind();
  s.feed = feed;
  s.not_subscribed = static_cast<std::uint32_t>(not_subscribed_);
  s.switch_pause_max_ns = link_->switch_pause_max_ns;
  s.has_epoch = hydrator_->current() != nullptr;
  s.closed_until = hydrator_->closed_until();
  s.problem = problem_.empty() && silent_ ? "no word from chain-ingest or epoch-manager" : problem_;
  link_->view->set_status(std::move(s));
}

}  // namespace isobar::ws_hydrator
