#pragma once
#include <optional>
#include <string>
#include <vector>

#include "ws-hydrator/domain/feed_event.hpp"

namespace isobar::ws_hydrator {

/// Events that can be read ahead of time: a file or the simulator.
class event_stream {
 public:
  virtual ~event_stream() = default;
  virtual std::string kind() const = 0;
  /// Event time to which the next read() goes at least; nothing: the stream has ended.
  virtual std::optional<timestamp> next() = 0;
  /// Appends the next slice, in event-time order; returns the watermark after it.
  virtual timestamp read(std::vector<feed_event>& out) = 0;
};

/// Events in memory, in slices of at most 20 ms of event time and 4,096 events.
class stored_stream final : public event_stream {
 public:
  stored_stream(std::string kind, std::vector<feed_event> events)
      : kind_(std::move(kind)), events_(std::move(events)) {}
  std::string kind() const override { return kind_; }
  std::optional<timestamp> next() override;
  timestamp read(std::vector<feed_event>& out) override;

 private:
  std::string kind_;
  std::vector<feed_event> events_;
  std::size_t at_ = 0;
};

}  // namespace isobar::ws_hydrator
