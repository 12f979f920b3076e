#pragma once
#include <optional>
#include <utility>

#include "bus/bus.hpp"
#include "core/types.hpp"

namespace isobar::gamma_fuel {

/// Judges how far one input's event time may go at once, by what came before on that input and never by a clock. A
/// frame more than the bound ahead of everything before it (and the first of all, if it is no heartbeat: nothing is
/// before it) is kept until the next message of the input says how it goes on: one that is not more than the bound
/// behind it, or the end, confirms it; any other contradicts it. One absurd time then costs one frame and not the
/// input. Not thread-safe.
class leap_guard {
 public:
  struct kept {
    timestamp at;
    bus::message frame;
  };
  enum class verdict : std::uint8_t { good, confirms, contradicts, leaps };

  /// `t`: how far a frame goes, or a heartbeat's watermark. `confirms` and `contradicts`: there is a frame to take()
  /// first, and this one is then to be judged again. `leaps`: it is to be kept.
  verdict judge(timestamp t, duration_ns bound, bool heartbeat) {
    if (t.ns <= 0) return verdict::good;  // says nothing of time
    if (kept_) return t == end_of_time || t + bound >= kept_->at ? verdict::confirms : verdict::contradicts;
    if (t == end_of_time) return verdict::good;
    const bool first = newest_ == start_of_time;
    if (first ? !heartbeat : t - newest_ > bound) return verdict::leaps;
    saw(t);
    return verdict::good;
  }
  void keep(timestamp at, bus::message frame) { kept_ = kept{at, std::move(frame)}; }
  kept take() { return *std::exchange(kept_, std::nullopt); }
  /// Time has come to `t` for certain.
  void saw(timestamp t) { newest_ = newest_ < t && t != end_of_time ? t : newest_; }
  bool waits() const { return kept_.has_value(); }
  /// start_of_time: nothing yet.
  timestamp newest() const { return newest_; }

 private:
  std::optional<kept> kept_;
  timestamp newest_ = start_of_time;
};

}  // namespace isobar::gamma_fuel
