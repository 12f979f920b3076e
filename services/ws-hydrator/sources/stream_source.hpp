#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "ws-hydrator/sources/event_stream.hpp"
#include "ws-hydrator/sources/quote_source.hpp"

namespace isobar::ws_hydrator {

/// When a slice of a stream may be published.
struct stream_pace {
  /// False: hold the slice (replay: the pipeline is a lead behind). Empty: never held.
  std::function<bool(timestamp next)> allowed;
  /// Wall time, ns since 1970, at which the slice is due. Empty: as fast as possible.
  std::function<timestamp(timestamp next)> due;
};

/// Plays an event_stream into a channel on a thread of its own. While it is held, its watermark already says where the
/// next event is, so that quiet spans cannot hold up the pipeline that holds it.
class stream_source final : public quote_source {
 public:
  stream_source(std::unique_ptr<event_stream> stream, stream_pace pace, std::size_t channel_events);
  ~stream_source() override { stop(); }
  std::string kind() const override { return kind_; }
  void start() override;
  void stop() override;
  source_status status() const override;
  void nudge() override;
  feed_channel& channel() override { return channel_; }

 private:
  void run();
  /// False: stopped.
  bool wait_for_turn(timestamp next);

  std::unique_ptr<event_stream> stream_;
  std::string kind_;
  stream_pace pace_;
  feed_channel channel_;
  std::atomic<const char*> state_{"starting"};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t nudges_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace isobar::ws_hydrator
