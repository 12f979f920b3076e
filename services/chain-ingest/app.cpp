#include "chain-ingest/app.hpp"

#include <chrono>
#include <random>

#include "bus/bus.hpp"
#include "chain-ingest/actors/feeder.hpp"
#include "chain-ingest/config.hpp"
#include "chain-ingest/sources/directory_source.hpp"
#include "chain-ingest/sources/massive_source.hpp"
#include "chain-ingest/sources/simulator_source.hpp"
#include "chain-ingest/transport/chain_grpc.hpp"
#include "market/root.hpp"
#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::chain_ingest {
namespace {

timestamp wall_clock() {
  using namespace std::chrono;
  return {duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count()};
}

constexpr const char* service_name = "chain-ingest";

/// One symbol: source, feeder, worker and what they share.
struct pipeline {
  std::shared_ptr<hand_over> credit = std::make_shared<hand_over>();
  std::unique_ptr<metrics> series;
  std::shared_ptr<worker_shared> shared;
  actors::ref worker;
  std::unique_ptr<feeder> feed;
  std::shared_ptr<service::replay_gate> gate;
};

class chain_ingest_app final : public service::app, private service::symbol_workers {
 public:
  std::string_view name() const override { return service_name; }
  void declare(config::schema& s) override { config_.declare(s); }
  service::symbol_workers* workers() override { return this; }

  service::result<void> validate(const service::host_options& h) override {
    if (const std::string trouble = config_.validate(h.symbols); !trouble.empty()) {
      return fail(service::errc::configuration, trouble);
    }
    return {};
  }

  service::result<void> start(service::host& h) override {
    host_ = &h;
    started_ = wall_clock();
    store_ = std::make_shared<service::latest_writer>(h.bus(), std::string(subjects::chains_bucket), service_name);
    grpc_ = std::make_unique<chain_grpc>(latest_, h.metrics());
    h.add_grpc(*grpc_, "isobar.chain.v1.ChainService");
    for (const symbol& s : h.options().symbols) {
      if (auto ok = begin(s, std::nullopt); !ok) return ok;
    }
    h.add_readiness("chains", [this] { return why_not_ready(); });
    for (const auto& p : pipelines_.all()) p->second->feed->start();
    return {};
  }

  void drain() override {
    for (const auto& p : pipelines_.all()) p->second->feed->stop();
    for (const auto& p : pipelines_.all())
      if (p->second->shared->resync) p->second->shared->resync->close();
    if (store_) store_->close();
  }

  void stop() override {
    grpc_.reset();
    pipelines_.clear();
    latest_.clear();
    store_.reset();
  }

 private:
  bool live() const { return host_->options().mode == "live"; }

  // symbol_workers
  service::symbol_kind kind() const override { return service::symbol_kind::options; }
  service::result<void> add(const symbol& s, const service::symbol_place& place) override {
    if (auto ok = begin(s, place); !ok) return ok;
    pipelines_.find(s)->second->feed->start();
    return {};
  }
  void remove(const symbol& s, bool) override {
    const auto entry = pipelines_.find(s);
    if (!entry) return;
    pipeline& p = *entry->second;
    if (p.feed) p.feed->stop();
    if (p.shared->resync) p.shared->resync->close();
    if (!host_->actors().stop(p.worker, service::worker_ends_within))
      telemetry::logger(service_name).warn("worker does not end symbol=" + s.str());
    latest_.erase(s);
    pipelines_.erase(s);
  }

