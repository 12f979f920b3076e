#include "feed-ingest/app.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <set>
#include <utility>

#include "bus/bus.hpp"
#include "core/date.hpp"
#include "feed-ingest/actors/feed_worker.hpp"
#include "feed-ingest/actors/feeder.hpp"
#include "feed-ingest/config.hpp"
#include "feed-ingest/sources/futures_source.hpp"
#include "feed-ingest/transport/feed_grpc.hpp"
#include "market/futures_product.hpp"
#include "service/query_result.hpp"
#include "service/wall_clock.hpp"
#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::feed_ingest {
namespace {

using service::wall_clock;

constexpr int exit_input = 1;  ///< the input broke off, or is not the one that a checkpoint was made of

const telemetry::logger& log() {
  static const telemetry::logger out("feed-ingest");
  return out;
}

constexpr const char* service_name = "feed-ingest";

/// One symbol: worker and what it shares.
struct pipeline {
  std::unique_ptr<metrics> series;
  std::shared_ptr<worker_shared> shared;
  actors::ref worker;
  std::shared_ptr<feeder> feed;  ///< of its stream, which may feed others too
};

/// The product's tick, until a definition says it; 0: not in the table.
price known_tick(const binding& b) {
  for (const auto& name : {b.raw_symbol, b.symbol.str()})
    if (const auto asset = market::futures_product_of(name))
      if (const auto* product = market::find_futures_product(*asset)) return product->tick;
  return price(0);
}

class feed_ingest_app final : public service::app, private service::symbol_workers {
 public:
  explicit feed_ingest_app(std::function<void(const std::string&)> on_broken) : on_broken_(std::move(on_broken)) {}
  std::string_view name() const override { return service_name; }
  void declare(config::schema& s) override { config_.declare(s); }
  service::symbol_workers* workers() override { return this; }

  service::result<void> validate(const service::host_options& h) override {
    if (!h.shard.empty() && !config_.simulated())
      return fail(service::errc::configuration, "--shard: a file feeds all of its symbols from one place; name them");
    if (std::string trouble = config_.validate(h.futures); !trouble.empty())
      return fail(service::errc::configuration, std::move(trouble));
    return {};
  }

  service::result<void> start(service::host& h) override {
    host_ = &h;
    board_ = std::make_shared<feed_board>();
    grpc_ = std::make_unique<feed_grpc>(board_, h.metrics());
    h.add_grpc(*grpc_, "isobar.feed.v1.FeedService");
    started_ = wall_clock();
    h.add_readiness(service_name, [this] { return trouble(); });
    if (auto ok = config_.simulated() ? start_markets() : start_files(); !ok) return ok;
    const auto all = feeders();
    running_ = all.size();
    for (const auto& f : all) f->start();
    return {};
  }

  void drain() override {
    for (const auto& f : feeders()) f->stop();
  }

  void stop() override {
    for (const auto& p : pipelines_.all()) close(*p->second);
    pipelines_.clear();
    grpc_.reset();
  }

 private:
  bool live() const { return host_->options().mode == "live"; }

  // symbol_workers
  service::symbol_kind kind() const override { return service::symbol_kind::futures; }
  service::result<void> add(const symbol& s, const service::symbol_place& place) override {
    if (auto ok = start_market(s, place); !ok) return ok;
    ++running_;
    pipelines_.find(s)->second->feed->start();
    return {};
  }
  /// A successor makes the market's records again from its beginning, as after a restart.
  void remove(const symbol& s, bool) override {
    const auto entry = pipelines_.find(s);
    if (!entry) return;
    pipeline& p = *entry->second;
    if (p.feed) p.feed->stop();
    close(p);
    if (!host_->actors().stop(p.worker, service::worker_ends_within))
      log().warn("worker does not end symbol=" + s.str());
    board_->remove(s.str());
    pipelines_.erase(s);
  }
  static void close(const pipeline& p) {
    for (const auto& in : {p.shared->progress, p.shared->resync})
      if (in) in->close();
  }

  /// Each once.
  std::set<std::shared_ptr<feeder>> feeders() const {
    std::set<std::shared_ptr<feeder>> out;
    for (const auto& p : pipelines_.all())
      if (p->second->feed) out.insert(p->second->feed);
    return out;
  }

  service::result<void> start_markets() {
    for (const symbol& s : host_->options().futures)
      if (auto ok = start_market(s, std::nullopt); !ok) return ok;
    return {};
  }

