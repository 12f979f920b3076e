#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>

#include "actors/actors.hpp"
#include "bus/bus.hpp"
#include "service/conditions.hpp"
#include "service/data_dir.hpp"
#include "service/exit_codes.hpp"
#include "service/grpc_server.hpp"
#include "service/host.hpp"
#include "service/host_metrics.hpp"
#include "service/http_server.hpp"
#include "service/make_bus.hpp"
#include "service/service_metrics.hpp"
#include "service/shard_agent.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace isobar::service {

namespace {

/// How often the conditions are looked at for gRPC health; a look costs microseconds.
constexpr std::chrono::milliseconds health_period{200};

}  // namespace

struct process::impl final : host {
  impl(host_options o, std::vector<std::unique_ptr<app>> a, std::shared_ptr<bus::bus> b)
      : options_(std::move(o)), apps_(std::move(a)), bus_(std::move(b)), owns_bus_(bus_ == nullptr) {}

  // host
  const host_options& options() const override { return options_; }
  bus::bus& bus() override { return *bus_; }
  actors::system& actors() override { return *actors_; }
  telemetry::registry& metrics() override { return registry_; }
  std::filesystem::path data_dir(std::string_view service) override {
    std::filesystem::path out = std::filesystem::path(options_.data_dir) / service;
    std::error_code ignored;
    std::filesystem::create_directories(out, ignored);
    return out;
  }
  void add_grpc(::grpc::Service& service, std::string health_name) override {
    ISOBAR_ASSERT(starting_ != conditions::everyone);
    grpc_.add(service, std::move(health_name));
    grpc_owners_.push_back(starting_);
  }
  void add_readiness(std::string name, readiness check) override {
    conditions_.add(starting_, std::move(name), std::move(check));
  }
  void request_stop(std::string reason, int exit_code) override {
    const std::lock_guard lock(mutex_);
    if (stop_requested_) return;
    stop_requested_ = true;
    exit_code_ = exit_code;
    changed_.notify_all();
    log_.info("host stops reason=\"" + reason + "\" exit_code=" + std::to_string(exit_code));
  }
  int grpc_port() const override { return grpc_.port(); }
  int http_port() const override { return http_ ? http_->port() : 0; }

  // process
  result<void> start();
  result<void> prepare();
  result<void> start_apps();
  result<void> start_servers();
  result<void> parse_addresses();
  result<void> parse_shard();
  void start_shards();
  void stop_shards(std::chrono::milliseconds limit);
  http_reply answer(std::string_view path);
  void watch_health();
  bool stop();
  void stop_health();

  const host_options options_;
  std::vector<std::unique_ptr<app>> apps_;
  std::optional<address> grpc_address_, http_address_;
  std::optional<shard_place> shard_;
  telemetry::logger log_{"host"};
  telemetry::registry registry_;
  std::shared_ptr<bus::bus> bus_;
  const bool owns_bus_;
  std::unique_ptr<actors::system> actors_;
  std::shared_ptr<void> exported_;
  conditions conditions_;
  grpc_server grpc_;
  std::vector<std::size_t> grpc_owners_;
  std::unique_ptr<http_server> http_;
  std::vector<std::unique_ptr<shard_agent>> shards_;
  std::size_t started_ = 0;                      ///< apps whose start() succeeded
  std::size_t starting_ = conditions::everyone;  ///< app whose start() runs
  std::thread health_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_requested_ = false;
  bool health_ends_ = false;
  int exit_code_ = 0;
  bool stopped_ = false, in_time_ = true;
};

result<void> process::impl::parse_addresses() {
  for (const auto& [text, option, into] :
       {std::tuple(&options_.grpc, "grpc", &grpc_address_), std::tuple(&options_.http, "http", &http_address_)}) {
    if (is_off(*text)) continue;
    auto parsed = parse_address(*text, option);
    if (!parsed) return std::unexpected(parsed.error());
    *into = std::move(*parsed);
  }
  return {};
}

