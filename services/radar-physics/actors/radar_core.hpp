#pragma once
#include <optional>

#include "radar-physics/actors/feed_line.hpp"
#include "radar-physics/actors/radar_link.hpp"
#include "radar-physics/actors/radar_output.hpp"
#include "radar-physics/actors/second_book.hpp"
#include "radar-physics/actors/watch_set.hpp"
#include "service/checkpoint_file.hpp"
#include "service/frame_follower.hpp"
#include "wire/feed_codec.hpp"

namespace isobar::radar_physics {

/// What a worker does between its messages: takes frames from the line into the engine, closes windows, keeps
/// checkpoints. Single-threaded; no clock but for how long checkpoints take and how often they may be written.
///
/// Windows are closed by advance(), one step before the record that is past their end, never inside apply(): what is
/// decided between two windows (round levels, checkpoints, waiting for a side input) then lies at the same place of the
/// record sequence whatever the frames are.
class radar_core {
 public:
  explicit radar_core(radar_link& link);

  /// Goes on from the newest checkpoint that is whole and of these rules; false: none, everything begins anew.
  bool resume();
  /// Begins anew: checkpoints of earlier runs and what readers see of them are forgotten.
  void begin();

  feed_line& line() { return line_; }
  /// Applies what is ready and may pass.
  void process();
  /// Live: closes windows by the clock. Nothing before the first record.
  void advance_by_clock(timestamp watermark);

  void take(market::gex_input in);
  void take(market::gate_input in);
  void take(market::level_set_input in);
  /// Replay: side inputs that are awaited, and whose producer gives again what is missing.
  bool followed(side which) const;
  service::frame_follower& follower(side which) { return followers_[static_cast<std::size_t>(which)]; }
  /// Frames of a followed side input up to it will not be asked for again.
  std::uint64_t durable(side which) const { return side_durable_[1][static_cast<std::size_t>(which)]; }
  /// Nothing older follows of that side input.
  void advance_side(side which, timestamp watermark);
  /// A definition or a frame says so; before the first record the engine is made again with it.
  void learn_contract(price tick, std::int64_t multiplier);

  bool waits_for_side() const { return waits_for_side_; }
  bool ended() const { return watermark_ == end_of_time; }
  /// The book as of the last record applied.
  const market::order_book& book() const { return engine_->book(); }
  const radar_engine& engine() const { return *engine_; }
  timestamp last_event() const { return last_event_; }
  /// Everything before has been given.
  timestamp done_until() const;
  timestamp watermark() const { return watermark_; }
  std::uint64_t input_sequence() const { return input_sequence_; }
  std::uint64_t durable_sequence() const;
  radar_output& out() { return output_; }

  /// Replay, ten times a second: a checkpoint when the feed has been silent for a second behind frames that are not
  /// durable; it may wait for them.
  void save_if_idle();
  /// Writes a checkpoint now; false: it failed (counted and logged) or there is nothing to write.
  bool save();
  double checkpoint_age_seconds() const;
  /// Audit: what it found so far; empty when it does not run.
  std::string audit_report() const { return second_ ? second_->report() : std::string(); }

 private:
  void make_engine(const radar_config& rules);
  bool restore(const checkpoint& c);
  std::string why_not(const checkpoint& c) const;
  bool process(line_item& item);
  bool open_frame(const line_item& item);
  bool matches_checkpoint(std::uint64_t sequence);
  void leave_checkpoint();
  bool apply_frame();
  bool cross(timestamp t);
  void step(timestamp t);
  timestamp calibrate_from() const;
  bool calibrated() const;
  void calibrate();
  timestamp may_reach() const;
  void watch(watch_set::changes sets);
  void lose();
  void audit();
  void save_if_due();
  void save_if_heavy();
  checkpoint snapshot();

  radar_link& link_;
  radar_config rules_;
  std::unique_ptr<radar_engine> engine_;
  std::unique_ptr<second_book> second_;  ///< audit
  bool audit_told_ = false;
  radar_output output_;
  feed_line line_;
  watch_set watch_;
  std::shared_ptr<const service::checkpoint_store> saved_in_;
  std::optional<market::gex_input> gex_;  ///< last taken, for an engine that is made again
  std::optional<market::gate_input> gate_;
  std::array<timestamp, sides> side_watermark_;
  std::array<service::frame_follower, sides> followers_;
  std::array<std::uint64_t, sides> side_durable_[2] = {};  ///< as durable_

  wire::book_frame frame_;  ///< being applied
  wire::frame_info header_;
  std::uint64_t frame_digest_ = 0;
  std::size_t applied_ = 0;  ///< records of it
  bool frame_open_ = false;  ///< frame_ is decoded and not applied whole
  struct expected {
    std::uint64_t frame, digest;
    std::uint32_t applied;
    bool done;
  };
  std::optional<expected> resume_at_;  ///< the frame that a checkpoint stands in

  std::uint64_t frame_number_ = 0;    ///< last frame opened
  std::uint64_t input_sequence_ = 0;  ///< last frame applied whole
  timestamp last_event_ = start_of_time, watermark_ = start_of_time;
  timestamp open_end_ = end_of_time;  ///< end of the open window; end_of_time: no live record yet
  bool waits_for_side_ = false, any_event_ = false;
  std::pair<price, std::int64_t> contradiction_;  ///< tick and multiplier last found to contradict

  std::size_t frame_bytes_ = 0;                       ///< of frames opened since a checkpoint was last tried
  std::chrono::steady_clock::time_point frame_at_{};  ///< when the last frame was opened
  std::chrono::steady_clock::time_point tried_at_{};  ///< when a checkpoint was last tried
  std::uint64_t saved_windows_ = 0;                   ///< output_.windows() at the last checkpoint
  std::chrono::steady_clock::time_point saved_at_{};  ///< of the last checkpoint
  std::uint64_t durable_[2] = {0, 0};                 ///< of the newest checkpoint and of the one before
  bool saved_ = false;
};

}  // namespace isobar::radar_physics
