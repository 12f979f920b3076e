#pragma once
#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <optional>
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
#include "service/frame_follower.hpp"
#include "service/intake_set.hpp"
#include "service/symbol_workers.hpp"
#include "wire/feed_codec.hpp"

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
  /// Of a symbol that the host shares out: another process may have had it before. `bus` above is its bus.
  std::optional<service::symbol_place> place{};
  service::intake_set intakes{};
  /// Steady clock, ns, at which input was last heard; 0: never. Readiness reads it.
  std::atomic<std::int64_t> heard_ns{0};
  std::atomic<bool> input_ended{false};
  bool stands_by() const { return place && place->stands_by(); }
};

/// Messages of the worker.
struct epoch_found {
  wire::epoch_record record;
};
struct resync_due {
  std::uint64_t generation = 0;
};

/// Time to ask for missed rows again.
struct refill_due {};
/// Replay: time to report progress once more. Nobody else would tell a source that begins again, or that missed the
/// report for which it waits, how far everything has come, and nothing would move again.
struct progress_due {};
/// The symbol goes, or the process ends: keep a checkpoint if there is a place for it.
struct finish {
  bool save = true;                             ///< false: the symbol is another's already
  std::shared_ptr<std::promise<void>> ended{};  ///< the worker ends and says so
};

inline constexpr int rows_intake = 1, epochs_intake = 2, resync_intake = 3;

/// One symbol's surface: decodes heatmap rows, calls the domain, publishes tile deltas, gradient and progress, keeps
/// the store that queries read. Messages: intake_ready (rows, epochs or notes waiting), epoch_found (an epoch read from
/// the key-value store), resync_due (time to ask for a base window again), refill_due, progress_due,
/// finish.
class surface_worker {
 public:
  using messages =
      actors::message_list<service::intake_ready, epoch_found, resync_due, refill_due, progress_due, finish>;
  explicit surface_worker(std::shared_ptr<worker_resources> r);

  void on_start(actors::context& self);
  void on(actors::context& self, const service::intake_ready& m);
  void on(actors::context& self, const epoch_found& m);
  void on(actors::context& self, const resync_due& m);
  void on(actors::context& self, const refill_due& m);
  void on(actors::context& self, const progress_due& m);
  void on(actors::context& self, const finish& m);

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
  prepare_outcome prepare_board(const market::epoch& e);

  // A symbol that moves between processes.
  void remember_epoch(const market::epoch& e);
  void save_if_due();
  void save();
  bool resume();
  bool restore(std::string_view bytes, std::string& why);
  bool follows() const;
  std::uint64_t last_frame() const;
  bool follow_kept(actors::context& self, const wire::frame_info& frame);
  void ask_for_missing(actors::context& self);
  void take_resync(actors::context& self, std::string_view bytes);
  void release(std::uint64_t from);
  void ask(wire::refill_purpose purpose, std::uint64_t sequence);

  std::shared_ptr<worker_resources> r_;
  surface surface_;
  held_windows held_;
  std::vector<gradient_plane> gradients_;
  const board* gradient_board_ = nullptr;
  tile_encoder encoder_;
  std::string frame_;
  market::heatmap_rows rows_;
  bus::sequence_check sequence_;
  service::frame_follower follower_;               ///< instead of sequence_ when follows()
  std::map<std::uint64_t, std::string> epochs_;    ///< encoded: the one in force and those prepared
  std::uint64_t durable_ = 0;                      ///< last frame behind the newest checkpoint
  std::int64_t windows_since_ = 0, released_ = 0;  ///< windows since the last checkpoint, since the last release
  std::chrono::steady_clock::time_point saved_at_{};
  bool asking_ = false;  ///< a refill_due is on its way
  std::string rows_subject_, tiles_subject_, gradient_subject_, progress_subject_, ack_subject_, resync_subject_;
  timestamp done_until_ = start_of_time;  ///< last reported
  std::chrono::steady_clock::time_point repeated_at_{};
  std::int64_t next_model_ns_ = INT64_MIN;  ///< event time
  std::chrono::nanoseconds pause_{0};       ///< of the last switch
  std::uint64_t resync_generation_ = 0, progress_sequence_ = 0, ack_sequence_ = 0;
  std::chrono::milliseconds resync_wait_{0};
  bool resync_open_ = false;  ///< a resync_due is on its way
  bool lost_ = false;         ///< input has a gap that no base window has healed
};

}  // namespace isobar::heatmap_builder
