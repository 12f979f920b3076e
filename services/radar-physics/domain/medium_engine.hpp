#pragma once
#include <optional>
#include <span>
#include <vector>

#include "radar-physics/domain/breakthrough.hpp"
#include "radar-physics/domain/bucket_radar.hpp"
#include "radar-physics/domain/change_list.hpp"
#include "radar-physics/domain/engine.hpp"
#include "radar-physics/domain/feature_flows.hpp"
#include "radar-physics/domain/features.hpp"
#include "radar-physics/domain/gate.hpp"
#include "radar-physics/domain/level_flows.hpp"
#include "radar-physics/domain/levels.hpp"
#include "radar-physics/domain/side_queue.hpp"
#include "radar-physics/domain/streaming_calibration.hpp"

namespace isobar::radar_physics {

/// radar_engine by the corrected rules (decisions 4 to 16); see engine.hpp for what it promises.
class medium_engine {
 public:
  medium_engine(radar_config c, bool live);

  void apply(const market::book_event& e, radar_sink& sink);
  void apply(std::span<const market::book_event> batch, radar_sink& sink);
  void advance(timestamp watermark, radar_sink& sink);
  void gap();

  void take(gex_input in);
  void take(gate_input in);
  void take(level_set_input in);
  void take(calibration_table table);

  const market::order_book& book() const { return book_; }
  const engine_counters& counters() const { return counters_; }
  const radar_config& config() const { return config_; }
  timestamp closed_until() const { return given_until_; }
  std::size_t memory_bytes() const;

  void save(std::string& out) const;
  bool restore(std::string_view bytes);

 private:
  /// What the open window has seen.
  struct window_tally {
    std::uint32_t events = 0, trades = 0, late = 0;
    std::uint64_t traded = 0;
    bool rebuilt = false, cleared = false;
    template <class A>
    void fields(A& a) {
      a(events, trades, late, traded, rebuilt, cleared);
    }
  };

  // time (medium_time.cpp)
  market::book_event dated(const market::book_event& e);
  market::book_event timed(const market::book_event& e, radar_sink& sink);
  void move_to(timestamp t, radar_sink& sink);
  void open_window(const market::book_event& first);
  void begin_window(std::uint64_t windows);
  void finish(radar_sink& sink);
  std::uint64_t windows_to_skip(timestamp t) const;
  void skip(std::uint64_t windows, radar_sink& sink);
  timestamp inputs_change() const;
  void choose_inputs();
  void tick_levels(timestamp until, radar_sink& sink);
  void watch_levels();
  void count_levels();
  bool trusted() const { return book_.trust() == market::book_trust::whole && !book_.crossed(); }

  // one window (medium_engine.cpp)
  void take(const market::book_event& e, market::order_book::hash h, radar_sink& sink);
  void take_untimely(const market::book_event& e, market::order_book::hash h, radar_sink& sink);
  void take_record(const market::book_event& e, market::order_book::hash h);
  void take_other(const market::book_event& e, const market::book_change& c);
  void look_for_gap(const market::book_event& e);
  void close_window(radar_sink& sink);
  void describe_window(window_info& w);
  window_flows flows_near() const;
  void count_window(const window_info& w, bool idle, std::uint64_t windows);
  gate_state gate_in_force() const;
  const calibration_table& calibration_in_force() const;
  bool at_rest() const;
  void hold(radar_sink& sink);
  void end_run(radar_sink& sink);
  void give(const window_outputs& out, radar_sink& sink);

  template <class Archive>
  void fields(Archive& a);

  radar_config config_;
  bool live_;
  market::order_book book_;
  level_flows flows_;
  feature_builder features_;
  placeholder_gate placeholder_;
  bucket_radar radar_;
  breakthrough_watch watch_;
  level_monitor levels_;
  streaming_calibration streaming_;
  std::optional<calibration_table> table_, next_table_;

  side_queue<gex_input> gex_inputs_;
  side_queue<gate_input> gate_inputs_;
  const gex_input* gex_ = nullptr;  ///< of the open window
  const gate_input* gate_ = nullptr;
  bool gex_stale_ = false, gate_stale_ = false;

  bool open_ = false;
  timestamp start_, end_;              ///< of the open window
  timestamp last_ = start_of_time;     ///< of the newest live record
  timestamp now_ = start_of_time;      ///< newest watermark
  timestamp next_tick_ = end_of_time;  ///< of the levels; end_of_time: none is watched
  timestamp stop_ = start_of_time;     ///< a record before it needs no look at the time: min(end_, next_tick_)
  bool tick_trusted_ = false;          ///< what the last tick was told
  timestamp given_until_ = start_of_time;
  window_tally tally_;
  change_list changes_;  ///< of the open window: moves; after a clear everything
  price last_trade_ = market::no_price;
  price anchor_ = market::no_price;  ///< the last good mid
  bool gap_ = false;
  bool crossed_before_ = false;  ///< the window before was crossed
  bool resting_ = false;         ///< another idle window would be like the one before

  window_outputs out_;  ///< reused
  level_outputs level_out_;
  window_outputs run_;    ///< the run of idle windows that is not given yet; live: the last idle window given
  bool running_ = false;  ///< run_ means something
  engine_counters counters_;
};

}  // namespace isobar::radar_physics
