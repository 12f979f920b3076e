// Bench `host` (owner: service host): what the actors cost. The six services in one process on the local bus, as fast
// as they go, against one plain loop over the same domains and codecs, with the same simulated market; runs alternate
// and the best of each counts. Both must emit the same bytes. Wall time may favour the actors, whose sources have
// threads of their own; CPU time over the whole life of the suite is what the actors really cost. See
// docs/benchmarks.md.

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "actors_pipeline.hpp"
#include "plain_pipeline.hpp"
#include "telemetry/log.hpp"

namespace {

using namespace isobar;
using namespace isobar::bench;

struct outcome {
  double seconds = 0, cpu_seconds = 0;
  std::uint64_t events = 0, frames = 0, digest = 0;
  double rate() const { return static_cast<double>(events) / seconds; }
};

double cpu_now() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  const auto of = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return of(u.ru_utime) + of(u.ru_stime);
}

double seconds_between(std::chrono::steady_clock::time_point a, std::chrono::steady_clock::time_point b) {
  return std::chrono::duration<double>(b - a).count();
}

outcome run_plain(const suite_options& o) {
  plain_options options;
  options.market = o.market();
  options.chain_interval = milliseconds(o.chain_interval_ms);
  options.epochs = o.epochs();
  const double cpu = cpu_now();
  plain_pipeline p(std::move(options));
  p.run();
  outcome out;
  out.seconds = seconds_between(p.first_tiles(), std::chrono::steady_clock::now());
  out.cpu_seconds = cpu_now() - cpu;
  out.events = p.quotes();
  wire::stream_digest digest;
  for (const plain_frame& f : p.frames()) digest.add(f.subject, *f.bytes);
  out.digest = digest.value();
  out.frames = digest.frames();
  return out;
}

outcome run_actors(const suite_options& o, int threads, std::uint64_t events) {
  const double cpu = cpu_now();
  const actors_result r = run_suite(o, threads);
  outcome out;
  out.seconds = r.seconds;
  out.cpu_seconds = cpu_now() - cpu;
  out.events = events;
  out.digest = r.digest.value();
  out.frames = r.digest.frames();
  return out;
}

void keep_best(outcome& best, const outcome& now) {
  if (best.events == 0) best = now;
  best.seconds = std::min(best.seconds, now.seconds);
  best.cpu_seconds = std::min(best.cpu_seconds, now.cpu_seconds);
}

void print(const char* name, const outcome& o, const outcome& plain) {
  std::printf("  %-22s %10.0f events/s  %6.2f s  ratio %.2f   cpu %6.2f s  ratio %.2f   %llu frames  digest %s\n", name,
              o.rate(), o.seconds, plain.seconds / o.seconds, o.cpu_seconds, plain.cpu_seconds / o.cpu_seconds,
              static_cast<unsigned long long>(o.frames), to_hex(o.digest).c_str());
}

bool run_case(const char* name, suite_options o, int rounds) {
  outcome plain, one, two;
  bool same = true;
  for (int i = 0; i < rounds; ++i) {
    const outcome p = run_plain(o), a = run_actors(o, 1, p.events), b = run_actors(o, 2, p.events);
    same = same && p.digest == a.digest && p.digest == b.digest && p.frames == a.frames && p.frames == b.frames;
    keep_best(plain, p);
    keep_best(one, a);
    keep_best(two, b);
  }
  std::printf("\n%s: %llu events, best of %d\n", name, static_cast<unsigned long long>(plain.events), rounds);
  print("plain loop", plain, plain);
  print("actors, 1 thread", one, plain);
  print("actors, 2 threads", two, plain);
  if (!same) std::printf("FAILED: the actors emit other bytes than the plain loop\n");
  return same;
}

}  // namespace

int main() {
  const char* set = std::getenv("ISOBAR_BENCH_SMOKE");
  telemetry::log_options log;
  log.minimum = telemetry::level::warn;
  telemetry::start_logging(log);
  const bool smoke = set && *set && std::strcmp(set, "0") != 0;
  bool good = true;
  suite_options burst;
  burst.duration_ms = smoke ? 2'000 : 30'000;
  burst.quotes_per_second = smoke ? 5'000 : 100'000;
  good &= run_case("five expiries, bursts", burst, smoke ? 1 : 3);
  if (!smoke) {
    suite_options calm;
    calm.duration_ms = 120'000;
    calm.quotes_per_second = 5'000;
    good &= run_case("five expiries, a quiet market", calm, 2);
  }
  return good ? 0 : 1;
}
