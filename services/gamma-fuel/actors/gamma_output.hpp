#pragma once
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "gamma-fuel/actors/given_mark.hpp"
#include "gamma-fuel/domain/gamma_engine.hpp"
#include "gamma-fuel/metrics.hpp"
#include "gamma-fuel/transport/gamma_encoder.hpp"
#include "gamma-fuel/transport/gamma_recording.hpp"
#include "gamma-fuel/transport/gamma_store.hpp"
#include "service/publisher.hpp"
#include "wire/feed_codec.hpp"

namespace isobar::gamma_fuel {

/// Where a worker's outputs go: encoded once, then recorded, kept for queries and published. Not thread-safe.
class gamma_output final : public gamma_sink {
 public:
  struct places {
    bus::bus& bus;
    std::string venue;
    symbol name;
    gamma_store& store;
    gamma_metrics& measured;
    std::unique_ptr<gamma_recorder> recorder;  ///< may be null
    given_so_far& given;                       ///< also by lives before
    given_mark* mark = nullptr;                ///< live; null: none is kept
    std::size_t kept_bytes = 0;                ///< of frames kept for radar-physics, of each subject
  };
  gamma_output(places to, const gamma_config& rules);

  /// Whose outputs they are.
  void attach(const gamma_engine& engine) { engine_ = &engine; }
  void on_profile(const gex_profile& p) override;
  void on_levels(const level_set_input& set) override;
  void on_signals(const level_signals& s) override;
  void on_alert(const alert& a) override;

  /// Quality of everything that comes of a synthetic feed is at least synthetic.
  void set_source(market::quality source);
  market::quality source() const { return source_; }

  /// Frames given since start, and the last landscape's end and quality.
  std::uint64_t given() const { return given_; }
  std::uint64_t windows() const { return windows_; }
  timestamp last_end() const { return last_end_; }
  market::quality quality() const { return market::worst(source_, quality_); }

  /// Carries the watermarks forward on the subjects that have said less.
  void heartbeat(timestamp profiles_until, timestamp signals_until, bool even_without_news);

  std::array<std::uint64_t, outputs> sequences() const;
  /// Goes on behind `sequences`. Replay: what lives before gave behind them is made again, with the same numbers. Live
  /// (a mark): nothing is given twice, neither a number nor a revision; what is made of instants that were given stays
  /// inside.
  void resume(const std::array<std::uint64_t, outputs>& sequences);
  gamma_recorder* recorder() { return to_.recorder.get(); }

  /// feed.resync: gives kept frames of gex.surface and level.set again, or forgets them. Other subjects: nothing.
  void answer(const wire::refill_request& asked);
  /// Frames that radar-physics may still ask for, for checkpoints.
  template <class Archive>
  void write_kept(Archive& a) const {
    for (const output o : kept) publishers_[static_cast<std::size_t>(o)].keeper()->write(a);
  }
  template <class Archive>
  void read_kept(Archive& a) {
    for (const output o : kept) publishers_[static_cast<std::size_t>(o)].keeper()->read(a);
  }

 private:
  /// Live: this was said before the worker came back, in other words perhaps.
  bool was_given(output which, timestamp at) const;
  void give_held_back(timestamp effective);
  template <class Encode>
  std::uint64_t give(output which, service::frame_history* history, const service::frame_extent& extent, timestamp end,
                     Encode encode);

  static constexpr std::array kept{output::surface, output::levels};  ///< for radar-physics
  places to_;
  gamma_encoder encoder_;
  const gamma_engine* engine_ = nullptr;
  std::vector<service::publisher> publishers_;
  std::array<timestamp, outputs> told_;
  market::quality source_ = market::quality::ok, quality_ = market::quality::ok;
  std::array<timestamp, outputs> floor_;      ///< given by lives before
  std::optional<level_set_input> held_back_;  ///< the last set that stayed inside
  std::uint64_t given_ = 0, windows_ = 0;
  timestamp last_end_ = start_of_time;
};

}  // namespace isobar::gamma_fuel
