#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/actors.hpp"
#include "bus/bus.hpp"
#include "bus/sequence.hpp"
#include "service/intake.hpp"
#include "service/publisher.hpp"
#include "service/symbol_workers.hpp"
#include "telemetry/log.hpp"
#include "wire/window_codec.hpp"
#include "ws-hydrator/config.hpp"
#include "ws-hydrator/domain/hydrator.hpp"
#include "ws-hydrator/domain/subscription.hpp"
#include "ws-hydrator/metrics.hpp"
#include "ws-hydrator/sources/quote_source.hpp"
#include "ws-hydrator/transport/symbol_view.hpp"

namespace isobar::ws_hydrator {

/// What one symbol's worker uses and what outlives its restarts. Written by the worker alone once it runs.
struct symbol_link {
  isobar::symbol symbol;
  std::string venue;
  bool live = true;
  settings options;
  bus::bus* bus = nullptr;
  std::optional<service::symbol_place> place;  ///< of a symbol that was shared out: what `bus` is of
  std::shared_ptr<quote_source> source;
  std::shared_ptr<symbol_view> view;
  std::shared_ptr<hydrator_metrics> metrics;
  std::vector<std::shared_ptr<service::intake>>
      intakes;                       ///< set after the worker is spawned, before it is told to begin
  std::function<timestamp()> clock;  ///< wall time, ns since 1970; replay never asks

  // The checkpoint.
  std::uint64_t sequence = 0;
  timestamp closed_until = start_of_time;
  std::uint64_t lives = 0;
  std::int64_t switch_pause_max_ns = 0, switch_pause_last_ns = 0;
};

/// Everything is wired: take up input. Sent once by the app.
struct begin {};
/// The source's channel has events or a new watermark.
struct feed_ready {};
/// Ten times a second: clock watermark, coalesced heartbeats, figures.
struct tick {};

/// One symbol: decodes inputs, drives the hydrator, publishes windows. Restored after a failure from the link's
/// checkpoint and the buckets "epochs" and "chains", then emits a base window.
class hydrator_worker {
 public:
  /// begin, feed_ready, tick; service::intake_ready of the intakes below.
  using messages = actors::message_list<begin, feed_ready, tick, service::intake_ready>;
  enum input { chains = 1, epochs = 2, resyncs = 3 };

  explicit hydrator_worker(std::shared_ptr<symbol_link> link);

  void on_start(actors::context& self);
  void on(actors::context& self, const begin&);
  void on(actors::context& self, const feed_ready&);
  void on(actors::context& self, const tick&);
  void on(actors::context& self, const service::intake_ready& ready);

 private:
  void take_chain(const bus::message& m);
  void refuse(std::string_view reason);
  void take_epoch(const bus::message& m);
  void take_resync(const bus::message& m);
  void accept(const market::epoch& e);
  void load_chain();
  bool load_epoch();
  /// Epoch and chain from the store. False: it has no epoch.
  bool recover();
  void emit(const market::frozen_window& w);
  void after(actors::context& self);
  void heartbeat(duration_ns at_least);
  void go_on_without_silent_inputs(timestamp now);
  market::quality input_quality() const;
  void track_switch();
  void follow_filter();
  void report();

  std::shared_ptr<symbol_link> link_;
  telemetry::logger log_{"ws-hydrator"};
  std::unique_ptr<hydrator> hydrator_;
  std::unique_ptr<service::publisher> out_;
  std::unique_ptr<wire::window_encoder> encoder_;
  bus::sequence_check chain_sequence_, epoch_sequence_;
  std::vector<feed_event> events_;
  timestamp told_until_ = start_of_time;  ///< watermark of the last frame or heartbeat
  bool begun_ = false, stalled_ = false, resyncing_ = false;
  bool silent_ = false;                             ///< chains or epochs, live
  bool heard_chains_ = true, heard_epochs_ = true;  ///< since the last tick
  timestamp epochs_told_ = start_of_time;           ///< newest watermark heard from epoch-manager
  timestamp chains_heard_at_ = start_of_time, epochs_heard_at_ = start_of_time;  ///< by the clock
  std::uint64_t losses_ = 0, switches_ = 0, filtered_epoch_ = 0;
  price filtered_spot_ = market::no_price;
  std::size_t not_subscribed_ = 0;
  std::optional<std::chrono::steady_clock::time_point> blocked_since_;
  std::string problem_;
};

}  // namespace isobar::ws_hydrator
