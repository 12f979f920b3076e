#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "actors/actors.hpp"
#include "bus/bus.hpp"
#include "bus/sequence.hpp"
#include "heatmap-builder/config.hpp"
#include "heatmap-builder/domain/gradient.hpp"
#include "heatmap-builder/domain/held_windows.hpp"
#include "heatmap-builder/metrics.hpp"
#include "heatmap-builder/transport/kv_agent.hpp"
#include "heatmap-builder/transport/surface_store.hpp"
#include "heatmap-builder/transport/tile_encoder.hpp"
#include "service/intake.hpp"

namespace isobar::heatmap_builder {

/// What a worker lives on; outlives its restarts.
struct worker_resources {
  bus::bus& bus;
  symbol name;
  std::string venue;
  options configured;
  bool live = false;  ///< the clock means something beside event time
  std::shared_ptr<surface_store> store;
  kv_agent& kv;
  metrics measured;
  /// Steady clock, ns, at which input was last heard; 0: never. Readiness reads it.
  std::atomic<std::int64_t> heard_ns{0};
  std::atomic<bool> input_ended{false};
};

/// Messages of the worker.
struct epoch_found {
  wire::epoch_record record;
};
struct resync_due {
  std::uint64_t generation = 0;
};

inline constexpr int rows_intake = 1, epochs_intake = 2;

/// One symbol's surface: decodes heatmap rows, calls the domain, publishes tile deltas, gradient and progress, keeps
/// the store that queries read. Messages: intake_ready (rows or epochs waiting), epoch_found (an epoch read from the
/// key-value store), resync_due (time to ask for a base window again).
class surface_worker {
 public:
  using messages = actors::message_list<service::intake_ready, epoch_found, resync_due>;
  explicit surface_worker(std::shared_ptr<worker_resources> r);

  void on_start(actors::context& self);
  void on(actors::context& self, const service::intake_ready& m);
  void on(actors::context& self, const epoch_found& m);
  void on(actors::context& self, const resync_due& m);

 private:
  void take_rows(actors::context& self, std::string_view bytes);
  void take_epoch(actors::context& self, std::string_view bytes);
  void prepare(actors::context& self, const market::epoch& e);
  bool follow_sequence(actors::context& self, const wire::frame_info& frame);
  /// False when the rows' epoch is not known yet.
  bool apply(actors::context& self, const market::heatmap_rows& rows);
  void hold(actors::context& self, market::heatmap_rows&& rows);
  void release_held(actors::context& self);
  void emit(const market::heatmap_rows& rows);
  void emit_gradient(const plane_delta& d);
  void switch_gradients();
  void publish(const std::string& subject, std::string& bytes);
  void heartbeat(timestamp watermark, market::quality quality);
  void report_progress(timestamp done_until);
  void lose_input(actors::context& self);
  void ask_for_base(actors::context& self);
  void load_epoch(actors::context& self, std::uint64_t id);
  void acknowledge(std::uint64_t epoch);

  std::shared_ptr<worker_resources> r_;
  surface surface_;
  held_windows held_;
  std::vector<gradient_plane> gradients_;
  const board* gradient_board_ = nullptr;
  tile_encoder encoder_;
  std::string frame_;
  market::heatmap_rows rows_;
  bus::sequence_check sequence_;
  std::string tiles_subject_, gradient_subject_, progress_subject_, ack_subject_, resync_subject_;
  std::int64_t next_model_ns_ = INT64_MIN;  ///< event time
  std::chrono::nanoseconds pause_{0};       ///< of the last switch
  std::uint64_t resync_generation_ = 0, progress_sequence_ = 0, ack_sequence_ = 0;
  std::chrono::milliseconds resync_wait_{0};
  bool resync_open_ = false;  ///< a resync_due is on its way
  bool lost_ = false;         ///< input has a gap that no base window has healed
};

}  // namespace isobar::heatmap_builder
