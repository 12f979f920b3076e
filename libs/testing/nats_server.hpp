#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "testing/temp_dir.hpp"

namespace isobar::testing {

struct nats_server_options {
  std::size_t max_payload = 8u << 20;  ///< bytes
  bool jetstream = true;
  std::string extra_config;  ///< appended to the configuration file, e.g. an authorization block
};

/// A real nats-server on a free loopback port with its files in a temporary folder. Killed at the end of its life, and
/// by the system should the test die.
class nats_server {
 public:
  using options = nats_server_options;

  /// Path of the server's program; none: not installed (tests skip with ISOBAR_SKIP_WITHOUT_NATS_SERVER).
  static std::optional<std::string> program();

  /// Reserves a port and, unless `started` is false, starts the server and waits until it answers.
  explicit nats_server(options o = {}, bool started = true);
  ~nats_server();
  nats_server(const nats_server&) = delete;
  nats_server& operator=(const nats_server&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }
  bool running() const { return pid_ > 0; }
  /// Starts on the same port with the same files; returns once a client is greeted and JetStream is ready.
  void start();
  /// Orderly end (SIGTERM).
  void stop() { end(15); }
  /// Sudden death (SIGKILL): nothing is flushed.
  void kill() { end(9); }
  /// Removes everything that JetStream keeps; while the server is down.
  void lose_store();
  void restart() {
    stop();
    start();
  }
  /// Freezes and thaws the process: the port stays open, nothing answers.
  void pause();
  void resume();
  /// Where JetStream keeps its files.
  std::filesystem::path store_dir() const { return dir_ / "store"; }
  /// What the server logged so far.
  std::string log() const;

 private:
  void end(int signal);
  bool ready() const;

  options options_;
  temp_dir dir_{"isobar-nats"};
  std::uint16_t port_;
  pid_t pid_ = -1;
};

}  // namespace isobar::testing

#define ISOBAR_SKIP_WITHOUT_NATS_SERVER() \
  if (!::isobar::testing::nats_server::program()) GTEST_SKIP() << "nats-server is not installed"
