#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "service/address.hpp"

namespace isobar::service {

struct grpc_server_options {
  address listen;
  std::int64_t message_bytes_max = 4 << 20;
  bool reflection = true;
};

/// The process's one gRPC server: callback services, health, reflection. Insecure: it belongs on loopback or behind
/// the pod's network policy.
class grpc_server {
 public:
  grpc_server();
  ~grpc_server();
  /// Before start(). The service must outlive stop().
  void add(::grpc::Service& s, std::string health_name);
  result<void> start(const grpc_server_options& options);
  int port() const;
  /// `serving(index)` says it for the health name of the index-th add(); the name "" serves when all do.
  void update_health(const std::function<bool(std::size_t)>& serving);
  /// Every health name NOT_SERVING, for good.
  void drain();
  /// Running calls have `grace` to end, then they are cancelled. Idempotent.
  void stop(std::chrono::milliseconds grace);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::service
