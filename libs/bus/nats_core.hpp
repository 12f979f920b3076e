#pragma once
#include <nats/nats.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "bus/bounded_queue.hpp"
#include "bus/nats_bus.hpp"
#include "bus/nats_event_loop.hpp"
#include "bus/requests.hpp"
#include "bus/worker.hpp"

namespace isobar::bus {

/// One subscription at the library.
struct nats_endpoint {
  bounded_queue queue;
  natsSubscription* handle = nullptr;
  std::atomic<bool> ended{false};
  nats_endpoint(const subscribe_options& options, std::function<void()> on_ready)
      : queue(options, std::move(on_ready)) {}
};

/// Copies what the library received.
message to_message(natsMsg* m);

/// Something that must end before the connection closes (a watch).
class nats_dependent {
 public:
  virtual ~nats_dependent() = default;
  virtual void end() = 0;
};

/// The connection and everything that the bus, its subscriptions and its buckets share; they may outlive the bus.
/// Library objects are created and destroyed here only, never inside one of the library's callbacks.
class nats_core : public std::enable_shared_from_this<nats_core> {
 public:
  explicit nats_core(nats_options options) : options_(std::move(options)) {}
  ~nats_core();

  result<void> connect();
  void close();
  bool closed() const { return closed_; }
  bool connected() const { return !closed_ && natsConnection_Status(connection_) == NATS_CONN_STATUS_CONNECTED; }

  result<void> send(const std::string& subject, const char* reply_to, const std::string& payload);
  result<void> flush();
  /// Waits until the server has seen everything sent so far, at most two seconds.
  void sync();
  result<std::shared_ptr<nats_endpoint>> subscribe(const std::string& pattern, const subscribe_options& options,
                                                   std::function<void()> on_ready);
  void end(const std::shared_ptr<nats_endpoint>& e);
  /// Subject for answers; opens the connection's own inbox at the first call.
  result<std::string> expect_answer(pending_requests::handler on_answer);
  pending_requests& requests() { return *requests_; }

  void listen(std::function<void(bool)> listener);
  bus_stats stats();
  std::uint64_t reconnects() const { return reconnects_; }
  std::size_t max_payload() const { return max_payload_; }
  std::uint64_t count_refusal() { return ++publish_errors_; }

  worker& jobs() { return worker_; }
  nats_event_loop& loop() { return loop_; }
  jsCtx* jet_stream() { return jet_stream_; }
  void add(const std::weak_ptr<nats_dependent>& dependent);

 private:
  using endpoint_ptr = std::shared_ptr<nats_endpoint>;

  static void on_connected(natsConnection*, void* closure);
  static void on_reconnected(natsConnection*, void* closure);
  static void on_disconnected(natsConnection*, void* closure);
  static void on_closed(natsConnection*, void* closure);
  static void on_error(natsConnection*, natsSubscription*, natsStatus status, void* closure);
  static std::int64_t reconnect_delay(natsConnection*, int attempts, void* closure);
  static void on_message(natsConnection*, natsSubscription*, natsMsg* m, void* closure);
  static void on_answer(natsConnection*, natsSubscription*, natsMsg* m, void* closure);

  natsStatus configure(natsOptions* o);
  natsStatus configure_security(natsOptions* o);
  void connection_changed(bool up);
  result<void> open_inbox();
  void close_connection();

  const nats_options options_;
  std::string nkey_public_;
  nats_event_loop loop_;
  worker worker_;
  natsConnection* connection_ = nullptr;
  jsCtx* jet_stream_ = nullptr;
  std::atomic<bool> closed_{false};
  std::atomic<std::size_t> max_payload_{1u << 20};  ///< the server's default until it has told its own
  std::atomic<std::size_t> offline_bytes_{0};

  std::mutex endpoints_mutex_;
  std::set<endpoint_ptr> endpoints_;
  std::vector<std::weak_ptr<nats_dependent>> dependents_;
  std::uint64_t received_before_ = 0;  ///< of subscriptions that have ended
  std::uint64_t dropped_before_ = 0;

  std::mutex inbox_mutex_;
  std::shared_ptr<pending_requests> requests_;
  natsSubscription* inbox_ = nullptr;

  std::mutex state_mutex_;
  std::condition_variable state_changed_;
  bool gone_ = false;  ///< the library has made its last callback for this connection
  std::function<void(bool)> listener_;
  std::shared_ptr<callback_gate> listener_gate_;

  std::atomic<std::uint64_t> reconnects_{0};
  std::atomic<std::uint64_t> published_{0};
  std::atomic<std::uint64_t> published_bytes_{0};
  std::atomic<std::uint64_t> publish_errors_{0};
  std::atomic<std::uint64_t> slow_consumer_events_{0};
  std::atomic<std::uint64_t> permission_errors_{0};
};

}  // namespace isobar::bus
