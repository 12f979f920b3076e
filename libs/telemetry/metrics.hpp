#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace isobar::telemetry {

/// Label names and values; values are bounded sets (symbol yes, strike no).
using labels = std::map<std::string, std::string>;

/// Handles are references into the registry: cheap to copy, valid as long as it, safe from any thread.
/// A default-constructed handle counts nowhere.
class counter {
 public:
  void add(std::uint64_t n = 1);
  std::uint64_t value() const;
  struct impl;
  explicit counter(impl* i = nullptr) : impl_(i) {}

 private:
  impl* impl_;
};

class gauge {
 public:
  void set(double v);
  void add(double v);
  double value() const;
  struct impl;
  explicit gauge(impl* i = nullptr) : impl_(i) {}

 private:
  impl* impl_;
};

/// Log-spaced buckets shared by all histograms of one unit (catalogue.hpp). NaN is ignored.
class histogram {
 public:
  void observe(double v);
  std::uint64_t count() const;
  struct impl;
  explicit histogram(impl* i = nullptr) : impl_(i) {}

 private:
  impl* impl_;
};

/// All metrics of one process. Every metric is declared once, in libs/telemetry/metrics.yaml (name, kind, unit, labels,
/// help); asking for one that is not there, or with other labels, is a programmer error and asserts. A second request
/// with the same labels returns the same series. Looking a series up takes a lock: do it once and keep the handle.
/// Behind 4,096 series of one metric the rest share one whose label values are "other".
class registry {
 public:
  registry();
  ~registry();
  registry(const registry&) = delete;
  registry& operator=(const registry&) = delete;

  counter get_counter(std::string_view name, const labels& with = {});
  gauge get_gauge(std::string_view name, const labels& with = {});
  histogram get_histogram(std::string_view name, const labels& with = {});
  /// Runs before every scrape, to copy figures that live elsewhere (bus, actors) into series. Lives until the token
  /// goes.
  [[nodiscard]] std::shared_ptr<void> on_scrape(std::function<void()> update);
  /// The Prometheus text exposition format, version 0.0.4.
  std::string scrape();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::telemetry
