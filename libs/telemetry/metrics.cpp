#include "telemetry/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <deque>
#include <mutex>
#include <sstream>

#include "core/error.hpp"
#include "telemetry/catalogue.hpp"

namespace isobar::telemetry {

struct counter::impl {
  std::atomic<std::uint64_t> value{0};
};
struct gauge::impl {
  std::atomic<double> value{0};
};
struct histogram::impl {
  explicit impl(bucket_unit unit) : bounds(bucket_bounds(unit)), buckets(bounds.size() + 1) {}
  const std::vector<double>& bounds;
  std::vector<std::atomic<std::uint64_t>> buckets;  // the last one: above every bound
  std::atomic<double> sum{0};
};

void counter::add(std::uint64_t n) {
  if (impl_) impl_->value.fetch_add(n, std::memory_order_relaxed);
}
std::uint64_t counter::value() const { return impl_ ? impl_->value.load(std::memory_order_relaxed) : 0; }

void gauge::set(double v) {
  if (impl_) impl_->value.store(v, std::memory_order_relaxed);
}
void gauge::add(double v) {
  if (impl_) impl_->value.fetch_add(v, std::memory_order_relaxed);
}
double gauge::value() const { return impl_ ? impl_->value.load(std::memory_order_relaxed) : 0; }

void histogram::observe(double v) {
  if (!impl_ || std::isnan(v)) return;
  const auto bucket = std::ranges::lower_bound(impl_->bounds, v) - impl_->bounds.begin();
  impl_->buckets[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  impl_->sum.fetch_add(v, std::memory_order_relaxed);
}
std::uint64_t histogram::count() const {
  std::uint64_t n = 0;
  if (impl_) {
    for (const auto& bucket : impl_->buckets) n += bucket.load(std::memory_order_relaxed);
  }
  return n;
}

namespace {

constexpr std::size_t series_max = 4096;

[[noreturn]] void refuse(std::string_view name, const std::string& why) {
  assertion_failed(("metric " + std::string(name) + " " + why).c_str(), "libs/telemetry/metrics.yaml", 0);
}

prometheus::MetricType prometheus_type(kind k) {
  switch (k) {
    case kind::counter:
      return prometheus::MetricType::Counter;
    case kind::gauge:
      return prometheus::MetricType::Gauge;
    case kind::histogram:
      break;
  }
  return prometheus::MetricType::Histogram;
}

void collect(const counter::impl& from, prometheus::ClientMetric& to) {
  to.counter.value = static_cast<double>(from.value.load(std::memory_order_relaxed));
}
void collect(const gauge::impl& from, prometheus::ClientMetric& to) {
  to.gauge.value = from.value.load(std::memory_order_relaxed);
}
void collect(const histogram::impl& from, prometheus::ClientMetric& to) {
  std::uint64_t running = 0;
  for (std::size_t i = 0; i < from.buckets.size(); ++i) {
    running += from.buckets[i].load(std::memory_order_relaxed);
    const bool last = i == from.bounds.size();
    to.histogram.bucket.push_back({running, last ? std::numeric_limits<double>::infinity() : from.bounds[i]});
  }
  to.histogram.sample_count = running;
  to.histogram.sample_sum = from.sum.load(std::memory_order_relaxed);
}

// One metric's series, of whichever kind it was declared.
struct family {
  const declaration* declared = nullptr;
  std::map<labels, counter::impl> counters;
  std::map<labels, gauge::impl> gauges;
  std::map<labels, histogram::impl> histograms;
};

// Behind 4,096 series of one metric all further ones share the series whose labels are all "other": a label that
// should be bounded is not, and the scrape shows it.
template <class Series>
labels bounded(const Series& series, const labels& with) {
  if (series.size() < series_max || series.contains(with)) return with;
  labels other = with;
  for (auto& [name, value] : other) value = "other";
  return other;
}

template <class Series>
void collect_all(const Series& series, prometheus::MetricFamily& to) {
  for (const auto& [with, impl] : series) {
    auto& metric = to.metric.emplace_back();
    for (const auto& [name, value] : with) metric.label.push_back({name, value});
    collect(impl, metric);
  }
}

// A function run before each scrape; empty once its owner let go of the token.
struct update {
  std::mutex guard;
  std::function<void()> run;
};

}  // namespace

struct registry::impl {
  std::mutex guard;
  std::map<std::string, family, std::less<>> families;
  std::vector<std::weak_ptr<update>> updates;

  impl() {
    for (const auto& d : catalogue()) families[d.name].declared = &d;
  }

  family& find(std::string_view name, kind k, const labels& with) {
    const auto found = families.find(name);
    if (found == families.end()) refuse(name, "is not declared");
    const auto& declared = *found->second.declared;
    if (declared.kind != k) refuse(name, "is declared as another kind");
    if (!std::ranges::equal(with, declared.labels, {}, [](const auto& label) { return label.first; })) {
      std::string given;
      for (const auto& [label, value] : with) given += " " + label;
      refuse(name, "is declared with other labels than {" + given + " }");
    }
    return found->second;
  }

  void run_updates() {
    std::vector<std::shared_ptr<update>> alive;
    {
      const std::scoped_lock lock(guard);
      std::erase_if(updates, [](const auto& u) { return u.expired(); });
      for (const auto& weak : updates) {
        if (auto strong = weak.lock()) alive.push_back(std::move(strong));
      }
    }
    for (const auto& u : alive) {
      const std::scoped_lock lock(u->guard);
      if (u->run) u->run();
    }
  }
};

registry::registry() : impl_(std::make_unique<impl>()) {}
registry::~registry() = default;

counter registry::get_counter(std::string_view name, const labels& with) {
  const std::scoped_lock lock(impl_->guard);
  auto& series = impl_->find(name, kind::counter, with).counters;
  return counter(&series[bounded(series, with)]);
}

gauge registry::get_gauge(std::string_view name, const labels& with) {
  const std::scoped_lock lock(impl_->guard);
  auto& series = impl_->find(name, kind::gauge, with).gauges;
  return gauge(&series[bounded(series, with)]);
}

histogram registry::get_histogram(std::string_view name, const labels& with) {
  const std::scoped_lock lock(impl_->guard);
  auto& f = impl_->find(name, kind::histogram, with);
  return histogram(&f.histograms.try_emplace(bounded(f.histograms, with), f.declared->buckets).first->second);
}

std::shared_ptr<void> registry::on_scrape(std::function<void()> run) {
  auto shared = std::make_shared<update>();
  shared->run = std::move(run);
  {
    const std::scoped_lock lock(impl_->guard);
    impl_->updates.push_back(shared);
  }
  // Letting go waits for a run in progress, so that what the function captured may go next.
  return {shared.get(), [shared](void*) {
            const std::scoped_lock lock(shared->guard);
            shared->run = nullptr;
          }};
}

std::string registry::scrape() {
  impl_->run_updates();
  std::vector<prometheus::MetricFamily> out;
  const std::scoped_lock lock(impl_->guard);
  for (const auto& [name, f] : impl_->families) {
    prometheus::MetricFamily next{name, f.declared->help, prometheus_type(f.declared->kind), {}};
    collect_all(f.counters, next);
    collect_all(f.gauges, next);
    collect_all(f.histograms, next);
    if (!next.metric.empty()) out.push_back(std::move(next));
  }
  return prometheus::TextSerializer().Serialize(out);
}

}  // namespace isobar::telemetry