  service::result<void> start_market(const symbol& s, const std::optional<service::symbol_place>& place) {
    const auto pace = sim::market_pacer(config_.sim, started_);
    if (!pace) return fail(service::errc::configuration, pace.error().evidence);
    const auto market = sim::futures_config(config_.sim, s);
    if (!market) return fail(service::errc::configuration, market.error().evidence);
    auto made = std::make_unique<futures_source>(*market);
    const auto& instrument = made->instrument();
    input in;
    in.bindings = {{s, instrument.raw_symbol, {{.id = instrument.id, .raw_symbol = instrument.raw_symbol}}}};
    in.words = "sim " + instrument.raw_symbol;
    in.stream = std::move(made);
    return start_stream(std::move(in), *pace, place);
  }

  service::result<void> start_files() {
    auto in = open_input(config_.input(host_->options().futures));
    if (!in) return fail(service::errc::configuration, in.error().evidence);
    for (const auto& b : in->bindings)
      log().info("symbol bound symbol=" + b.symbol.str() + " instrument=" + b.raw_symbol + " source=" + in->words);
    return start_stream(std::move(*in), std::nullopt, std::nullopt);
  }

  service::result<void> start_stream(input in, std::optional<sim::pacer> pace,
                                     const std::optional<service::symbol_place>& place) {
    std::vector<feeder_lane> lanes;
    std::vector<std::shared_ptr<pipeline>> fed;
    for (const auto& b : in.bindings) {
      auto made = start_symbol(b, in, place);
      if (!made) return std::unexpected(std::move(made.error()));
      auto frames = config_.frames();
      frames.options_only = b.instruments.empty();
      lanes.push_back(
          {normaliser(b.symbol, frames, known_tick(b)), (*made)->worker, (*made)->shared->flow, b.instruments.empty()});
      fed.push_back(std::move(*made));
    }
    feeder_options options{.speed = config_.speed,
                           .pace = std::move(pace),
                           .start_wait = std::chrono::milliseconds(config_.start_wait_ms),
                           .wait_for_consumers = config_.wait_for_consumers,
                           .progress = config_.progress == "true" || (config_.progress == "auto" && isatty(2) == 1),
                           .clock = wall_clock,
                           .on_error = [this](const std::string& why) { broke_off(why); }};
    if (!config_.from.empty()) options.from = *parse_iso_timestamp(config_.from);
    if (!config_.until.empty()) options.until = *parse_iso_timestamp(config_.until);
    const auto feed = std::make_shared<feeder>(std::move(in), std::move(lanes), std::move(options), host_->metrics(),
                                               [this](const stream_summary& s) { ended(s); });
    for (const auto& p : fed) p->feed = feed;
    return {};
  }

  service::result<std::shared_ptr<pipeline>> start_symbol(const binding& b, const input& in,
                                                          const std::optional<service::symbol_place>& place) {
    auto p = std::make_shared<pipeline>();
    const symbol& s = b.symbol;
    bus::bus& on = place ? *place->bus : host_->bus();
    const std::string& venue = host_->options().venue;
    p->series = std::make_unique<metrics>(host_->metrics(), s);
    const auto out = [&](subjects::kind k) {
      return service::publisher(on, service_name, subjects::subject(k, venue, s), &p->series->common);
    };
    using enum subjects::kind;
    p->shared = std::make_shared<worker_shared>(
        worker_shared{.symbol = s,
                      .out = {out(feed_definition), out(feed_status), out(feed_statistics), out(feed_trades),
                              out(feed_quotes), out(feed_options), out(feed_book)},
                      .refill = out(feed_refill),
                      .series = *p->series,
                      .flow = std::make_shared<lane>(config_.flow()),
                      .board = board_,
                      .saved = checkpoint_file(host_->data_dir(service_name), subject_token(s.str()),
                                               {.symbol = s.str(), .identity = identity_of(in), .at = {}}),
                      .kept = refill_ring(static_cast<std::size_t>(config_.refill_mebibytes) << 20),
                      .resumed = {},
                      .on_mismatch = [this](const std::string& why) { host_->request_stop(why, exit_input); },
                      .heartbeat = std::chrono::milliseconds(config_.heartbeat_ms),
                      .quality = config_.simulated() ? market::quality::synthetic : market::quality::ok,
                      .leads_with_options = b.instruments.empty(),
                      .hold_when_full = config_.wait_for_consumers && !live(),
                      .clock = live() ? std::function<timestamp()>(wall_clock) : nullptr});
    for (const channel c : light_channels)
      p->shared->out[static_cast<std::size_t>(c)].keep_for_refill(
          {.of = s,
           .notes = subjects::feed_resync(venue, s),
           .producer = service_name,
           .bytes_max = static_cast<std::size_t>(config_.light_mebibytes) << 20},
          p->series->common.refills(to_string(c)));
    auto& state = p->shared->state;
    state.source = in.words;
    state.quality = p->shared->quality;
    state.instrument.raw_symbol = b.raw_symbol;
    if (b.instruments.size() == 1) state.instrument.id = b.instruments.front().id;
    board_->add(s.str(), state);
    if (auto ok = resume(*p->shared); !ok) return std::unexpected(std::move(ok.error()));
    p->shared->place = place;
    p->worker = host_->actors().supervise("feed-ingest/" + s.str(), [p] { return feed_worker{p->shared}; });
    pipelines_.emplace(s, p);
    p->series->common.watch(p->worker);
    if (auto ok = listen(*p); !ok) return std::unexpected(std::move(ok.error()));
    return p;
  }