result<void> process::impl::parse_shard() {
  if (options_.shard.empty()) return {};
  char host_name[256] = {};
  ::gethostname(host_name, sizeof host_name - 1);
  shard_ = service::parse_shard(options_.shard, host_name);
  if (!shard_)
    return fail(errc::configuration, "--shard=" + options_.shard + ": want i/n, or auto/n on a host whose name (" +
                                         host_name + ") ends in a number");
  if (!options_.symbols.empty() || !options_.futures.empty())
    return fail(errc::configuration, "--shard takes symbols from the registry: name none by --symbols or --futures");
  for (const auto& a : apps_)
    if (!a->workers())
      return fail(errc::configuration,
                  std::string(a->name()) + " does not take --shard: name its symbols by --symbols or --futures");
    else if (options_.mode == "replay" && !a->workers()->resumes_replay())
      return fail(errc::configuration, std::string(a->name()) + " takes --shard live only: in replay name its symbols");
  return {};
}

/// One agent for each app; each has its own place among the processes of its service.
void process::impl::start_shards() {
  if (!shard_) return;
  for (const auto& a : apps_) {
    shards_.push_back(std::make_unique<shard_agent>(
        *bus_, *a->workers(), registry_,
        shard_agent::settings{std::string(a->name()), options_.venue, *shard_,
                              std::chrono::milliseconds(options_.lease_ms), options_.standby > 0}));
    conditions_.add(conditions::everyone, "shard", [agent = shards_.back().get()] { return agent->why_not_ready(); });
    shards_.back()->start();
  }
}

/// Symbols go to others before anything else ends.
void process::impl::stop_shards(std::chrono::milliseconds limit) {
  for (const auto& agent : shards_) agent->stop(limit / static_cast<int>(shards_.size()));
}

result<void> process::impl::prepare() {
  if (auto ok = parse_addresses(); !ok) return ok;
  if (auto ok = parse_shard(); !ok) return ok;
  for (const auto& a : apps_)
    if (auto valid = a->validate(options_); !valid) return valid;
  for (const auto& a : apps_)
    if (auto ok = prepare_data_dir(std::filesystem::path(options_.data_dir) / a->name()); !ok) return ok;
  if (!bus_) {
    auto made = make_bus(options_, apps_.size() == 1 ? std::string(apps_[0]->name()) : "isobar");
    if (!made) return std::unexpected(made.error());
    bus_ = std::move(*made);
  }
  return {};
}

result<void> process::impl::start() {
  if (auto ok = prepare(); !ok) return ok;
  actors_ =
      std::make_unique<actors::system>(actors::system_options{.threads = static_cast<std::size_t>(options_.threads)});
  actors_->on_failure([this](const std::string& name, const actors::exit_reason& why) {
    log_.warn_limited("actor " + name, "actor failed name=" + name + " error=\"" + why.what + "\"");
  });
  exported_ = export_host_metrics(registry_, *bus_, *actors_);
  conditions_.add(conditions::everyone, "bus",
                  [this] { return std::string(bus_->stats().connected ? "" : "not connected to " + options_.bus); });
  if (auto ok = start_apps(); !ok) return ok;
  registry_.get_gauge("isobar_ready").set(0);  // until it was looked at: the first scrape has the series
  if (auto ok = start_servers(); !ok) return ok;
  start_shards();
  health_ = std::thread([this] { watch_health(); });
  log_.info("host started bus=" + options_.bus + " grpc_port=" + std::to_string(grpc_port()) +
            " http_port=" + std::to_string(http_port()));
  return {};
}

result<void> process::impl::start_apps() {
  for (std::size_t i = 0; i < apps_.size(); ++i) {
    starting_ = i;
    auto ok = apps_[i]->start(*this);
    starting_ = conditions::everyone;
    if (!ok) return fail(ok.error().code, std::string(apps_[i]->name()) + ": " + ok.error().evidence);
    started_ = i + 1;
  }
  return {};
}

