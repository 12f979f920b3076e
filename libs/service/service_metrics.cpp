#include "service/service_metrics.hpp"

#include <algorithm>

namespace isobar::service {

namespace {

std::string prefix_of(std::string_view service) {
  std::string out = "isobar_" + std::string(service) + "_";
  std::ranges::replace(out, '-', '_');
  return out;
}

}  // namespace

service_metrics::service_metrics(telemetry::registry& registry, std::string_view service, const symbol& s)
    : registry_(&registry), prefix_(prefix_of(service)), labels_{{"symbol", s.str()}} {
  input_lag_seconds = registry.get_gauge(prefix_ + "input_lag_seconds", labels_);
  end_to_end_age_seconds = registry.get_histogram(prefix_ + "end_to_end_age_seconds", labels_);
  gaps = registry.get_counter(prefix_ + "gaps_total", labels_);
  heals = registry.get_counter(prefix_ + "heals_total", labels_);
  frames_in = registry.get_counter(prefix_ + "frames_in_total", labels_);
  frames_out = registry.get_counter(prefix_ + "frames_out_total", labels_);
  frame_bytes = registry.get_histogram(prefix_ + "frame_bytes", labels_);
  epoch = registry.get_gauge(prefix_ + "epoch", labels_);
  revision = registry.get_gauge(prefix_ + "revision", labels_);
}

service_metrics::~service_metrics() = default;
service_metrics::service_metrics(service_metrics&&) noexcept = default;

telemetry::counter service_metrics::rejected(std::string_view reason) const {
  telemetry::labels with = labels_;
  with.emplace("reason", reason);
  return registry_->get_counter(prefix_ + "rejected_total", with);
}

refill_metrics service_metrics::refills(std::string_view subject) const {
  telemetry::labels with = labels_;
  with.emplace("subject", subject);
  return {.bytes = registry_->get_gauge(prefix_ + "refill_kept_bytes", with),
          .dropped = registry_->get_counter(prefix_ + "refill_dropped_total", with),
          .answered = registry_->get_counter(prefix_ + "refill_answered_total", with)};
}

void service_metrics::watch(actors::ref worker) {
  watches_.push_back(registry_->on_scrape(
      [worker = std::move(worker), depth = registry_->get_gauge(prefix_ + "mailbox_depth", labels_)]() mutable {
        depth.set(static_cast<double>(worker.mailbox_depth()));
      }));
}

void service_metrics::watch(const std::shared_ptr<intake>& queue, std::string_view queue_name) {
  telemetry::labels with = labels_;
  with.emplace("queue", queue_name);
  watches_.push_back(registry_->on_scrape(
      [weak = std::weak_ptr(queue), depth = registry_->get_gauge(prefix_ + "queue_depth", with),
       dropped = registry_->get_counter(prefix_ + "queue_dropped_total", with), seen = std::uint64_t{0}]() mutable {
        const auto q = weak.lock();
        if (!q) return;
        const bus::subscription_stats now = q->stats();
        depth.set(static_cast<double>(now.depth));
        // An intake that follows another on the same series goes on from that one's total.
        dropped.add(now.dropped - std::min(seen, now.dropped));
        seen = now.dropped;
      }));
}

telemetry::histogram query_seconds(telemetry::registry& registry, std::string_view service, std::string_view method) {
  return registry.get_histogram(prefix_of(service) + "query_seconds", {{"method", std::string(method)}});
}

void raise_to(telemetry::counter c, std::uint64_t total) {
  const std::uint64_t now = c.value();
  if (total > now) c.add(total - now);
}

}  // namespace isobar::service
