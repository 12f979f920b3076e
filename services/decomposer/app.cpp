#include "decomposer/app.hpp"

#include <array>
#include <list>

#include "config/config.hpp"
#include "decomposer/actors/decomposer_worker.hpp"
#include "decomposer/transport/model_grpc.hpp"
#include "wire/subjects.hpp"

namespace isobar::decomposer {
namespace {

class decomposer_app final : public service::app {
 public:
  std::string_view name() const override { return "decomposer"; }
  void declare(config::schema& s) override {
    s.option("decomposer.queue-limit", queue_limit_, "windows held for a worker that lags", 16, 65'536);
    s.option("decomposer.kept-mebibytes", kept_mebibytes_,
             "replay: frames kept of each model until its consumers need them no more; 0: none", 0, 4'096);
  }
  service::result<void> validate(const service::host_options&) override { return {}; }
  service::result<void> start(service::host& h) override;
  void drain() override {
    for (const auto& intakes : intakes_) intakes->close();
  }
  void stop() override {
    grpc_.reset();
    intakes_.clear();
    metrics_.clear();
  }

 private:
  using keepers = std::array<std::unique_ptr<service::frame_keeper>, models::size>;
  std::shared_ptr<keepers> keep_models(service::host& h, const symbol& s, const worker_metrics& metrics) const;
  service::result<void> open(service::host& h, const worker_links& links, const actors::ref& worker,
                             const std::string& subject, bus::subscribe_options queue, int tag, std::string_view label);

  std::int64_t queue_limit_ = 4096, kept_mebibytes_ = 64;
  std::unique_ptr<last_inputs> inputs_;
  std::unique_ptr<model_grpc> grpc_;
  std::list<worker_metrics> metrics_;
  std::vector<std::shared_ptr<service::intake_set>> intakes_;
};

service::result<void> decomposer_app::start(service::host& h) {
  const auto& venue = h.options().venue;
  inputs_ = std::make_unique<last_inputs>(h.options().symbols);
  grpc_ = std::make_unique<model_grpc>(*inputs_, h.metrics());
  h.add_grpc(*grpc_, "isobar.model.v1.ModelService");
  h.add_readiness("decomposer", [inputs = inputs_.get(), symbols = h.options().symbols]() -> std::string {
    for (const auto& s : symbols)
      if (!inputs->find(s, 0)) return s.str() + " has no window yet";
    return {};
  });
  for (const auto& s : h.options().symbols) {
    auto& metrics = metrics_.emplace_back(h.metrics(), s);
    const worker_links links{.bus = &h.bus(),
                             .venue = venue,
                             .inputs = inputs_.get(),
                             .metrics = &metrics,
                             .intakes = intakes_.emplace_back(std::make_shared<service::intake_set>()),
                             .kept = keep_models(h, s, metrics)};
    const auto worker =
        h.actors().supervise("decomposer/" + s.str(), [s, links] { return decomposer_worker(s, links); });
    metrics.watch(worker);
    if (links.kept) {
      const bus::subscribe_options requests{.queue_limit = 256, .policy = bus::overflow::drop_oldest};
      if (auto ok = open(h, links, worker, subjects::feed_resync(venue, s), requests, resync_tag, "resync"); !ok)
        return ok;
    }
    const bus::subscribe_options windows{.queue_limit = static_cast<std::size_t>(queue_limit_)};
    if (auto ok = open(h, links, worker, subjects::window_frame(venue, s), windows, windows_tag, "window"); !ok)
      return ok;
  }
  return {};
}

service::result<void> decomposer_app::open(service::host& h, const worker_links& links, const actors::ref& worker,
                                           const std::string& subject, bus::subscribe_options queue, int tag,
                                           std::string_view label) {
  auto in = service::intake::open(h.bus(), subject, queue, worker, tag);
  if (!in) return fail(service::errc::bus, "decomposer " + subject + ": " + in.error().evidence);
  links.metrics->watch(*in, label);
  links.intakes->add(std::move(*in));
  return {};
}

/// Live nobody asks: a gap is marked at once, and heatmap-builder takes a base window for what it lacks.
std::shared_ptr<decomposer_app::keepers> decomposer_app::keep_models(service::host& h, const symbol& s,
                                                                     const worker_metrics& metrics) const {
  if (h.options().mode != "replay" || kept_mebibytes_ == 0) return nullptr;
  auto out = std::make_shared<keepers>();
  for (std::size_t i = 0; i < models::size; ++i) {
    (*out)[i] = std::make_unique<service::frame_keeper>(
        h.bus(),
        service::frame_keeper::plan{.of = s,
                                    .notes = subjects::feed_resync(h.options().venue, s),
                                    .producer = "decomposer",
                                    .bytes_max = static_cast<std::size_t>(kept_mebibytes_) << 20},
        model_subject(models::names[i], h.options().venue, s), metrics.refills(models::names[i]));
  }
  return out;
}

}  // namespace

std::unique_ptr<service::app> make_app() { return std::make_unique<decomposer_app>(); }

}  // namespace isobar::decomposer
