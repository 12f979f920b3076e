#pragma once
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "service/grpc_stream_metrics.hpp"

/// Server-streaming answers for many subscribers, served by one thread. A subscriber has at most one message
/// outstanding; what changes meanwhile is not queued: its source then says what leads from what was last sent to the
/// present, so a slow reader never grows the server's memory.
namespace isobar::service {

struct grpc_stream_limits {
  std::size_t subscribers_max = 256;
  /// A write that takes longer ends the stream. Who does not read even then, so that it cannot be told, is cut off
  /// after as long again.
  std::chrono::milliseconds stall_max{10'000};
};

/// What one subscriber is told. Called from the serving thread alone.
template <class Response>
class stream_source {
 public:
  virtual ~stream_source() = default;
  /// Fills the cleared `to` with what is new. True: send it. `due`: a message is due even without news.
  virtual bool fill(Response& to, bool due) = 0;
};

template <class Response>
class grpc_streams {
 public:
  using reactor = ::grpc::ServerWriteReactor<Response>;
  using clock = std::chrono::steady_clock;

  grpc_streams(grpc_stream_limits limits, grpc_stream_metrics metrics)
      : limits_(limits), metrics_(std::move(metrics)), thread_([this] { run(); }) {}
  ~grpc_streams() {
    close();
    thread_.join();
  }

  /// A new subscriber, or one that only finishes with the error. Owned by itself until gRPC is done with it. `call`:
  /// the call's own context; without one, who does not read is never cut off.
  reactor* open(std::unique_ptr<stream_source<Response>> source, std::chrono::milliseconds heartbeat,
                ::grpc::CallbackServerContext* call = nullptr) {
    const std::lock_guard lock(mutex_);
    if (closing_) return refuse({::grpc::StatusCode::UNAVAILABLE, "the service is stopping"});
    if (subscribers_.size() >= limits_.subscribers_max)
      return refuse({::grpc::StatusCode::RESOURCE_EXHAUSTED,
                     "more than " + std::to_string(limits_.subscribers_max) + " subscribers"});
    auto made = std::make_shared<subscriber>(*this, std::move(source), heartbeat, call);
    made->keep_alive(made);
    subscribers_.push_back(made);
    awake_ = true;
    changed_.notify_one();
    return made.get();
  }
  /// Finishes at once.
  static reactor* refuse(const ::grpc::Status& why) { return new refused(why); }

  /// Something changed, a write completed, a client went away: look again. Any thread, quick.
  void wake() {
    const std::lock_guard lock(mutex_);
    awake_ = true;
    changed_.notify_one();
  }
  /// Ends every stream with UNAVAILABLE and refuses new ones; does not wait for clients to notice. The destructor does,
  /// so the gRPC server must be down by then.
  void close() {
    const std::lock_guard lock(mutex_);
    closing_ = awake_ = true;
    changed_.notify_one();
  }

 private:
  class refused final : public reactor {
   public:
    explicit refused(const ::grpc::Status& why) {
      this->Finish(why);
      made_.store(true, std::memory_order_release);
    }
    void OnDone() override {
      (void)made_.load(std::memory_order_acquire);
      delete this;
    }

   private:
    std::atomic<bool> made_{false};
  };

  /// gRPC's threads only set flags; writes and the finish come from the serving thread.
  class subscriber final : public reactor {
   public:
    subscriber(grpc_streams& owner, std::unique_ptr<stream_source<Response>> source,
               std::chrono::milliseconds heartbeat, ::grpc::CallbackServerContext* call)
        : owner_(owner), source_(std::move(source)), heartbeat_(heartbeat), call_(call) {}

    void OnWriteDone(bool ok) override {
      see_all();
      if (!ok) cancelled_ = true;
      writing_ = false;
      owner_.wake();
    }
    void OnCancel() override {
      see_all();
      cancelled_ = true;
      owner_.wake();
    }
    void OnDone() override {
      see_all();
      const auto keep = std::move(self_);
      {
        const std::lock_guard call_lock(call_mutex_);
        dead_ = true;
        call_ = nullptr;  // gone once this returns
      }
      owner_.wake();
    }
    void keep_alive(std::shared_ptr<subscriber> self) {
      self_ = std::move(self);
      made_.store(true, std::memory_order_release);
    }
    bool dead() const { return dead_; }

