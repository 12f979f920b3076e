#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "actors/actors.hpp"
#include "core/symbol.hpp"
#include "service/frame_keeper.hpp"
#include "service/intake.hpp"
#include "telemetry/metrics.hpp"

namespace isobar::service {

/// The metrics that every service has, for one symbol: isobar_<service>_<member>{symbol="..."}. One per worker; it may
/// be made again after a restart (the series are the same). Thread-safe but for watch().
class service_metrics {
 public:
  /// `service`: the kebab-case word.
  service_metrics(telemetry::registry& registry, std::string_view service, const symbol& s);
  ~service_metrics();
  service_metrics(service_metrics&&) noexcept;

  telemetry::gauge input_lag_seconds;           ///< clock minus the last input's event time
  telemetry::histogram end_to_end_age_seconds;  ///< age of a window's newest event when its frame leaves
  telemetry::counter gaps, heals;
  telemetry::counter frames_in, frames_out;
  telemetry::histogram frame_bytes;  ///< of published frames
  telemetry::gauge epoch, revision;

  /// isobar_<service>_rejected_total{symbol, reason}: one look-up, for errors and not for hot paths.
  telemetry::counter rejected(std::string_view reason) const;
  /// isobar_<service>_refill_*{symbol, subject}: of the frames kept of one subject; `subject` is its last word.
  refill_metrics refills(std::string_view subject) const;
  /// On each scrape copies the mailbox depth of `worker`. The ref stays the same over supervised restarts.
  void watch(actors::ref worker);
  /// On each scrape copies depth and drops of the intake's queue into _queue_depth and _queue_dropped_total.
  void watch(const std::shared_ptr<intake>& queue, std::string_view queue_name);

 private:
  telemetry::registry* registry_;
  std::string prefix_;
  telemetry::labels labels_;
  std::vector<std::shared_ptr<void>> watches_;
};

/// isobar_<service>_query_seconds{method}: one per gRPC method.
telemetry::histogram query_seconds(telemetry::registry& registry, std::string_view service, std::string_view method);

/// Raises a counter to a total that is kept elsewhere.
void raise_to(telemetry::counter c, std::uint64_t total);

}  // namespace isobar::service
