#pragma once
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <chrono>
#include <memory>

#include "telemetry/metrics.hpp"

/// Unary gRPC calls that only a worker can answer, between two of its messages.
namespace isobar::service {

/// gRPC's end of such a call. Owned by itself until gRPC is done with it.
class call_reactor final : public ::grpc::ServerUnaryReactor {
 public:
  /// From any thread, once.
  void end(const ::grpc::Status& status) {
    ended_.store(true, std::memory_order_release);
    Finish(status);
  }
  void OnDone() override {
    // What the answering thread wrote is seen by the one that frees it.
    (void)ended_.load(std::memory_order_acquire);
    delete this;
  }

 private:
  std::atomic<bool> ended_{false};
};

/// A call that waits for its worker. Finishes exactly once: with the worker's answer, or with UNAVAILABLE when the
/// worker is gone.
template <class Request, class Response>
class worker_call {
 public:
  /// `pending` counts the calls under way and outlives this one.
  worker_call(call_reactor* reactor, const Request& request, Response& response,
              std::shared_ptr<std::atomic<int>> pending, telemetry::histogram timed)
      : reactor_(reactor), request_(request), response_(response), pending_(std::move(pending)), timed_(timed) {}
  ~worker_call() { finish({::grpc::StatusCode::UNAVAILABLE, "the worker is not running"}); }
  worker_call(const worker_call&) = delete;
  worker_call& operator=(const worker_call&) = delete;

  const Request& request() const { return request_; }
  Response& response() { return response_; }
  void finish(const ::grpc::Status& status) {
    if (finished_.exchange(true)) return;
    if (!status.ok()) response_.Clear();
    pending_->fetch_sub(1);
    timed_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count());
    reactor_->end(status);
  }

 private:
  call_reactor* reactor_;
  const Request& request_;  ///< gRPC's, until Finish
  Response& response_;
  std::shared_ptr<std::atomic<int>> pending_;
  telemetry::histogram timed_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::atomic<bool> finished_{false};
};

}  // namespace isobar::service