  service::result<void> begin(const symbol& s, const std::optional<service::symbol_place>& place) {
    const auto p = std::make_shared<pipeline>();
    p->series = std::make_unique<metrics>(host_->metrics(), s);
    auto from = make_source(s, *p->series);
    if (!from) return std::unexpected(from.error());
    const std::string& venue = host_->options().venue;
    bus::bus& on = place ? *place->bus : host_->bus();
    ingest_options rule{.symbol = s};
    if (config_.source == "directory" && config_.window_files) {
      rule.window_em_mult = config_.em_mult_of(s);
      rule.expiries_max = static_cast<std::size_t>(config_.expirations);
    }
    p->shared = std::make_shared<worker_shared>(worker_shared{
        .symbol = s,
        .source_kind = std::string((*from)->kind()),
        .key = subjects::latest_chain_key(venue, s),
        .core = ingest(rule),
        .out = service::publisher(on, service_name, subjects::chain_snapshot(venue, s), &p->series->common),
        .series = *p->series,
        .latest = std::make_shared<latest_chain>(),
        .store = store_,
        .credit = p->credit,
        .clock = wall_clock,
        .lateness = milliseconds(config_.lateness_ms),
        .heartbeat = std::chrono::milliseconds(config_.heartbeat_ms),
        .clock_watermark = live() && config_.source == "massive",
        .live = live(),
        .synthetic = config_.source == "sim",
        .place = place,
    });
    p->worker = host_->actors().supervise("chain-ingest/" + s.str(), [p] { return chain_worker{p->shared}; });
    pipelines_.emplace(s, p);
    latest_.emplace(s, p->shared->latest);
    p->series->common.watch(p->worker);
    if (auto ok = keep_chains(*p); !ok) return std::unexpected(std::move(ok.error()));
    p->feed = std::make_unique<feeder>(std::move(*from), p->worker, p->credit,
                                       feeder_options{.paced_by_consumers = paced_by_consumers(),
                                                      .start_wait = std::chrono::milliseconds(config_.start_wait_ms)});
    return open_gate(s, *p);
  }

  /// Replay: a consumer that comes back from its checkpoint asks for what it lacks.
  service::result<void> keep_chains(pipeline& p) {
    if (live() || config_.kept_mebibytes == 0) return {};
    const std::string& venue = host_->options().venue;
    const symbol& s = p.shared->symbol;
    p.shared->out.keep_for_refill({.of = s,
                                   .notes = subjects::feed_resync(venue, s),
                                   .producer = "chain-ingest",
                                   .bytes_max = static_cast<std::size_t>(config_.kept_mebibytes) << 20,
                                   .aside = subjects::chain_refill(venue, s)},
                                  p.series->common.refills("snapshot"));
    auto opened = service::intake::open(host_->bus(), subjects::feed_resync(venue, s),
                                        {.queue_limit = 256, .policy = bus::overflow::drop_oldest}, p.worker);
    if (!opened) return fail(service::errc::bus, "feed.resync: " + opened.error().evidence);
    p.shared->resync = std::move(*opened);
    p.series->common.watch(p.shared->resync, "resync");
    return {};
  }

  /// Recorded and simulated input that no clock paces must wait for its consumers, or it would overrun every queue.
  bool paced_by_consumers() const {
    return !live() || config_.source == "directory" || (config_.source == "sim" && config_.sim.speed == 0);
  }

  service::result<void> open_gate(const symbol& s, pipeline& p) {
    auto gate = service::replay_gate::open(host_->bus(), host_->options().venue, s, {.lead_ms = config_.replay_lead_ms},
                                           [progress = p.feed->progress()] { progress->report(); });
    if (!gate) return fail(service::errc::bus, "control.progress: " + gate.error().evidence);
    p.gate = *gate;
    p.feed->set_gate(*gate);
    return {};
  }

  service::result<std::unique_ptr<recorder>> make_recorder(const symbol& s, const metrics& series) {
    if (!config_.record) return nullptr;
    auto made = recorder::open(
        {.folder = host_->data_dir("chain-ingest"),
         .file_bytes = static_cast<std::uint64_t>(config_.record_bytes_max),
         .files_max = static_cast<std::size_t>(config_.record_files_max),
         .on_line =
             [bytes = series.recorded_bytes, failures = series.record_failures](std::uint64_t n, bool written) mutable {
               if (written)
                 bytes.add(n);
               else
                 failures.add();
             }},
        s, wall_clock());
    if (!made) return fail(service::errc::unwritable, made.error().evidence);
    return std::move(*made);
  }

