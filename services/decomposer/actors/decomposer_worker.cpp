#include "decomposer/actors/decomposer_worker.hpp"

#include <algorithm>

#include "wire/feed_codec.hpp"
#include "wire/model_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::decomposer {
namespace {

duration_ns monotonic_now() { return {std::chrono::steady_clock::now().time_since_epoch().count()}; }

double seconds_since(timestamp t) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now - std::chrono::nanoseconds(t.ns)).count();
}

}  // namespace

std::string model_subject(std::string_view model, std::string_view venue, const symbol& s) {
  for (const auto& entry : subjects::all_subjects)
    if (entry.pattern.starts_with("isobar.model.") && entry.pattern.ends_with("." + std::string(model)))
      return subjects::subject(entry.kind, venue, s);
  ISOBAR_ASSERT(!"every model of the registry has a subject in proto/subjects.yaml");
  return {};
}

decomposer_worker::decomposer_worker(symbol s, std::shared_ptr<worker_links> links)
    : symbol_(std::move(s)), links_(std::move(links)) {
  for (std::size_t i = 0; i < models::size; ++i) subjects_[i] = model_subject(models::names[i], links_->venue, symbol_);
}

void decomposer_worker::on_start(actors::context& self) { links_->intakes.wake(self.self()); }

void decomposer_worker::on(actors::context& self, const service::intake_ready& m) {
  const bool more = m.source->drain([&](const bus::message& b) {
    if (m.source->tag() == resync_tag)
      take_resync(b);
    else
      take(b);
  });
  if (more) self.self().send(m);
  ask_for_base(self);
  if (!more) (void)links_->bus.flush();
}

void decomposer_worker::on(actors::context& self, const resync_tick&) {
  ticking_ = false;
  ask_for_base(self);
  (void)links_->bus.flush();
}

void decomposer_worker::take(const bus::message& m) {
  links_->metrics.frames_in.add();
  const auto header = decoder_.decode(m.bytes(), window_);
  if (!header) return refuse(wire::to_string(header.error().code), header.error().evidence);
  if (!header->heartbeat && window_.symbol != symbol_) return refuse("wrong_symbol", window_.symbol.str());
  const auto arrived = sequence_.observe(header->sequence, header->heartbeat);
  if (arrived == bus::arrival::duplicate) return refuse("duplicate", "window " + std::to_string(header->sequence));
  if (arrived == bus::arrival::gap) links_->metrics.gaps.add();
  if (arrived == bus::arrival::gap || arrived == bus::arrival::restarted) resync_.gap();
  watch_sequence(*header, window_.base && !header->heartbeat);
  if (header->heartbeat)
    pass_heartbeat(*header);
  else
    project(*header);
}

/// Outputs are whole again with a base window; a stream joined in its middle is not whole.
void decomposer_worker::watch_sequence(const wire::frame_info& header, bool base) {
  if (base) {
    based_ = true;
    if (resync_.healed()) links_->metrics.heals.add();
  } else if (!based_ && header.sequence != 0) {
    resync_.gap();
  }
  links_->metrics.resyncing.set(resync_.missing() ? 1 : 0);
}

void decomposer_worker::pass_heartbeat(const wire::frame_info& header) {
  auto info = header;
  info.producer = "decomposer";
  if (resync_.missing()) info.quality = market::worst(info.quality, market::quality::gap);
  const auto bytes = wire::encode_heartbeat(info);
  told_ = info;
  for (const auto& subject : subjects_) (void)links_->bus.publish(subject, bytes);
}

/// Consumers that lack frames ask for them, or say which they need no more.
void decomposer_worker::take_resync(const bus::message& m) {
  const auto asked = wire::decode_refill_request(m.bytes());
  if (!asked) return refuse(wire::to_string(asked.error().code), asked.error().evidence);
  for (const auto& kept : links_->kept)
    if (kept && kept->answer(*asked) && told_.sequence > 0)
      (void)links_->bus.publish(kept->subject(), wire::encode_heartbeat(told_));
}

void decomposer_worker::project(const wire::frame_info& header) {
  auto& metrics = links_->metrics;
  if (resync_.missing()) window_.quality = market::worst(window_.quality, market::quality::gap);
  wire::frame_info info{.producer = "decomposer"};
  info.watermark = header.watermark;
  models::each([&]<class Model>(std::size_t i) {
    const auto rows = Model::project(window_);
    auto bytes = wire::encode_model(rows, info);
    metrics.rows[i].add(rows.rows.size());
    metrics.frame_bytes.observe(static_cast<double>(bytes.size()));
    auto shared = std::make_shared<const std::string>(bytes);
    if (links_->kept[i]) links_->kept[i]->push(window_.sequence, shared);
    links_->inputs->put(i, std::move(shared));
    if (const auto sent = links_->bus.publish(subjects_[i], std::move(bytes)); sent)
      metrics.frames_out.add();
    else
      refuse("publish", sent.error().evidence);
  });
  told_ = {.producer = "decomposer", .sequence = header.sequence, .quality = window_.quality};
  told_.watermark = header.watermark;
  metrics.epoch.set(static_cast<double>(window_.epoch));
  const std::int64_t revision = window_.end.ns / 1'000'000;
  metrics.revision.set(static_cast<double>(revision));
  metrics.input_lag_seconds.set(seconds_since(window_.end));
  metrics.end_to_end_age_seconds.observe(std::max(0.0, seconds_since(window_.end)));
}

void decomposer_worker::ask_for_base(actors::context& self) {
  if (!resync_.missing()) return;
  if (resync_.ask(monotonic_now())) {
    links_->metrics.resync_requests.add();
    log_.warn_limited("resync", "worker asks for base window symbol=" + symbol_.str());
    (void)links_->bus.publish(subjects::window_resync(links_->venue, symbol_),
                              wire::encode_resync({.symbol = symbol_, .requester = "decomposer"}));
  }
  if (!ticking_) {
    ticking_ = true;
    self.send_after(std::chrono::milliseconds(250), resync_tick{});
  }
}

void decomposer_worker::refuse(std::string_view reason, const std::string& evidence) {
  links_->metrics.rejected(reason).add();
  log_.warn_limited(reason, "worker refuses input symbol=" + symbol_.str() + " reason=" + std::string(reason) +
                                " evidence=" + evidence);
}

}  // namespace isobar::decomposer
