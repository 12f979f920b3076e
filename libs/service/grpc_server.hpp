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
  std::string tls_cert_file = {}, tls_key_file = {};  ///< both: TLS; neither: plain text
  std::string tls_client_ca_file = {};                ///< not empty: clients must show a certificate of this authority
  std::string tokens_file = {};                       ///< not empty: calls need a token of it; needs TLS
  std::int64_t rate_max = 0;                          ///< calls a second of one client; 0: any number
  std::int64_t deadline_ms_max = 0;                   ///< longest unary call; 0: as long as the client likes
};

/// The process's one gRPC server: callback services, health, reflection. Without TLS it belongs on loopback or behind
/// the pod's network policy.
class grpc_server {
 public:
  grpc_server();
  ~grpc_server();
  /// Before start(). The service must outlive stop().
  void add(::grpc::Service& s, std::string health_name);
  /// `metrics`: counts what is refused; nullptr: nothing does.
  result<void> start(const grpc_server_options& options, telemetry::registry* metrics = nullptr);
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
