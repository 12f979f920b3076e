#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "bus/bus.hpp"
#include "service/frame_keeper.hpp"
#include "service/service_metrics.hpp"
#include "wire/frame.hpp"

namespace isobar::service {

/// What a frame's header says besides version, producer and sequence.
struct frame_extent {
  timestamp ts_first{}, ts_last{};  ///< event time of the first and last record
  std::uint32_t record_count = 0;
  market::quality quality = market::quality::ok;
  timestamp watermark{};  ///< nothing older follows on the subject
};

/// One subject's producer: numbers its frames from 1, publishes and counts them. Not thread-safe: the actor that owns
/// the subject owns it.
///
/// Flush policy: publish while there is input, flush() when it is drained. The bus flushes by itself only when its
/// buffer passes a bound.
///
///   out.publish({.watermark = w.window_end}, [&](const wire::frame_info& h) { return wire::encode_window(w, h); });
///   if (!m.source->drain(...)) out.flush();
class publisher {
 public:
  /// `metrics` may be null; it and `on` must outlive the publisher.
  publisher(bus::bus& on, std::string producer, std::string subject, service_metrics* metrics = nullptr)
      : bus_(&on), metrics_(metrics), producer_(std::move(producer)), subject_(std::move(subject)) {}

  /// `encode(const wire::frame_info&)` returns the frame's bytes; serialise deterministically (wire::serialize). The
  /// sequence number is used up even when the bus refuses, so that the consumer sees the gap.
  template <class Encode>
  bus::result<void> publish(const frame_extent& extent, Encode&& encode) {
    ++sequence_;
    tell(extent.watermark, extent.quality);
    return send(keep(encode(header(extent))));
  }
  /// Numbers a frame as publish() does, but does not publish it: of a resumed run whose consumers may ask for it.
  template <class Encode>
  std::string make(const frame_extent& extent, Encode&& encode) {
    ++sequence_;
    return keep(encode(header(extent)));
  }
  /// A frame of this subject once more, as it was.
  bus::result<void> publish_again(std::string bytes) { return send(std::move(bytes)); }
  /// The same for a protobuf message whose first field is the header.
  template <class Message>
  bus::result<void> publish_message(const frame_extent& extent, Message& m) {
    return publish(extent, [&](const wire::frame_info& info) {
      wire::write_header(info, *m.mutable_header());
      return wire::serialize(m);
    });
  }
  /// No records, only liveness and watermark; repeats the last sequence number, so that a lost tail shows.
  bus::result<void> heartbeat(timestamp watermark, market::quality quality = market::quality::ok);
  bus::result<void> flush() { return bus_->flush(); }

  /// From now on frames are kept for consumers that may lack some: see frame_keeper.
  void keep_for_refill(frame_keeper::plan how, refill_metrics measured) {
    keeper_.emplace(*bus_, std::move(how), subject_, std::move(measured));
  }
  /// What was heard on feed.resync: gives kept frames again, then a heartbeat with what was last told, or forgets them.
  /// Requests for other subjects: nothing. True: frames were wanted.
  bool answer(const wire::refill_request& asked);
  const frame_keeper* keeper() const { return keeper_ ? &*keeper_ : nullptr; }
  frame_keeper* keeper() { return keeper_ ? &*keeper_ : nullptr; }

  std::uint64_t sequence() const { return sequence_; }
  /// Goes on behind `last`: after a restart from a checkpoint.
  void resume_after(std::uint64_t last) { sequence_ = last; }
  const std::string& subject() const { return subject_; }

 private:
  wire::frame_info header(const frame_extent& extent) const;
  bus::result<void> send(std::string bytes);
  std::string keep(std::string bytes);
  void tell(timestamp watermark, market::quality quality);

  bus::bus* bus_;
  service_metrics* metrics_;
  std::string producer_, subject_;
  std::uint64_t sequence_ = 0;
  std::optional<frame_keeper> keeper_;
  timestamp told_ = start_of_time;  ///< watermark last published; start_of_time: nothing was
  market::quality told_quality_ = market::quality::ok;
};

}  // namespace isobar::service
