#pragma once
#include <map>
#include <memory>
#include <string>

#include "colorizer/domain/color_scale.hpp"
#include "isobar/color/v1/color.pb.h"
#include "service/intake_set.hpp"
#include "service/service_metrics.hpp"
#include "telemetry/log.hpp"

namespace isobar::colorizer {

/// What a worker is given; everything pointed at outlives it.
struct worker_links {
  bus::bus* bus = nullptr;
  telemetry::registry* metrics = nullptr;
  std::shared_ptr<service::intake_set> intakes;
  color_scale scale;
};

/// A numeric frame in, a colour frame out, on the same venue and symbol and under the same sequence. No state but
/// handles: any member of the queue group may take any frame.
class colorizer_worker {
 public:
  using messages = actors::message_list<service::intake_ready>;
  static constexpr std::size_t symbols_max = 256;  ///< with metrics of their own; further ones count as "other"

  explicit colorizer_worker(worker_links links) : links_(std::move(links)) {}
  void on_start(actors::context& self) { links_.intakes->wake(self.self()); }
  void on(actors::context& self, const service::intake_ready& m);

 private:
  struct symbol_metrics {
    service::service_metrics common;
    telemetry::counter cells;
  };
  symbol_metrics& metrics_of(const symbol& s);
  void take(const bus::message& m);

  worker_links links_;
  std::map<symbol, symbol_metrics> metrics_;
  color::v1::ColorDelta message_;  ///< reused
  telemetry::logger log_{"colorizer"};
};

}  // namespace isobar::colorizer
