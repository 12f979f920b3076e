#pragma once
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bus/sequence.hpp"
#include "decomposer/domain/resync.hpp"
#include "decomposer/metrics.hpp"
#include "decomposer/transport/last_inputs.hpp"
#include "service/frame_keeper.hpp"
#include "service/intake_set.hpp"
#include "service/symbol_workers.hpp"
#include "telemetry/log.hpp"
#include "wire/window_codec.hpp"

namespace isobar::decomposer {

/// A model's subject: its name is the last token.
std::string model_subject(std::string_view model, std::string_view venue, const symbol& s);

/// One symbol's worker and what outlives its restarts.
struct worker_links {
  bus::bus& bus;
  std::string venue;
  worker_metrics metrics;
  std::shared_ptr<last_inputs> inputs = std::make_shared<last_inputs>();
  service::intake_set intakes{};
  /// Replay: frames of models kept for consumers that lack some, in the registry's order; null: of that model none.
  std::array<std::unique_ptr<service::frame_keeper>, models::size> kept{};
  std::optional<service::symbol_place> place{};  ///< of a symbol that was shared out: what `bus` is of
};
/// Tags of a worker's intakes.
enum intake_tag : int { windows_tag, resync_tag };

/// While windows are missing: time to ask for a base window again?
struct resync_tick {};

/// One symbol: a window in, one frame for each model out. Holds nothing but the sequence check, so that a restart costs
/// one resync.
class decomposer_worker {
 public:
  using messages = actors::message_list<service::intake_ready, resync_tick>;

  decomposer_worker(symbol s, std::shared_ptr<worker_links> links);
  void on_start(actors::context& self);
  void on(actors::context& self, const service::intake_ready& m);
  void on(actors::context& self, const resync_tick&);

 private:
  void take(const bus::message& m);
  void watch_sequence(const wire::frame_info& header, bool base);
  void take_resync(const bus::message& m);
  void pass_heartbeat(const wire::frame_info& header);
  void project(const wire::frame_info& header);
  void ask_for_base(actors::context& self);
  void refuse(std::string_view reason, const std::string& evidence);

  symbol symbol_;
  const std::shared_ptr<worker_links> links_;
  std::array<std::string, models::size> subjects_;
  wire::window_decoder decoder_;
  market::frozen_window window_;  ///< reused
  bus::sequence_check sequence_;
  resync_plan resync_;
  wire::frame_info told_;  ///< sequence, watermark and quality last published; sequence 0: nothing was
  bool based_ = false;     ///< a base window was seen: later ones mean something
  bool ticking_ = false;   ///< a resync_tick is on its way
  telemetry::logger log_{"decomposer"};
};

}  // namespace isobar::decomposer
