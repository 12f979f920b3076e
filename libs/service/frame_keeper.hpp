#pragma once
#include <memory>
#include <string>
#include <utility>

#include "bus/bus.hpp"
#include "core/symbol.hpp"
#include "service/kept_frames.hpp"
#include "telemetry/metrics.hpp"
#include "wire/feed_codec.hpp"

namespace isobar::service {

/// Figures of one subject's kept frames: service_metrics::refills().
struct refill_metrics {
  telemetry::gauge bytes;
  telemetry::counter dropped;   ///< kept frames that went for want of room
  telemetry::counter answered;  ///< frames given again
};

/// The producer's side of one subject whose consumers may lack frames (docs/adr/0012, 0014): keeps the frames behind
/// the least durable one of all who ever said theirs, within a bound, and gives them again when asked on feed.resync.
/// The consumer's side is frame_follower. Not thread-safe: the actor that owns the subject owns it.
class frame_keeper {
 public:
  struct plan {
    symbol of;                ///< whose feed.resync it is asked on
    std::string notes;        ///< that subject: what is kept is said there
    std::string producer;     ///< service name
    std::size_t bytes_max{};  ///< of kept frames; 0: none are kept, and nothing is answered
    /// Subject on which frames come again; empty: their own. Whoever counts frames alone (bus::sequence_check) would
    /// take the repeats on a subject of several consumers for a producer that began again.
    std::string aside = {};
  };
  frame_keeper(bus::bus& on, plan how, std::string subject, refill_metrics measured)
      : bus_(&on),
        plan_(std::move(how)),
        subject_(std::move(subject)),
        measured_(std::move(measured)),
        frames_(plan_.bytes_max) {}

  void push(std::uint64_t sequence, std::shared_ptr<const std::string> bytes);
  /// What was heard on feed.resync. True: frames of this subject were wanted and what is kept of them was given; the
  /// owner's heartbeat must follow on answers_on(), by which whoever lacks more, or has all, knows it.
  bool answer(const wire::refill_request& asked);
  const kept_frames& frames() const { return frames_; }
  const std::string& subject() const { return subject_; }
  /// Where frames come again.
  const std::string& answers_on() const { return plan_.aside.empty() ? subject_ : plan_.aside; }

  /// For checkpoints.
  template <class Archive>
  void write(Archive& a) const {
    frames_.write(a);
  }
  template <class Archive>
  void read(Archive& a) {
    frames_.read(a);
    show();
  }

 private:
  void show() { measured_.bytes.set(static_cast<double>(frames_.bytes())); }

  bus::bus* bus_;
  plan plan_;
  std::string subject_;
  refill_metrics measured_;
  kept_frames frames_;
};

}  // namespace isobar::service
