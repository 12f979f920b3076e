#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <mutex>
#include <optional>

#include "config/config.hpp"
#include "service/exit_codes.hpp"
#include "service/host.hpp"
#include "service/signals.hpp"
#include "service/watchdog.hpp"
#include "telemetry/log.hpp"

namespace isobar::service {

namespace {

/// The exit code when there is nothing to run.
std::optional<int> parse(int argc, char** argv, config::schema& schema, const std::string& program) {
  const auto parsed = schema.parse(argc, argv, environ);
  if (parsed) return std::nullopt;
  const auto& [code, evidence] = parsed.error();
  if (code == config::errc::help || code == config::errc::printed) {
    std::fputs(evidence.c_str(), stdout);
    return exit_ok;
  }
  std::fprintf(stderr, "%s: %s\n", program.c_str(), evidence.c_str());
  return exit_configuration;
}

int serve(const host_options& options, std::vector<std::unique_ptr<app>> apps, const std::string& program) {
  std::mutex mutex;
  process* running = nullptr;
  int asked = 0;
  watchdog dog(std::chrono::milliseconds(options.drain_ms), exit_watchdog);
  const signals listening([&](int signal) {
    const std::lock_guard lock(mutex);
    // Impatience: the second one does not wait.
    if (++asked > 1) _exit(exit_watchdog);
    dog.arm();
    if (running) running->get_host().request_stop(signal == SIGINT ? "SIGINT" : "SIGTERM");
  });
  process p(options, std::move(apps));
  if (const auto started = p.start(); !started) {
    dog.arm();
    std::fprintf(stderr, "%s: %s\n", program.c_str(), started.error().evidence.c_str());
    return started.error().code == errc::configuration ? exit_configuration : exit_cannot_start;
  }
  {
    const std::lock_guard lock(mutex);
    running = &p;
    if (asked > 0) p.get_host().request_stop("signal while starting");
  }
  while (!p.wait(std::chrono::hours(1))) {}
  dog.arm();
  const bool in_time = p.stop();
  const std::lock_guard lock(mutex);
  running = nullptr;
  return in_time ? p.exit_code() : exit_watchdog;
}

}  // namespace

int run(int argc, char** argv, std::string program, std::string description, std::vector<std::unique_ptr<app>> apps,
        host_options options) {
  signals::block();
  config::schema schema(program, description, ISOBAR_VERSION);
  options.declare(schema);
  for (const auto& a : apps) a->declare(schema);
  if (const auto code = parse(argc, argv, schema, program)) return *code;
  telemetry::start_logging({.minimum = telemetry::parse_level(options.log_level).value_or(telemetry::level::info),
                            .json = options.log_json,
                            .file = options.log_file});
  return serve(options, std::move(apps), program);
}

}  // namespace isobar::service
