#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/symbol.hpp"

namespace grpc {
class Service;
}

namespace isobar {
namespace bus {
class bus;
}
namespace actors {
class system;
}
namespace telemetry {
class registry;
class logger;
}  // namespace telemetry
namespace config {
class schema;
}
}  // namespace isobar

namespace isobar::service {

enum class errc {
  configuration,  ///< options contradict each other; evidence says which
  port_in_use,
  unwritable,  ///< data directory cannot be made or written
  bus,
  internal,
};
template <class T>
using result = isobar::result<T, errc>;

/// Options of every Isobar process, unprefixed: --bus, --grpc, --http, --symbols, ...
struct host_options {
  std::string bus = "local";  ///< "local" or nats://host:port
  std::string nats_credentials, nats_nkey_seed, nats_tls_ca, nats_tls_cert, nats_tls_key;  ///< files
  bool streams = true;  ///< NATS only: keep what is published in JetStream streams and repair gaps from them
  std::int64_t streams_age_s = 3600;
  std::int64_t streams_bytes_max = 64 << 20;  ///< of each stream (one for each domain)
  std::string grpc = "127.0.0.1:7400";        ///< host:port; port 0 picks a free one; "off"
  std::string http = "127.0.0.1:7480";  ///< /metrics, /healthz, /readyz; host:port; port 0 picks a free one; "off"
  std::vector<symbol> symbols;          ///< the symbols this process works on
  std::vector<symbol> futures;          ///< the symbols that its futures services work on
  /// "i/n" or "auto/n": instead of named symbols those of the registry that fall to this process (shard_records.hpp).
  std::string shard;
  std::int64_t lease_ms = 5000;  ///< a shard that was silent for so long is dead
  std::int64_t standby = 0;      ///< of each symbol so many workers (0 or 1) stand by on other shards
  std::string venue = "sim";     ///< venue token of every subject
  std::int64_t threads = 2;      ///< actor scheduler threads
  std::string data_dir = "run";  ///< recordings and checkpoints, one folder per service
  std::string log_level = "info";
  bool log_json = false;
  std::string log_file;
  bool reflection = true;  ///< gRPC server reflection
  std::int64_t grpc_message_bytes_max = 4 << 20;
  std::string grpc_tls_cert, grpc_tls_key, grpc_tls_client_ca, grpc_tokens;  ///< files
  std::int64_t grpc_rate_max = 0;              ///< calls a second of one client; 0: any number
  std::int64_t grpc_deadline_ms_max = 30'000;  ///< longest unary call; 0: as long as the client likes
  std::int64_t drain_ms = 4000;                ///< watchdog: from SIGTERM to forced exit (exit code 70)
  std::string mode = "live";  ///< live: watermarks also come from the clock; replay: from the data alone
  void declare(config::schema& s);
};

/// Why a process is not ready; empty text: ready.
using readiness = std::function<std::string()>;

/// What the host gives to an app. Everything lives as long as the host; thread-safe unless said.
class host {
 public:
  virtual ~host() = default;
  virtual const host_options& options() const = 0;
  virtual bus::bus& bus() = 0;
  virtual actors::system& actors() = 0;
  virtual telemetry::registry& metrics() = 0;
  /// options().data_dir / service, created; asserts that start() checked it is writable.
  virtual std::filesystem::path data_dir(std::string_view service) = 0;
  /// Registers a callback-API service with the process's one gRPC server. During app::start() only; the service object
  /// must outlive the host's server (until app::stop()). `health_name` is the name the health service answers for.
  virtual void add_grpc(::grpc::Service& service, std::string health_name) = 0;
  /// Adds a condition to /readyz and to the app's gRPC health (connected bus is always one).
  virtual void add_readiness(std::string name, readiness check) = 0;
  /// Asks the process to end, as SIGTERM does. `exit_code` 0 means that the work is done.
  virtual void request_stop(std::string reason, int exit_code = 0) = 0;
  /// The port really bound (after start); 0 when off.
  virtual int grpc_port() const = 0;
  virtual int http_port() const = 0;
};

class symbol_workers;

/// One service. Order of calls: declare, (parse), validate, start, [run], drain, stop. All from the main thread.
class app {
 public:
  virtual ~app() = default;
  /// The kebab-case word of the service.
  virtual std::string_view name() const = 0;
  /// Declares options as "<name>.<option>".
  virtual void declare(config::schema& s) = 0;
  virtual result<void> validate(const host_options& h) = 0;
  /// Spawns actors, subscribes, registers gRPC; returns once intake may begin.
  virtual result<void> start(host& h) = 0;
  /// What --shard needs; null: the app works on named symbols only. Of a sharded process neither `symbols` nor
  /// `futures` name any: they come by it, from when start() has returned until drain().
  virtual symbol_workers* workers() { return nullptr; }
  /// Stops intake, emits what is complete, writes checkpoints. Bounded by the host's watchdog.
  virtual void drain() = 0;
  /// After every actor has ended and the gRPC server is down: free what start() made.
  virtual void stop() {}
};

/// The whole life of a process: parse options (exit 2 on bad ones), start bus, apps in order, gRPC and HTTP servers,
/// wait for SIGTERM/SIGINT or request_stop, then health NOT_SERVING, drain apps in reverse, quit tree, exit. Returns
/// the exit code.
int run(int argc, char** argv, std::string program, std::string description, std::vector<std::unique_ptr<app>> apps,
        host_options defaults = {});

/// The same without signals and argv, for tests and for the embedded process: construct, start(), use, stop().
class process {
 public:
  /// `bus`: nullptr makes one from the options.
  process(host_options options, std::vector<std::unique_ptr<app>> apps, std::shared_ptr<bus::bus> bus = nullptr);
  ~process();
  result<void> start();
  host& get_host();
  /// Blocks until request_stop or until `limit`; true when a stop was requested.
  bool wait(std::chrono::milliseconds limit);
  int exit_code() const;
  /// Drain, quit tree, server shutdown. Idempotent. False when the limit of drain_ms was passed.
  bool stop();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::service
