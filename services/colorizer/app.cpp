#include "colorizer/app.hpp"

#include "colorizer/actors/colorizer_worker.hpp"
#include "colorizer/config.hpp"
#include "colorizer/transport/color_grpc.hpp"
#include "wire/subjects.hpp"

namespace isobar::colorizer {
namespace {

class colorizer_app final : public service::app {
 public:
  std::string_view name() const override { return "colorizer"; }
  void declare(config::schema& s) override { settings_.declare(s); }
  service::result<void> validate(const service::host_options&) override { return {}; }
  service::result<void> start(service::host& h) override;
  void drain() override { intakes_->close(); }
  void stop() override { grpc_.reset(); }

 private:
  settings settings_;
  std::unique_ptr<color_grpc> grpc_;
  std::shared_ptr<service::intake_set> intakes_ = std::make_shared<service::intake_set>();
};

service::result<void> colorizer_app::start(service::host& h) {
  grpc_ = std::make_unique<color_grpc>(settings_.scale(), h.metrics());
  h.add_grpc(*grpc_, "isobar.color.v1.ColorService");
  const worker_links links{.bus = &h.bus(), .metrics = &h.metrics(), .intakes = intakes_, .scale = settings_.scale()};
  const auto worker = h.actors().supervise("colorizer", [links] { return colorizer_worker(links); });
  auto in = service::intake::open(h.bus(), subjects::every_symbol(subjects::kind::heatmap_gradient, h.options().venue),
                                  {.queue_group = "colorizer", .queue_limit = 8192}, worker);
  if (!in) return fail(service::errc::bus, "colorizer: " + in.error().evidence);
  intakes_->add(std::move(*in));
  return {};
}

}  // namespace

std::unique_ptr<service::app> make_app() { return std::make_unique<colorizer_app>(); }

}  // namespace isobar::colorizer
