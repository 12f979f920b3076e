#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>

#include "isobar/radar/v1/radar_service.grpc.pb.h"
#include "market/order_book.hpp"
#include "market/window.hpp"
#include "radar-physics/transport/radar_queries.hpp"
#include "telemetry/metrics.hpp"

namespace isobar::radar_physics {

/// gRPC's end of a GetBook. Owned by itself until gRPC is done with it.
class book_reactor final : public ::grpc::ServerUnaryReactor {
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

/// A GetBook that waits for its worker: the book belongs to the worker, which answers between two records of the feed.
/// Finishes the call exactly once: with the worker's answer, or with UNAVAILABLE when the worker is gone.
class book_call {
 public:
  /// `pending` counts the calls under way and outlives this one.
  book_call(book_reactor* reactor, const radar::v1::GetBookRequest& request, radar::v1::GetBookResponse& response,
            std::shared_ptr<std::atomic<int>> pending, telemetry::histogram timed)
      : reactor_(reactor), request_(request), response_(response), pending_(std::move(pending)), timed_(timed) {}
  ~book_call() { finish({::grpc::StatusCode::UNAVAILABLE, "the worker is not running"}); }
  book_call(const book_call&) = delete;
  book_call& operator=(const book_call&) = delete;

  const radar::v1::GetBookRequest& request() const { return request_; }
  radar::v1::GetBookResponse& response() { return response_; }
  void finish(const ::grpc::Status& status) {
    if (finished_.exchange(true)) return;
    if (!status.ok()) response_.Clear();
    pending_->fetch_sub(1);
    timed_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count());
    reactor_->end(status);
  }

 private:
  book_reactor* reactor_;
  const radar::v1::GetBookRequest& request_;  ///< gRPC's, until Finish
  radar::v1::GetBookResponse& response_;
  std::shared_ptr<std::atomic<int>> pending_;
  telemetry::histogram timed_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::atomic<bool> finished_{false};
};

query_result<void> check(const radar::v1::GetBookRequest& request);

/// Best levels of both sides, with their orders in queue order when asked for. UNAVAILABLE while it is being rebuilt.
query_result<void> write_book(const market::order_book& book, const symbol& name, timestamp last_event,
                              const radar::v1::GetBookRequest& request, radar::v1::GetBookResponse& to);

}  // namespace isobar::radar_physics
