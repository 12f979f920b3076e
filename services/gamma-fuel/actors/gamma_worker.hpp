#pragma once
#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <optional>

#include "actors/actors.hpp"
#include "gamma-fuel/actors/gamma_desk.hpp"
#include "gamma-fuel/transport/gamma_grpc.hpp"
#include "service/intake.hpp"

namespace isobar::gamma_fuel {

/// Ten times a second: windows by the clock (live), liveness, figures.
struct tick {};
/// Time to ask for a base window or an epoch again.
struct resync_due {
  std::uint64_t generation = 0;
};
/// An epoch read from the key-value store.
struct epoch_found {
  market::epoch epoch;
};
/// Calls that only the worker can answer.
struct level_wanted {
  std::shared_ptr<add_level_call> call;
};
struct level_unwanted {
  std::shared_ptr<remove_level_call> call;
};
struct explain_wanted {
  std::shared_ptr<explain_call> call;
};
/// The process ends: keep a checkpoint.
struct finish {};

/// Tags of the worker's intakes: inputs by their number, epochs, and feed.resync.
inline constexpr int epochs_intake = static_cast<int>(inputs), refills_intake = epochs_intake + 1;

/// One symbol's landscape, levels and signals: hands frames to gamma_desk, asks for base windows and epochs, answers
/// the calls that need the engine, reports progress. Messages: intake_ready of its inputs (tag: input, or
/// epochs_intake), and those above. Restored after a failure from its checkpoint; in replay producers give again what
/// came since, live options come back by a base window.
class gamma_worker {
 public:
  using messages = actors::message_list<service::intake_ready, tick, resync_due, epoch_found, level_wanted,
                                        level_unwanted, explain_wanted, finish>;
  explicit gamma_worker(std::shared_ptr<gamma_link> link);

  void on_start(actors::context& self);
  void on(actors::context& self, const service::intake_ready& m);
  void on(actors::context& self, const tick&);
  void on(actors::context& self, const resync_due& m);
  void on(actors::context& self, const epoch_found& m);
  void on(actors::context& self, const level_wanted& m);
  void on(actors::context& self, const level_unwanted& m);
  void on(actors::context& self, const explain_wanted& m);
  void on(actors::context& self, const finish&);

 private:
  bool room(int tag) const;
  bool catches_up();
  void take(int tag, const bus::message& m);
  void after(actors::context& self);
  void follow_missing(actors::context& self);
  void take_refill(const bus::message& m);
  void ask_for_frames(bool again);
  void tell_durable(bool again);
  void say(std::size_t line, wire::refill_purpose purpose, std::uint64_t sequence);
  void remember_failure();
  void ask(actors::context& self);
  void give_up_epoch();
  void load_epoch(actors::context& self, std::uint64_t id);
  void progress(bool again);
  void publish_latest(bool now);
  void report();

  std::shared_ptr<gamma_link> link_;
  std::unique_ptr<gamma_desk> desk_;
  std::string progress_subject_, option_progress_subject_, resync_subject_;
  /// A line whose producer keeps frames, and where it is asked.
  struct source {
    std::string subject, asked_on;
    symbol of;
    bool heard = false;
    std::uint64_t told = UINT64_MAX;  ///< durable frame that the producer was told of
  };
  std::map<std::size_t, source> followed_;  ///< by line
  std::uint64_t progress_sequence_ = 0, resync_generation_ = 0;
  std::chrono::milliseconds resync_wait_{0};
  bool asking_ = false, starved_ = false;
  timestamp told_until_ = start_of_time;
  std::uint64_t told_options_ = 0;
  std::uint64_t stored_ = UINT64_MAX;
  timestamp stored_until_ = start_of_time, stored_signals_ = start_of_time;
  timestamp aged_ = start_of_time;
  std::chrono::steady_clock::time_point stored_at_{}, beat_at_{};
  /// Live, behind a checkpoint: until then the clock waits for what the bus reads again.
  std::optional<std::chrono::steady_clock::time_point> catches_up_until_;
  std::array<bool, inputs> continued_{};                              ///< the bus was told where the input goes on
  std::optional<std::chrono::steady_clock::time_point> epoch_since_;  ///< when waiting for an epoch began
};

}  // namespace isobar::gamma_fuel
