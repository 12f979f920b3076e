#include "colorizer/actors/colorizer_worker.hpp"

#include <algorithm>
#include <chrono>

#include "colorizer/transport/color_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::colorizer {

void colorizer_worker::on(actors::context& self, const service::intake_ready& m) {
  if (m.source->drain([&](const bus::message& b) { take(b); }))
    self.self().send(m);
  else
    links_.bus->flush();
}

colorizer_worker::symbol_metrics& colorizer_worker::metrics_of(const symbol& s) {
  const auto label = metrics_.count(s) != 0 || metrics_.size() < symbols_max ? s : *symbol::parse("other");
  const auto at = metrics_.find(label);
  if (at != metrics_.end()) return at->second;
  return metrics_
      .emplace(label,
               symbol_metrics{service::service_metrics(*links_.metrics, "colorizer", label),
                              links_.metrics->get_counter("isobar_colorizer_cells_total", {{"symbol", label.str()}})})
      .first->second;
}

void colorizer_worker::take(const bus::message& m) {
  const auto subject = subjects::parse(m.subject);
  auto& metrics = metrics_of(subject ? subject->symbol : *symbol::parse("other"));
  metrics.common.frames_in.add();
  const auto refuse = [&](std::string_view reason, const std::string& evidence) {
    metrics.common.rejected(reason).add();
    log_.warn_limited(reason, "worker refuses input subject=" + m.subject + " reason=" + std::string(reason) +
                                  " evidence=" + evidence);
  };
  if (!subject) return refuse(wire::to_string(subject.error().code), subject.error().evidence);
  const auto decoded = wire::decode_numeric(m.bytes());
  if (!decoded) return refuse(wire::to_string(decoded.error().code), decoded.error().evidence);
  const auto& surface = decoded->body;
  auto info = decoded->header;
  info.producer = "colorizer";
  std::string bytes;
  if (info.heartbeat) {
    bytes = wire::encode_heartbeat(info);
  } else if (surface.symbol != subject->symbol) {
    return refuse("wrong_symbol", surface.symbol.str());
  } else {
    to_proto(surface, links_.scale, info, message_);
    bytes = wire::serialize(message_);
    metrics.cells.add(surface.cells.size() + surface.removed.size());
    metrics.common.revision.set(static_cast<double>(surface.revision));
    metrics.common.epoch.set(static_cast<double>(surface.epoch));
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto lag = std::chrono::duration<double>(now - std::chrono::nanoseconds(surface.window_end.ns)).count();
    metrics.common.input_lag_seconds.set(lag);
    metrics.common.end_to_end_age_seconds.observe(std::max(0.0, lag));
  }
  metrics.common.frame_bytes.observe(static_cast<double>(bytes.size()));
  if (const auto sent = links_.bus->publish(subjects::color_cells(subject->venue, subject->symbol), std::move(bytes));
      !sent)
    return refuse("publish", sent.error().evidence);
  metrics.common.frames_out.add();
}

}  // namespace isobar::colorizer
