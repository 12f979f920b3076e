#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "bus/bus.hpp"
#include "bus/sequence.hpp"

namespace isobar::service {

/// Frames missing in a sequence, both ends included.
struct frame_range {
  std::uint64_t first = 0, last = 0;
  std::uint64_t count() const { return last - first + 1; }
  bool operator==(const frame_range&) const = default;
};

struct frame_order_limits {
  std::size_t frames = 1024;      ///< held while earlier ones are missing, and most that are asked for at once
  std::size_t bytes = 16u << 20;  ///< of the frames held
};

/// Puts the frames of one subject in order: those that came behind a missing one are held until it is there, or until
/// they are let go with the gap in them. Duplicates, heartbeats of the past and producers that began again pass as they
/// are: whoever reads the frames knows them by bus::sequence_check. Pure; owned by one subscription.
class frame_order {
 public:
  explicit frame_order(frame_order_limits limits = {}) : limits_(limits) {}

  /// Frames up to `sequence` went on in a life before. Before the first frame.
  void start_behind(std::uint64_t sequence);
  /// Takes a frame as it arrives; what may go on is appended to `out` in order.
  void take(bus::message m, std::uint64_t sequence, bool heartbeat, std::vector<bus::message>& out);
  /// Takes a frame that was found elsewhere. Nothing when it is not missing any more: passed late, it would look to the
  /// reader as if the producer had begun again.
  void fill(bus::message m, std::uint64_t sequence, std::vector<bus::message>& out);
  /// The first hole in front of what is held; nothing while nothing is held.
  std::optional<frame_range> missing() const;
  /// Lets everything held go.
  void give_up(std::vector<bus::message>& out);

  std::size_t held() const { return held_.size() + (heartbeat_ ? 1 : 0); }

 private:
  struct waiting_heartbeat {
    bus::message frame;
    std::uint64_t sequence = 0;
  };
  void deliver(bus::message m, std::uint64_t sequence, bool heartbeat, std::vector<bus::message>& out);
  void release(std::vector<bus::message>& out);

  frame_order_limits limits_;
  bus::sequence_check passed_;  ///< of what went on
  bool started_ = false;
  std::map<std::uint64_t, bus::message> held_;
  std::size_t held_bytes_ = 0;
  std::optional<waiting_heartbeat> heartbeat_;  ///< the newest that says more than has passed
};

}  // namespace isobar::service
