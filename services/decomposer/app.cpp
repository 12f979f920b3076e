#include "decomposer/app.hpp"

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
  std::int64_t queue_limit_ = 4096;
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
                             .intakes = intakes_.emplace_back(std::make_shared<service::intake_set>())};
    const auto worker =
        h.actors().supervise("decomposer/" + s.str(), [s, links] { return decomposer_worker(s, links); });
    metrics.watch(worker);
    auto in = service::intake::open(h.bus(), subjects::window_frame(venue, s),
                                    {.queue_limit = static_cast<std::size_t>(queue_limit_)}, worker);
    if (!in) return fail(service::errc::bus, "decomposer " + s.str() + ": " + in.error().evidence);
    metrics.watch(*in, "window");
    links.intakes->add(std::move(*in));
  }
  return {};
}

}  // namespace

std::unique_ptr<service::app> make_app() { return std::make_unique<decomposer_app>(); }

}  // namespace isobar::decomposer