  service::result<void> listen(pipeline& p) {
    const auto open = [&](subjects::kind k, std::size_t queue, int tag) {
      return service::intake::open(host_->bus(), subjects::subject(k, host_->options().venue, p.shared->symbol),
                                   {.queue_limit = queue, .policy = bus::overflow::drop_oldest}, p.worker, tag);
    };
    auto progress = open(subjects::kind::control_progress, 1024, progress_tag);
    if (!progress) return fail(service::errc::bus, "control.progress: " + progress.error().evidence);
    auto resync = open(subjects::kind::feed_resync, 64, resync_tag);
    if (!resync) return fail(service::errc::bus, "feed.resync: " + resync.error().evidence);
    p.shared->progress = std::move(*progress);
    p.shared->resync = std::move(*resync);
    p.series->common.watch(p.shared->progress, "progress");
    p.series->common.watch(p.shared->resync, "resync");
    return {};
  }

  service::result<void> resume(worker_shared& s) const {
    if (!config_.resume) return {};
    auto at = s.saved.load();
    if (!at) return fail(service::errc::configuration, "feed-ingest.resume: " + at.error().evidence);
    if (!*at) {
      log().info("no checkpoint symbol=" + s.symbol.str() + " file=" + s.saved.path().string());
      return {};
    }
    s.resumed = **at;
    // Frames of light channels are made again, and numbered by that.
    for (std::size_t i = 0; i < channels; ++i)
      if (!is_light(static_cast<channel>(i))) s.out[i].resume_after(s.resumed->sequences[i]);
    s.flow->start_after(s.resumed->of(channel::book));
    s.saved.set(*s.resumed);
    return {};
  }

  std::vector<std::string> identity_of(const input& in) const {
    auto out = config_.identity();
    for (const auto& f : in.files) out.push_back("file " + f.name + " " + std::to_string(f.bytes) + " bytes");
    return out;
  }

  /// On a feeder's thread, while consumers are not yet told of the end.
  void broke_off(const std::string& why) {
    broken_ = true;
    if (on_broken_) on_broken_(why);
  }

  /// On a feeder's thread.
  void ended(const stream_summary& s) {
    const std::string text = s.text();
    if (s.error)
      log().error("input broke off " + text);
    else
      log().info("input ended " + text);
    if (config_.progress != "false" && (config_.progress == "true" || isatty(2) == 1))
      std::fprintf(stderr, "feed-ingest  %s\n", text.c_str());
    if (s.error && !on_broken_ && (!live() || config_.exit_at_end))
      host_->request_stop("feed-ingest: the input broke off: " + *s.error, exit_input);
    if (--running_ == 0 && config_.exit_at_end && !broken_) host_->request_stop("feed-ingest: the input has ended");
  }

  std::string trouble() const {
    if (broken_) return "the input broke off";
    for (const auto& p : pipelines_.all())
      if (auto why = p->second->shared->flow->held(); !why.empty()) return p->first.str() + ": " + why;
    return {};
  }

  const std::function<void(const std::string&)> on_broken_;
  configuration config_;
  service::host* host_ = nullptr;
  std::shared_ptr<feed_board> board_;
  std::unique_ptr<feed_grpc> grpc_;
  timestamp started_ = start_of_time;
  service::stores_by_symbol<pipeline> pipelines_;
  std::atomic<std::size_t> running_{0};
  std::atomic<bool> broken_{false};
};

}  // namespace

std::unique_ptr<service::app> make_app(std::function<void(const std::string&)> on_broken) {
  return std::make_unique<feed_ingest_app>(std::move(on_broken));
}

}  // namespace isobar::feed_ingest
