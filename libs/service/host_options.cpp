#include "config/config.hpp"
#include "service/host.hpp"

namespace isobar::service {

void host_options::declare(config::schema& s) {
  s.option("bus", bus, "Bus: local (in this process), nats://host:port, or tls://host:port");
  s.option("nats-credentials", nats_credentials, "NATS credentials file (.creds); empty: none");
  s.option("nats-nkey-seed", nats_nkey_seed, "File with the NKEY seed of this service's NATS user; empty: none");
  s.option("nats-tls-ca", nats_tls_ca, "CA certificate file of the NATS server; turns TLS on");
  s.option("nats-tls-cert", nats_tls_cert, "Client certificate file for NATS");
  s.option("nats-tls-key", nats_tls_key, "Client key file for NATS");
  s.option("streams", streams, "Over NATS: keep what is published in JetStream streams, and repair gaps from them");
  s.option("streams-age-s", streams_age_s, "Oldest message that a stream keeps, seconds", 1, 604'800);
  s.option("streams-bytes-max", streams_bytes_max, "Most that the stream of one domain keeps, bytes", 1 << 20,
           std::int64_t{1} << 40);
  s.option("grpc", grpc, "Address of the gRPC server, host:port; port 0 picks a free one; off: none");
  s.option("http", http, "Address of /metrics, /healthz and /readyz, host:port; port 0 picks a free one; off: none");
  s.option("symbols", symbols, "Symbols that this process works on, comma-separated");
  s.option("futures", futures, "Symbols of the futures services (feed-ingest, radar-physics), comma-separated");
  s.option(
      "shard", shard,
      "Instead of named symbols: those of the registry that fall to shard i of n, \"i/n\"; \"auto/n\" takes i from the "
      "number at the end of the host's name");
  s.option("lease-ms", lease_ms,
           "A shard that was silent for so long is dead and its symbols go to others, milliseconds", 300, 600'000);
  s.option("standby", standby,
           "Workers that stand by for each symbol on another shard, warm and silent, 0 or 1; the same for every shard",
           0, 1);
  s.option("venue", venue, "Venue token of every bus subject");
  s.option("threads", threads, "Threads of the actor scheduler", 1, 256);
  s.option("data-dir", data_dir, "Folder of recordings and checkpoints, one folder per service in it");
  s.choice("log-level", log_level, {"debug", "info", "warn", "error"}, "Least level that is logged");
  s.option("log-json", log_json, "Log one JSON object a line");
  s.option("log-file", log_file, "Log file; empty: standard error");
  s.option("reflection", reflection, "gRPC server reflection");
  s.option("grpc-message-bytes-max", grpc_message_bytes_max, "Largest gRPC message taken or sent, bytes", 1024,
           1 << 30);
  s.option("grpc-tls-cert", grpc_tls_cert, "Certificate file of the gRPC server; turns TLS on");
  s.option("grpc-tls-key", grpc_tls_key, "Key file of the gRPC server");
  s.option("grpc-tls-client-ca", grpc_tls_client_ca,
           "CA certificate file of the clients: they must show a certificate (mutual TLS)");
  s.option("grpc-tokens", grpc_tokens, "File of client tokens, lines NAME read|full TOKEN; needs TLS");
  s.option("grpc-rate-max", grpc_rate_max, "gRPC calls a second that one client may make; 0: any number", 0, 1 << 20);
  s.option("grpc-deadline-max-ms", grpc_deadline_ms_max,
           "Longest unary gRPC call, milliseconds; 0: as long as the client likes", 0, 3'600'000);
  s.option("drain-ms", drain_ms, "From SIGTERM to forced exit with code 70, milliseconds", 100, 600'000);
  s.choice("mode", mode, {"live", "replay"}, "live: watermarks also come from the clock; replay: from the data alone");
}

}  // namespace isobar::service
