#include "decomposer/app.hpp"

#include "config/config.hpp"
#include "decomposer/actors/decomposer_worker.hpp"
#include "decomposer/transport/model_grpc.hpp"
#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::decomposer {
namespace {

constexpr const char* service_name = "decomposer";

class decomposer_app final : public service::app, private service::symbol_workers {
 public:
  std::string_view name() const override { return service_name; }
  void declare(config::schema& s) override {
    s.option("decomposer.queue-limit", queue_limit_, "windows held for a worker that lags", 16, 65'536);
    s.option("decomposer.kept-mebibytes", kept_mebibytes_,
             "replay: frames kept of each model until its consumers need them no more; 0: none", 0, 4'096);
  }
  service::symbol_workers* workers() override { return this; }
  service::result<void> validate(const service::host_options&) override { return {}; }
  service::result<void> start(service::host& h) override;
  void drain() override {
    for (const auto& r : running_.all()) r->second->links->intakes.close();
  }
  void stop() override {
    grpc_.reset();
    running_.clear();
    inputs_.clear();
  }

 private:
  /// One symbol that is worked on.
  struct running {
    std::shared_ptr<worker_links> links;
    actors::ref worker;
  };

  // symbol_workers
  service::symbol_kind kind() const override { return service::symbol_kind::options; }
  service::result<void> add(const symbol& s, const service::symbol_place& place) override { return begin(s, place); }
  void remove(const symbol& s, bool graceful) override;

  service::result<void> begin(const symbol& s, const std::optional<service::symbol_place>& place);
  bool keeps_models() const;
  void keep_models(worker_links& links, const symbol& s) const;
  service::result<void> open(const running& r, const std::string& subject, bus::subscribe_options queue, int tag,
                             std::string_view label);
  std::string not_ready() const;

  std::int64_t queue_limit_ = 4096, kept_mebibytes_ = 64;
  service::host* host_ = nullptr;
  inputs_by_symbol inputs_;
  service::stores_by_symbol<running> running_;
  std::unique_ptr<model_grpc> grpc_;
};

service::result<void> decomposer_app::start(service::host& h) {
  host_ = &h;
  grpc_ = std::make_unique<model_grpc>(inputs_, h.metrics());
  h.add_grpc(*grpc_, "isobar.model.v1.ModelService");
  h.add_readiness(std::string(service_name), [this] { return not_ready(); });
  for (const symbol& s : h.options().symbols)
    if (auto ok = begin(s, std::nullopt); !ok) return ok;
  return {};
}

service::result<void> decomposer_app::begin(const symbol& s, const std::optional<service::symbol_place>& place) {
  service::host& h = *host_;
  const auto& venue = h.options().venue;
  std::shared_ptr<worker_links> links(new worker_links{
      .bus = place ? *place->bus : h.bus(), .venue = venue, .metrics = worker_metrics(h.metrics(), s), .place = place});
  keep_models(*links, s);
  const actors::ref worker =
      h.actors().supervise("decomposer/" + s.str(), [s, links] { return decomposer_worker(s, links); });
  const auto r = std::make_shared<running>(running{links, worker});
  running_.emplace(s, r);
  inputs_.emplace(s, links->inputs);
  links->metrics.watch(worker);
  if (keeps_models()) {
    const bus::subscribe_options requests{.queue_limit = 256, .policy = bus::overflow::drop_oldest};
    if (auto ok = open(*r, subjects::feed_resync(venue, s), requests, resync_tag, "resync"); !ok) return ok;
  }
  const bus::subscribe_options windows{.queue_limit = static_cast<std::size_t>(queue_limit_)};
  return open(*r, subjects::window_frame(venue, s), windows, windows_tag, "window");
}

/// A worker holds nothing that its successor would need: that one asks for a base window.
void decomposer_app::remove(const symbol& s, bool) {
  const auto r = running_.find(s);
  if (!r) return;
  r->second->links->intakes.close();
  if (!host_->actors().stop(r->second->worker, service::worker_ends_within))
    telemetry::logger(service_name).warn("worker does not end symbol=" + s.str());
  inputs_.erase(s);
  running_.erase(s);
}

service::result<void> decomposer_app::open(const running& r, const std::string& subject, bus::subscribe_options queue,
                                           int tag, std::string_view label) {
  auto in = service::intake::open(r.links->bus, subject, queue, r.worker, tag);
  if (!in) return fail(service::errc::bus, subject + ": " + in.error().evidence);
  r.links->metrics.watch(*in, label);
  r.links->intakes.add(std::move(*in));
  return {};
}

/// Live nobody asks: a gap is marked at once, and heatmap-builder takes a base window for what it lacks.
bool decomposer_app::keeps_models() const { return host_->options().mode == "replay" && kept_mebibytes_ > 0; }

void decomposer_app::keep_models(worker_links& links, const symbol& s) const {
  if (!keeps_models()) return;
  for (std::size_t i = 0; i < models::size; ++i) {
    links.kept[i] = std::make_unique<service::frame_keeper>(
        links.bus,
        service::frame_keeper::plan{.of = s,
                                    .notes = subjects::feed_resync(links.venue, s),
                                    .producer = std::string(service_name),
                                    .bytes_max = static_cast<std::size_t>(kept_mebibytes_) << 20},
        model_subject(models::names[i], links.venue, s), links.metrics.refills(models::names[i]));
  }
}

std::string decomposer_app::not_ready() const {
  for (const auto& r : running_.all())
    if (!r->second->links->inputs->find(0)) return r->first.str() + " has no window yet";
  return {};
}

}  // namespace

std::unique_ptr<service::app> make_app() { return std::make_unique<decomposer_app>(); }

}  // namespace isobar::decomposer
