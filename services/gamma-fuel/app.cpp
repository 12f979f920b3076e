#include "gamma-fuel/app.hpp"

#include <chrono>
#include <map>
#include <set>

#include "gamma-fuel/actors/epoch_loader.hpp"
#include "gamma-fuel/actors/gamma_worker.hpp"
#include "gamma-fuel/transport/gamma_grpc.hpp"
#include "service/data_dir.hpp"
#include "service/wall_clock.hpp"
#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr const char* service_name = "gamma-fuel";

bool holds(const std::vector<symbol>& all, const symbol& s) {
  return std::find(all.begin(), all.end(), s) != all.end();
}

class gamma_fuel_app final : public service::app {
 public:
  std::string_view name() const override { return service_name; }
  void declare(config::schema& s) override { options_.declare(s); }

  service::result<void> validate(const service::host_options& h) override {
    if (const auto ok = options_.check_overrides(h.symbols, h.futures); !ok)
      return fail(service::errc::configuration, ok.error().evidence);
    for (const symbol& s : all_of(h))
      if (const auto plan = options_.plan(s, holds(h.futures, s), h.symbols, h.futures); !plan)
        return fail(service::errc::configuration, plan.error().evidence);
    return {};
  }

  service::result<void> start(service::host& h) override {
    const service::host_options& o = h.options();
    if (options_.kv)
      kv_ = std::make_unique<service::latest_writer>(h.bus(), std::string(subjects::gex_bucket), service_name);
    epochs_ = std::make_unique<epoch_loader>(h.bus(), o.venue);
    for (const symbol& s : all_of(o))
      if (auto ok = make_link(h, s); !ok) return ok;
    const stream_metrics streams(h.metrics());
    streams_ = std::make_unique<gamma_streams>(
        stores_,
        service::grpc_stream_limits{static_cast<std::size_t>(options_.streams_max),
                                    std::chrono::milliseconds(options_.stream_stall_ms)},
        stream_meters{streams.gex, streams.gex_conflated}, stream_meters{streams.signals, streams.signals_conflated});
    // Everything that other threads look up is complete before the first worker runs.
    price_steps steps;
    for (const auto& [s, link] : links_) {
      link->store->on_change([this] { streams_->wake(); });
      steps.emplace(s, link->plan.rules.tick);
    }
    for (const auto& [s, link] : links_)
      if (auto ok = start_worker(h, link); !ok) return ok;
    gex_ = std::make_unique<gex_grpc>(stores_, *streams_, h.metrics());
    level_ = std::make_unique<level_grpc>(stores_, *streams_, askers(), std::move(steps),
                                          static_cast<int>(options_.calls_max), h.metrics());
    h.add_grpc(*gex_, "isobar.gex.v1.GexService");
    h.add_grpc(*level_, "isobar.level.v1.LevelService");
    return {};
  }

  void drain() override {
    for (const auto& [s, link] : links_) link->intakes.close();
    if (streams_) streams_->close();
    for (const auto& [s, worker] : workers_) worker.send(finish{});
    if (!kv_) return;
    // Each puts its last value before it is done; one that has failed is not waited for longer.
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    for (const auto& [s, link] : links_) (void)link->finished.try_acquire_until(until);
    kv_->close();
  }

  void stop() override {
    workers_.clear();
    links_.clear();
    level_.reset();
    gex_.reset();
    streams_.reset();
    epochs_.reset();
    kv_.reset();
  }

 private:
  /// Option symbols and futures, each once.
  static std::set<symbol> all_of(const service::host_options& h) {
    std::set<symbol> out(h.symbols.begin(), h.symbols.end());
    out.insert(h.futures.begin(), h.futures.end());
    return out;
  }

  worker_askers askers() {
    return {.add_level =
                [this](const symbol& s, std::shared_ptr<add_level_call> call) {
                  workers_.at(s).send(level_wanted{std::move(call)}, actors::lane::control);
                },
            .remove_level =
                [this](const symbol& s, std::shared_ptr<remove_level_call> call) {
                  workers_.at(s).send(level_unwanted{std::move(call)}, actors::lane::control);
                },
            .explain =
                [this](const symbol& s, std::shared_ptr<explain_call> call) {
                  workers_.at(s).send(explain_wanted{std::move(call)}, actors::lane::control);
                }};
  }

  service::result<void> make_link(service::host& h, const symbol& s) {
    const service::host_options& o = h.options();
    const auto plan = options_.plan(s, holds(o.futures, s), o.symbols, o.futures);
    if (!plan) return fail(service::errc::configuration, plan.error().evidence);
    const bool live = o.mode == "live";
    const resume_mode resume = options_.resume_at_start();
    const auto folder = service::symbol_folder(h.data_dir(service_name), s);
    if (auto ok = service::prepare_data_dir(folder); !ok) return ok;
    const store_limits limits{.profiles = static_cast<std::size_t>(options_.history_windows),
                              .profile_bytes = static_cast<std::size_t>(options_.history_bytes_max),
                              .expiry_bytes = static_cast<std::size_t>(options_.history_expiry_bytes_max),
                              .alerts = static_cast<std::size_t>(options_.history_alerts)};
    const auto store = std::make_shared<gamma_store>(limits);
    std::shared_ptr<gamma_link> link(new gamma_link{
        .bus = h.bus(),
        .name = s,
        .venue = o.venue,
        .live = live,
        .configured = options_,
        .plan = *plan,
        .folder = folder,
        .resume = resume == resume_mode::yes || (resume == resume_mode::automatic && live && o.bus != "local"),
        .store = store,
        .measured = gamma_metrics(h.metrics(), s),
        .kv = kv_.get(),
        .epochs = epochs_.get(),
        .clock = service::wall_clock});
    stores_.emplace(s, store);
    links_.emplace(s, std::move(link));
    return {};
  }