  service::result<std::unique_ptr<source>> make_source(const symbol& s, const metrics& series) {
    if (config_.source == "directory") return make_directory(s);
    auto records = make_recorder(s, series);
    if (!records) return std::unexpected(records.error());
    if (config_.source == "massive") return make_http(s, std::move(*records));
    const auto market = sim::market_config(config_.sim, s);
    const auto pace = sim::market_pacer(config_.sim, started_);
    if (!market) return fail(service::errc::configuration, market.error().evidence);
    if (!pace) return fail(service::errc::configuration, pace.error().evidence);
    simulator_options options{.market = *market,
                              .interval = milliseconds(config_.interval_ms),
                              .pace = *pace,
                              .clock = wall_clock,
                              .vendor_underlying = std::string(market::roots_of(s.str()).front().vendor_underlying)};
    return std::make_unique<simulator_source>(std::move(options), std::move(*records));
  }

  completeness_limits limits() const {
    return {.page_size = static_cast<std::size_t>(config_.page_size),
            .pages_max = static_cast<std::size_t>(config_.pages_max)};
  }

  service::result<std::unique_ptr<source>> make_directory(const symbol& s) {
    auto made = directory_source::open(
        {.paths = config_.path, .minute_interval = milliseconds(config_.minute_interval_ms), .limits = limits()}, s);
    if (!made) return fail(service::errc::configuration, "chain-ingest.path: " + made.error().evidence);
    return std::move(*made);
  }

  service::result<std::unique_ptr<source>> make_http(const symbol& s, std::unique_ptr<recorder> records) {
    const auto roots = market::roots_of(s.str());
    massive_options options;
    options.http = {.base = *parse_base_url(config_.url),
                    .ca_file = config_.tls_ca,
                    .timeout = std::chrono::milliseconds(config_.timeout_ms),
                    .body_bytes_max = static_cast<std::uint64_t>(config_.body_bytes_max)};
    options.api_key = config_.api_key;
    options.underlying = roots.front().vendor_underlying;
    options.strike_step = roots.front().strike_step;
    options.expiries_max = static_cast<std::size_t>(config_.expirations);
    options.em_mult = config_.em_mult_of(s);
    options.cadence = {.period = milliseconds(config_.interval_ms),
                       .backoff_base = milliseconds(config_.backoff_ms),
                       .backoff_max = milliseconds(config_.backoff_max_ms)};
    options.limits = limits();
    options.expiries_refresh = milliseconds(config_.expirations_refresh_ms);
    options.clock = wall_clock;
    options.jitter = [engine = std::minstd_rand(static_cast<unsigned>(started_.ns))]() mutable {
      return std::uniform_real_distribution<double>(0, 1)(engine);
    };
    auto made = massive_source::open(std::move(options), s, std::move(records));
    if (!made) return fail(service::errc::configuration, "chain-ingest.tls-ca: " + made.error().evidence);
    return std::move(*made);
  }

  /// Of the first symbol that is not.
  std::string why_not_ready() const {
    for (const auto& entry : pipelines_.all()) {
      const pipeline& p = *entry->second;
      if (paced_by_consumers() && p.gate)
        if (std::string why = p.gate->waiting_too_long(); !why.empty()) return entry->first.str() + ": " + why;
      if (live() && config_.source != "directory")
        if (std::string why = stale(entry->first, p.shared->latest->get().get()); !why.empty()) return why;
    }
    return {};
  }

  /// Live: a chain that stays away makes the service not ready. `state` may be null.
  std::string stale(const symbol& s, const published_state* state) const {
    if (state && state->health == health::ended) return {};
    if (!state || !state->chain) return "no complete chain of " + s.str() + " yet";
    if (config_.source != "massive") return {};
    const duration_ns age = wall_clock() - state->chain->ts_event;
    if (age <= milliseconds(config_.stale_after_ms)) return {};
    return "last complete chain of " + s.str() + " is " + std::to_string(age.value / 1'000'000) + " ms old";
  }

  configuration config_;
  service::host* host_ = nullptr;
  timestamp started_;
  latest_chains latest_;
  std::shared_ptr<service::latest_writer> store_;
  std::unique_ptr<chain_grpc> grpc_;
  service::stores_by_symbol<pipeline> pipelines_;
};

}  // namespace

std::unique_ptr<service::app> make_app() { return std::make_unique<chain_ingest_app>(); }

}  // namespace isobar::chain_ingest
