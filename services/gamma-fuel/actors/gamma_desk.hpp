#pragma once
#include <chrono>
#include <deque>
#include <memory>
#include <optional>

#include "bus/sequence.hpp"
#include "gamma-fuel/actors/gamma_link.hpp"
#include "gamma-fuel/actors/gamma_output.hpp"
#include "gamma-fuel/actors/leap_guard.hpp"
#include "gamma-fuel/actors/option_inputs.hpp"
#include "service/checkpoint_file.hpp"
#include "service/frame_follower.hpp"
#include "wire/epoch_codec.hpp"
#include "wire/feed_codec.hpp"

namespace isobar::gamma_fuel {

/// Sequences that a worker follows: its inputs', and that of epoch.switch.
inline constexpr std::size_t epoch_line = inputs, lines = inputs + 1;

/// What a worker does between its messages: decodes frames, follows their sequences, hands them to the engine, keeps
/// checkpoints and the user's levels. Single-threaded; no clock but for how long things take and how often checkpoints
/// may be written.
class gamma_desk {
 public:
  explicit gamma_desk(gamma_link& link);

  /// Goes on from the newest checkpoint that is whole and of these rules; false: none, everything begins anew.
  bool resume();
  /// Begins anew: checkpoints of earlier runs and what readers see of them are forgotten.
  void begin();

  /// A frame of an input, or of epoch.switch.
  void take(input from, const bus::message& m);
  void take_epoch(const bus::message& m);
  /// An epoch read from the store.
  void learn(const market::epoch& e);
  /// Gives what the watermarks allow. `clock`: gamma_engine::advance().
  void advance(timestamp clock);

  /// Rows are missing, or their epoch is: a base window is wanted.
  bool lost() const { return lost_; }
  /// Last data frame of the input that was taken; 0: none.
  std::uint64_t taken(input from) const { return lines_[static_cast<std::size_t>(from)].last; }
  /// Replay: producers keep the frames of every line, and give again what is missing. A line: an input by its number,
  /// or epoch_line.
  bool followed() const { return !link_.live; }
  service::frame_follower& follower(std::size_t line) { return followers_[line]; }
  /// The producer of a line keeps frames from `sequence` on.
  void kept_from(std::size_t line, std::uint64_t sequence);
  /// Frames of a line up to it will not be asked for again.
  std::uint64_t durable(std::size_t line) const;
  /// A frame that cannot be taken is passed over, as if its producer had lost it: it would be asked for for ever.
  void skip(std::size_t line, std::uint64_t sequence);
  /// Live: frames were missed that nobody gives again (the life before had them).
  void lose_all();
  /// The epoch that held rows wait for, or that was given up and is still to be asked for.
  std::optional<std::uint64_t> epoch_wanted() const;
  /// Frames wait for an epoch, and hold time back.
  bool waits_for_epoch() const { return held_epoch_.has_value(); }
  /// Nobody knows the epoch: rows and trades of it are dropped, counted and a gap until it is known and a base is
  /// there; time goes on.
  void give_up_epoch();
  std::size_t held() const { return held_.size(); }
  bool ended() const { return engine_->profiles_until() == end_of_time; }
  /// The newest event time heard of; start_of_time: none.
  timestamp newest() const { return newest_; }

  /// Also kept on the disk; false: see gamma_engine::add.
  bool add(const user_level& l);
  bool remove(std::string_view id);

  const gamma_engine& engine() const { return *engine_; }
  gamma_output& out() { return output_; }
  const option_input_counts& input_counts() const { return inputs_->counts(); }

  void save_if_due();
  /// Writes a checkpoint now; false: it failed (counted and logged) or none is kept.
  bool save();
  double checkpoint_age_seconds() const;

 private:
  /// What is known of one input's frames.
  struct input_line {
    bus::sequence_check sequence;
    std::uint64_t last = 0;  ///< data frame last taken
    bool gap = false;        ///< frames are missing before the next one
    market::quality told = market::quality::ok;
    bool anew = false;  ///< its producer has begun again and said nothing yet: what is known stands
    leap_guard time;
    bool gap_kept = false;  ///< `gap` before the frame that `time` keeps
  };
  input_line& of(input i) { return lines_[static_cast<std::size_t>(i)]; }
  /// Something is lost for good; rows want a base then.
  void lose(input from);
  /// False: a frame that was taken already, or comes early.
  bool follow(input from, const wire::frame_info& header);
  /// Whether the frame is to be taken now; false: it waits for the next one of its input (leap_guard), or what waited
  /// was settled and the frame was taken behind it. `t`: how far it goes, its watermark apart.
  bool believe(input from, timestamp t, const wire::frame_info& header, const bus::message& m);
  void take_again(input from, const bus::message& m, bool believed);
  /// Tells the engine how far the input can be trusted from `at` on.
  /// `base`: what was missed does not matter any more; otherwise only the frame behind a gap is marked, but rows and
  /// option feeds stay marked until a base.
  void trust(input from, timestamp at, market::quality frame, bool base);
  /// A gap that no frame stands behind yet: something may be missing from where the input had come to, or from `heard`
  /// on where nothing was heard before.
  void mark_gap(input from, timestamp heard);
  void refuse(input from, std::string_view reason, const std::string& evidence);

  void take_chain(const bus::message& m);
  template <class Rows>
  void take_model(input from, const bus::message& m, Rows& rows);
  void take_volume(const bus::message& m);
  void take_options(const bus::message& m);
  /// Puts the frames of a base together in option_frame_. False: more of them follow.
  bool join_base();
  void take_quotes(const bus::message& m);
  void take_trades(const bus::message& m);
  void take_levels(const bus::message& m);
  bool hold(input from, const bus::message& m);
  void drop_unknown(input from, const wire::frame_info& header);
  void release();
  void require_inputs();
  void load_user_levels();
  void store_user_levels();
  void make_engine();

  gamma_link& link_;
  std::unique_ptr<gamma_engine> engine_;
  std::unique_ptr<option_inputs> inputs_;
  given_mark mark_;  ///< live
  gamma_output output_;
  service::checkpoint_file file_, users_;
  std::array<input_line, inputs> lines_;
  std::array<service::frame_follower, lines> followers_;
  std::array<std::uint64_t, lines> durable_[2] = {};  ///< frames of the newest checkpoint and of the one before
  std::deque<std::pair<input, bus::message>> held_;   ///< rows and trades behind one of an unknown epoch
  std::optional<std::uint64_t> held_epoch_, given_up_;
  bool releasing_ = false;
  bool again_ = false, believed_ = false;  ///< a frame whose number was seen is taken; its time is believed
  bool lost_ = false;
  timestamp newest_ = start_of_time;

  market::gex_rows rows_;  ///< reused
  market::flow_rows flow_;
  market::volume_profile_rows volume_;
  wire::option_frame option_frame_;
  wire::option_frame joined_;  ///< what has come of a base whose frames go on
  bool joining_ = false;
  wire::quote_frame quotes_;
  wire::trade_frame trades_;

  std::uint64_t saved_windows_ = 0;
  std::chrono::steady_clock::time_point saved_at_{}, tried_at_{};
  bool saved_ = false;
};

}  // namespace isobar::gamma_fuel
