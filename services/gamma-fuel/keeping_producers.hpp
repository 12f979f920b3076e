#pragma once
// The memory that chain-ingest, epoch-manager and decomposer have of what they published, for tests that publish in
// their stead.

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "bus/bus.hpp"
#include "service/frame_keeper.hpp"
#include "service/service_metrics.hpp"
#include "wire/subjects.hpp"

namespace isobar::gamma_fuel::fixture {

/// Keeps every frame of a symbol's options that is published from now on, and answers feed.resync.
class keeping_producers {
 public:
  keeping_producers(bus::bus& on, const symbol& of) : series_(registry_, "decomposer", of) {
    const std::string notes = subjects::feed_resync("sim", of);
    const auto keep = [&](std::string subject, std::string aside) {
      const service::frame_keeper::plan how{
          .of = of, .notes = notes, .producer = "test", .bytes_max = 64 << 20, .aside = std::move(aside)};
      auto line = std::make_unique<kept>(service::frame_keeper(on, how, subject, series_.refills("gex")));
      lines_.emplace(std::move(subject), std::move(line));
    };
    keep(subjects::chain_snapshot("sim", of), subjects::chain_refill("sim", of));
    keep(subjects::epoch_switch("sim", of), subjects::epoch_refill("sim", of));
    keep(subjects::model_gex("sim", of), {});
    keep(subjects::model_flow("sim", of), {});
    keep(subjects::model_volume_profile("sim", of), {});
    auto heard = on.subscribe("isobar.*.sim.*.*", {.queue_limit = 1'000'000}, [this] {
      const std::lock_guard lock(mutex_);
      ready_ = true;
      wake_.notify_all();
    });
    EXPECT_TRUE(heard.has_value());
    heard_ = std::move(*heard);
    // Not in the callback: what it publishes, it hears.
    thread_ = std::jthread([this, &on, notes](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        {
          std::unique_lock lock(mutex_);
          wake_.wait(lock, stop, [this] { return ready_; });
          ready_ = false;
        }
        std::vector<bus::message> batch;
        while (heard_->drain(batch, 1024) > 0) {}
        for (const bus::message& m : batch) take(on, m, notes);
        (void)on.flush();
      }
    });
  }
  ~keeping_producers() {
    thread_.request_stop();
    thread_.join();
  }

 private:
  struct kept {
    explicit kept(service::frame_keeper k) : frames(std::move(k)) {}
    service::frame_keeper frames;
    std::string heartbeat;  ///< what was last told
  };
  void take(bus::bus& on, const bus::message& m, const std::string& notes) {
    if (m.subject == notes) {
      const auto asked = wire::decode_refill_request(m.bytes());
      if (!asked) return;
      for (auto& [subject, line] : lines_)
        if (line->frames.answer(*asked) && !line->heartbeat.empty())
          (void)on.publish(line->frames.answers_on(), line->heartbeat);
      return;
    }
    const auto line = lines_.find(m.subject);
    const auto header = wire::peek_header(m.bytes());
    if (line == lines_.end() || !header) return;
    service::frame_keeper& frames = line->second->frames;
    const bool empty = frames.frames().last() == 0 && frames.frames().size() == 0;
    if (!header->heartbeat && (empty || header->sequence == frames.frames().last() + 1))
      frames.push(header->sequence, m.payload);
    auto told = *header;
    told.record_count = 0;
    if (header->sequence == frames.frames().last()) line->second->heartbeat = wire::encode_heartbeat(told);
  }

  telemetry::registry registry_;
  service::service_metrics series_;
  std::map<std::string, std::unique_ptr<kept>> lines_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool ready_ = true;
  std::unique_ptr<bus::subscription> heard_;
  std::jthread thread_;
};

}  // namespace isobar::gamma_fuel::fixture