    /// Writes when there is something to say, ends when it is time to. Returns when to look again.
    clock::time_point serve(clock::time_point now, bool closing) {
      if (finished_) return cut_off(now);
      if (cancelled_) return end(::grpc::Status::CANCELLED, owner_.metrics_.ended_cancelled);
      if (closing)
        return end({::grpc::StatusCode::UNAVAILABLE, "the service is stopping"}, owner_.metrics_.ended_drained);
      const auto stall_max = owner_.limits_.stall_max;
      if (writing_) {
        if (now < written_at_ + stall_max) return written_at_ + stall_max;
        return end({::grpc::StatusCode::RESOURCE_EXHAUSTED, "the client does not read"}, owner_.metrics_.ended_stalled);
      }
      const bool due = !greeted_ || now >= written_at_ + heartbeat_;
      response_.Clear();
      // Before the first message a source that has nothing yet is asked again with the heartbeat.
      if (!source_->fill(response_, due)) return greeted_ ? written_at_ + heartbeat_ : now + heartbeat_;
      greeted_ = true;
      owner_.metrics_.messages.add();
      written_at_ = now;
      writing_ = true;
      this->StartWrite(&response_);
      return now + std::min<clock::duration>(heartbeat_, stall_max);
    }

   private:
    /// What the opening and the serving thread did to this object is seen by gRPC's: its own queue orders them, too,
    /// but nothing says so in the interface.
    void see_all() const {
      (void)made_.load(std::memory_order_acquire);
      (void)writing_.load(std::memory_order_acquire);
    }
    clock::time_point end(const ::grpc::Status& why, telemetry::counter& counted) {
      counted.add();
      finished_ = true;
      finished_at_ = clock::now();
      source_.reset();  // and what it holds on to
      this->Finish(why);
      return finished_at_ + owner_.limits_.stall_max;
    }
    /// The end waits behind what was written, for as long as the client's connection lives.
    clock::time_point cut_off(clock::time_point now) {
      const auto due = finished_at_ + owner_.limits_.stall_max;
      if (now < due) return due;
      const std::lock_guard call_lock(call_mutex_);
      if (auto* const call = std::exchange(call_, nullptr)) call->TryCancel();
      return clock::time_point::max();
    }

    grpc_streams& owner_;
    std::unique_ptr<stream_source<Response>> source_;
    const std::chrono::milliseconds heartbeat_;
    Response response_;
    std::recursive_mutex call_mutex_;      ///< gRPC may be done with it within our own call
    ::grpc::CallbackServerContext* call_;  ///< until gRPC is done with it, or it was cut off
    clock::time_point written_at_{}, finished_at_{};
    bool greeted_ = false, finished_ = false;
    std::atomic<bool> made_{false}, writing_{false}, cancelled_{false}, dead_{false};
    std::shared_ptr<subscriber> self_;
  };

  void run() {
    std::unique_lock lock(mutex_);
    auto next = clock::time_point::max();
    for (;;) {
      const auto due = [this] { return awake_; };
      if (next == clock::time_point::max())
        changed_.wait(lock, due);
      else
        changed_.wait_until(lock, next, due);
      awake_ = false;
      std::erase_if(subscribers_, [](const auto& s) { return s->dead(); });
      metrics_.subscribers.set(static_cast<double>(subscribers_.size()));
      const bool closing = closing_;
      if (closing && subscribers_.empty()) return;
      const std::vector<std::shared_ptr<subscriber>> present(subscribers_.begin(), subscribers_.end());
      lock.unlock();
      next = clock::time_point::max();
      for (const auto& s : present) next = std::min(next, s->serve(clock::now(), closing));
      lock.lock();
    }
  }

  const grpc_stream_limits limits_;
  grpc_stream_metrics metrics_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<std::shared_ptr<subscriber>> subscribers_;
  bool awake_ = false, closing_ = false;
  std::thread thread_;  ///< last: the members above are there when it runs
};

}  // namespace isobar::service
