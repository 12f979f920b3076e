#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bus/bus.hpp"
#include "core/types.hpp"
#include "isobar/medium_totals.hpp"
#include "wire/stream_digest.hpp"

namespace isobar::cli {

/// "isobar.window.sim.spx.frame" -> "window.frame".
std::string kind_of(std::string_view subject);

/// What one kind of subject ("window.frame", "heatmap.tiles", ...) has carried.
struct kind_total {
  std::uint64_t frames = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
};

/// An epoch as the bus announced it, when it became active.
struct seen_epoch {
  std::string symbol;
  std::uint64_t id = 0;
  timestamp effective_from;
  std::uint64_t geometry_hash = 0;
  std::string reasons;  ///< "dte set, strike range"
  int planes = 0;
  std::uint64_t strikes = 0;
};

/// Listens to everything on a bus from a thread of its own: totals, epochs, progress, digest.
class watch {
 public:
  /// `with_digest`: also hash every data frame. Subscribes at once; throws nothing, check ok().
  watch(bus::bus& on, bool with_digest);
  ~watch();

  bool ok() const { return subscription_ != nullptr; }
  std::map<std::string, kind_total> totals() const;
  /// Everything before this has gone through every pipeline that works on it, per symbol.
  std::map<std::string, timestamp> done_until() const;
  std::vector<seen_epoch> epochs() const;
  /// True when every symbol given has ended and the colorizer has answered every gradient frame.
  bool ended(const std::vector<std::string>& symbols) const;
  std::uint64_t dropped() const;
  /// Digest of what has been seen; stop() first.
  const wire::stream_digest& digest() const { return digest_; }
  /// The futures medium so far.
  std::map<std::string, medium_totals::figures> medium() const;
  /// The same with digest and repeats; stop() first.
  const medium_totals& medium_digest() const { return medium_; }
  /// Called from the watch's thread when an epoch becomes active. Set before traffic starts.
  void on_epoch(std::function<void(const seen_epoch&)> listener);
  void stop();

 private:
  void run();
  void take(const bus::message& m);
  void take_epoch(const bus::message& m);

  const bool with_digest_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool ready_ = false, stopping_ = false;
  std::map<std::string, kind_total> totals_;
  std::map<std::string, std::map<std::string, timestamp>> done_until_;  ///< by symbol, then participant
  medium_totals medium_;
  std::vector<seen_epoch> epochs_;
  std::function<void(const seen_epoch&)> on_epoch_;
  wire::stream_digest digest_;
  std::unique_ptr<bus::subscription> subscription_;
  std::thread thread_;
};

}  // namespace isobar::cli
