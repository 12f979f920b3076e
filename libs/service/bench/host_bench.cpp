// Bench `host`: what an idle service costs, and what an actor hop costs.
//
//   idle/...            idle_cpu_percent of one core over a few seconds; at most 3 (issue 2)
//   hop/...             items/s are messages handled; the plain call is the rival of the same run
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <latch>
#include <numeric>
#include <thread>

#include "actors/actors.hpp"
#include "service/host.hpp"
#include "service/test/echo_app.hpp"
#include "telemetry/log.hpp"

namespace isobar::service {
namespace {

using clock = std::chrono::steady_clock;

double cpu_seconds() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  const auto s = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return s(u.ru_utime) + s(u.ru_stime);
}

void idle_service(benchmark::State& state) {
  telemetry::start_logging({.minimum = telemetry::level::warn, .file = {}});
  const bool smoke = std::getenv("ISOBAR_BENCH_SMOKE") != nullptr;
  host_options options;
  options.grpc = options.http = "127.0.0.1:0";
  options.threads = state.range(0);
  options.data_dir = (std::filesystem::temp_directory_path() / ("isobar-bench-" + std::to_string(getpid()))).string();
  std::vector<std::unique_ptr<app>> apps;
  apps.push_back(test::make_echo_app());
  process p(options, std::move(apps));
  if (!p.start()) return state.SkipWithError("the host did not start");
  for (auto _ : state) {
    const double cpu = cpu_seconds();
    const auto from = clock::now();
    std::this_thread::sleep_for(smoke ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000));
    const double wall = std::chrono::duration<double>(clock::now() - from).count();
    state.SetIterationTime(wall);
    state.counters["idle_cpu_percent"] = 100 * (cpu_seconds() - cpu) / wall;
  }
  p.stop();
  std::filesystem::remove_all(options.data_dir);
}
BENCHMARK(idle_service)->Name("idle/echo_service_threads")->Arg(1)->Arg(2)->Iterations(1)->UseManualTime();

/// As big as a window's handle: a shared pointer to rows.
struct frame {
  std::shared_ptr<const std::vector<std::int64_t>> rows;
};
struct finish {
  std::latch* done;
};

struct summing {
  using messages = actors::message_list<frame, finish>;
  void on(actors::context&, const frame& f) {
    total += std::accumulate(f.rows->begin(), f.rows->end(), std::int64_t{0});
  }
  void on(actors::context&, const finish& f) {
    benchmark::DoNotOptimize(total);
    f.done->count_down();
  }
  std::int64_t total = 0;
};

std::shared_ptr<const std::vector<std::int64_t>> rows_of(std::int64_t n) {
  return std::make_shared<std::vector<std::int64_t>>(static_cast<std::size_t>(n), 3);
}

constexpr int frames = 10'000;

/// The same work in a plain loop.
void plain_loop(benchmark::State& state) {
  const auto rows = rows_of(state.range(0));
  std::int64_t total = 0;
  for (auto _ : state) {
    for (int i = 0; i < frames; ++i) {
      const auto message = std::make_shared<frame>(frame{rows});
      total += std::accumulate(message->rows->begin(), message->rows->end(), std::int64_t{0});
      benchmark::ClobberMemory();
    }
    benchmark::DoNotOptimize(total);
  }
  state.SetItemsProcessed(state.iterations() * frames);
}
BENCHMARK(plain_loop)->Name("hop/plain_loop_rows")->Arg(1)->Arg(256)->Arg(4096)->UseRealTime();

/// A foreign thread feeds one actor: what a bus intake does.
void feed_one_actor(benchmark::State& state) {
  const auto rows = rows_of(state.range(0));
  actors::system system;
  const auto to = system.spawn("summing", summing{});
  for (auto _ : state) {
    std::latch done(1);
    for (int i = 0; i < frames; ++i) to.send(frame{rows});
    to.send(finish{&done});
    done.wait();
  }
  state.SetItemsProcessed(state.iterations() * frames);
}
BENCHMARK(feed_one_actor)->Name("hop/feed_one_actor_rows")->Arg(1)->Arg(256)->Arg(4096)->UseRealTime();

struct ball {
  actors::ref back;
  int left;
  std::latch* done;
};
struct player {
  using messages = actors::message_list<ball>;
  void on(actors::context& self, const ball& b) {
    if (b.left == 0)
      b.done->count_down();
    else
      b.back.send(ball{self.self(), b.left - 1, b.done});
  }
};

void ping_pong(benchmark::State& state) {
  actors::system system({.threads = static_cast<std::size_t>(state.range(0))});
  const auto a = system.spawn("a", player{}), b = system.spawn("b", player{});
  for (auto _ : state) {
    std::latch done(1);
    a.send(ball{b, frames, &done});
    done.wait();
  }
  state.SetItemsProcessed(state.iterations() * frames);
}
BENCHMARK(ping_pong)->Name("hop/ping_pong_threads")->Arg(1)->Arg(2)->UseRealTime();

/// From send to handler of an actor that was asleep, and back to the sender: two wake-ups.
void wake_idle_actor(benchmark::State& state) {
  actors::system system;
  const auto to = system.spawn("summing", summing{});
  for (auto _ : state) {
    std::latch done(1);
    to.send(finish{&done});
    done.wait();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(wake_idle_actor)->Name("hop/wake_idle_actor_round_trip")->UseRealTime();

}  // namespace
}  // namespace isobar::service

BENCHMARK_MAIN();