  service::result<void> start_worker(service::host& h, const std::shared_ptr<gamma_link>& link) {
    const symbol& s = link->name;
    const std::string& venue = link->venue;
    const actors::ref worker = h.actors().supervise("gamma-fuel/" + s.str(), [link] { return gamma_worker(link); });
    workers_.emplace(s, worker);
    link->measured.watch(worker);
    const symbol_plan& plan = link->plan;
    // Epochs first, so that rows never arrive before the worker could have heard of their epoch.
    if (const auto& chains = plan.options.chains) {
      if (auto ok = open(h, link, subjects::epoch_switch(venue, *chains), epochs_intake, "epochs"); !ok) return ok;
      if (plan.side_chain)
        if (auto ok = open(h, link, subjects::chain_snapshot(venue, *chains), input::chain); !ok) return ok;
      if (plan.side_rows)
        if (auto ok = open(h, link, subjects::model_gex(venue, *chains), input::rows); !ok) return ok;
      if (plan.side_flow)
        if (auto ok = open(h, link, subjects::model_flow(venue, *chains), input::flow); !ok) return ok;
      if (plan.side_volume)
        if (auto ok = open(h, link, subjects::model_volume_profile(venue, *chains), input::volume); !ok) return ok;
    }
    if (auto ok = open_refills(h, link); !ok) return ok;
    if (const auto& feed = plan.options.feed)
      if (auto ok = open(h, link, subjects::feed_options(venue, *feed), input::option_feed); !ok) return ok;
    if (plan.future) {
      for (const auto& [subject, from] : {std::pair(subjects::feed_quotes(venue, s), input::quotes),
                                          std::pair(subjects::feed_trades(venue, s), input::trades),
                                          std::pair(subjects::radar_levels(venue, s), input::levels)})
        if (auto ok = open(h, link, subject, from); !ok) return ok;
    }
    if (!plan.options.any())
      telemetry::logger(service_name)
          .info("symbol has no options here: levels and signals without gamma symbol=" + s.str());
    h.add_readiness("gamma " + s.str(), [this, link] { return why_not_ready(*link); });
    return {};
  }

  /// Replay: producers say what they keep, and where some frames come again.
  service::result<void> open_refills(service::host& h, const std::shared_ptr<gamma_link>& link) {
    const symbol_plan& plan = link->plan;
    const auto& chains = plan.options.chains;
    const bool others = chains && *chains != link->name;
    if (plan.future || plan.options.feed || !others)
      if (auto ok = open(h, link, subjects::feed_resync(link->venue, link->name), refills_intake, "refills"); !ok)
        return ok;
    if (link->live || !chains) return {};
    if (others)
      if (auto ok = open(h, link, subjects::feed_resync(link->venue, *chains), refills_intake, "option_refills"); !ok)
        return ok;
    if (auto ok = open(h, link, subjects::epoch_refill(link->venue, *chains), epochs_intake, "epochs_again"); !ok)
      return ok;
    if (!plan.side_chain) return {};
    return open(h, link, subjects::chain_refill(link->venue, *chains), static_cast<int>(input::chain), "chain_again");
  }

  service::result<void> open(service::host& h, const std::shared_ptr<gamma_link>& link, const std::string& subject,
                             input from) {
    return open(h, link, subject, static_cast<int>(from), name_of(from));
  }
  service::result<void> open(service::host& h, const std::shared_ptr<gamma_link>& link, const std::string& subject,
                             int tag, std::string_view label) {
    const bus::subscribe_options queue{.queue_limit = static_cast<std::size_t>(options_.queue_frames_max)};
    auto opened = service::intake::open(h.bus(), subject, queue, workers_.at(link->name), tag);
    if (!opened) return fail(service::errc::bus, subject + ": " + opened.error().evidence);
    link->measured.watch(*opened, label);
    link->intakes.add(std::move(*opened));
    return {};
  }

  std::string why_not_ready(const gamma_link& l) const {
    if (l.resyncing) return "waits for a base window";
    if (l.epoch_unknown) return "waits for an epoch";
    if (l.store->empty()) return "nothing built yet" + waited_for(l.waits_for);
    if (!l.live || l.input_ended) return {};
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const std::int64_t silent = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() - l.heard_ns.load();
    return silent > milliseconds(options_.ready_within_ms).value ? "inputs silent" : "";
  }

  static std::string waited_for(std::uint32_t mask) {
    std::string out;
    for (std::size_t i = 0; i < inputs; ++i)
      if (mask & (1u << i)) out += (out.empty() ? ", waits for " : " ") + std::string(name_of(static_cast<input>(i)));
    return out;
  }

  options options_;
  gamma_stores stores_;
  std::map<symbol, std::shared_ptr<gamma_link>> links_;
  std::map<symbol, actors::ref> workers_;
  std::unique_ptr<service::latest_writer> kv_;
  std::unique_ptr<epoch_loader> epochs_;
  std::unique_ptr<gamma_streams> streams_;
  std::unique_ptr<gex_grpc> gex_;
  std::unique_ptr<level_grpc> level_;
};

}  // namespace

std::unique_ptr<service::app> make_app() { return std::make_unique<gamma_fuel_app>(); }

}  // namespace isobar::gamma_fuel