result<void> process::impl::start_servers() {
  if (grpc_address_) {
    const grpc_server_options server{.listen = *grpc_address_,
                                     .message_bytes_max = options_.grpc_message_bytes_max,
                                     .reflection = options_.reflection,
                                     .tls_cert_file = options_.grpc_tls_cert,
                                     .tls_key_file = options_.grpc_tls_key,
                                     .tls_client_ca_file = options_.grpc_tls_client_ca,
                                     .tokens_file = options_.grpc_tokens,
                                     .rate_max = options_.grpc_rate_max,
                                     .deadline_ms_max = options_.grpc_deadline_ms_max};
    if (auto ok = grpc_.start(server, &registry_); !ok) return ok;
  }
  if (http_address_) {
    http_ = std::make_unique<http_server>([this](std::string_view path) { return answer(path); });
    if (auto ok = http_->start(*http_address_); !ok) {
      http_.reset();
      return ok;
    }
  }
  return {};
}

http_reply process::impl::answer(std::string_view path) {
  if (path == "/metrics") {
    raise_to(registry_.get_counter("isobar_http_connections_refused_total"), http_->connections_refused());
    return {200, "text/plain; version=0.0.4; charset=utf-8", registry_.scrape()};
  }
  if (path == "/healthz") return {.body = "ok\n"};
  if (path == "/readyz") {
    const std::string failing = conditions_.failing();
    return failing.empty() ? http_reply{.body = "ready\n"} : http_reply{.status = 503, .body = failing};
  }
  return {.status = 404, .body = "there are /metrics, /healthz and /readyz\n"};
}

void process::impl::watch_health() {
  std::unique_lock lock(mutex_);
  while (!health_ends_) {
    lock.unlock();
    grpc_.update_health([this](std::size_t i) { return conditions_.failing(grpc_owners_[i]).empty(); });
    // Not to be mended from inside: whoever supervises the process starts it again, with the keys that are there then.
    if (bus_->stats().ended) request_stop("the NATS server refuses this process", exit_bus_ended);
    registry_.get_gauge("isobar_ready").set(conditions_.failing().empty() ? 1 : 0);
    lock.lock();
    changed_.wait_for(lock, health_period, [this] { return health_ends_; });
  }
}

void process::impl::stop_health() {
  {
    const std::lock_guard lock(mutex_);
    health_ends_ = true;
    changed_.notify_all();
  }
  if (health_.joinable()) health_.join();
}

bool process::impl::stop() {
  if (stopped_) return in_time_;
  stopped_ = true;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.drain_ms);
  const auto left = [&] {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return std::max(ms, std::chrono::milliseconds(0));
  };
  conditions_.drain();
  stop_health();
  grpc_.drain();
  stop_shards(left() * 3 / 5);
  for (std::size_t i = started_; i-- > 0;) apps_[i]->drain();
  grpc_.stop(std::min(left() / 2, std::chrono::milliseconds(500)));
  if (actors_) in_time_ = actors_->shutdown(left());
  if (bus_) {
    (void)bus_->flush();
    if (owns_bus_) bus_->close();
  }
  if (http_) http_->stop();
  // What an actor that is still stuck uses must stay.
  if (in_time_)
    for (std::size_t i = started_; i-- > 0;) apps_[i]->stop();
  exported_.reset();
  in_time_ = in_time_ && left().count() > 0;
  return in_time_;
}

process::process(host_options options, std::vector<std::unique_ptr<app>> apps, std::shared_ptr<bus::bus> bus)
    : impl_(std::make_unique<impl>(std::move(options), std::move(apps), std::move(bus))) {}

process::~process() {
  impl_->stop();
  // Actors use what apps own, and apps may hold subscriptions of the bus.
  impl_->actors_.reset();
  impl_->apps_.clear();
}

result<void> process::start() {
  auto ok = impl_->start();
  if (!ok) impl_->stop();
  return ok;
}

host& process::get_host() { return *impl_; }

bool process::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock(impl_->mutex_);
  return impl_->changed_.wait_for(lock, limit, [this] { return impl_->stop_requested_; });
}

int process::exit_code() const {
  const std::lock_guard lock(impl_->mutex_);
  return impl_->exit_code_;
}

bool process::stop() { return impl_->stop(); }

}  // namespace isobar::service
