// Bench `radar` (owner: radar-physics): DBN.zst -> book -> windows -> wall, vacuum, physics, features and bucket radar,
// in records a second, against the limit that no reader passes: bare libzstd decompression and a pointer walk over the
// records of the same bytes in the same run. Once on one thread, once with decompression on another. A dense simulated
// session (about 5,000 records a window) and, where the real data are, the ESH4 session. See docs/benchmarks.md.

#include <zstd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include "radar-physics/domain/engine.hpp"
#include "sim/futures_dbn.hpp"
#include "sim/futures_market.hpp"
#include "wire/dbn/convert.hpp"
#include "wire/dbn/read_ahead.hpp"
#include "wire/dbn/reader.hpp"

namespace {

using namespace isobar;
namespace dbn = wire::dbn;

double seconds_of(const auto& work) {
  const auto before = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
}

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "radar_bench: %s\n", why.c_str());
  std::exit(1);
}

/// What a run has seen; the sum keeps the work from being optimised away and must not depend on how it was run.
struct outcome {
  std::uint64_t records = 0, windows = 0, rows = 0;
  double sum = 0;
};

class summing_sink final : public radar_physics::radar_sink {
 public:
  explicit summing_sink(outcome& o) : o_(&o) {}
  void on_window(const radar_physics::window_outputs& w) override {
    o_->windows += w.window.span;
    o_->rows += w.surface.rows.size();
    if (!w.surface.rows.empty()) o_->sum += w.surface.rows.front().vacuum_score + w.surface.rows.back().physics_score;
    if (!w.column.rows.empty()) o_->sum += w.column.rows.front().resistance_eroded + w.features.value[6];
  }
  void on_levels(const radar_physics::level_outputs&) override {}

 private:
  outcome* o_;
};

/// The limit: decompress into a block, step from header to header.
std::uint64_t walk(std::string_view compressed) {
  static ZSTD_DCtx* context = ZSTD_createDCtx();
  ZSTD_DCtx_reset(context, ZSTD_reset_session_only);
  std::vector<char> block(128 * 1024 + 512);
  std::size_t held = 0, records = 0;
  bool metadata_passed = false;
  ZSTD_inBuffer in{compressed.data(), compressed.size(), 0};
  for (;;) {
    ZSTD_outBuffer out{block.data() + held, block.size() - held, 0};
    const std::size_t left = ZSTD_decompressStream(context, &out, &in);
    if (ZSTD_isError(left)) die(ZSTD_getErrorName(left));
    const char* at = block.data();
    const char* const end = block.data() + held + out.pos;
    if (!metadata_passed) {
      std::uint32_t length = 0;
      std::memcpy(&length, at + 4, 4);
      at += 8 + length;
      metadata_passed = true;
    }
    while (end - at >= 1 && end - at >= std::ptrdiff_t{static_cast<unsigned char>(*at)} * 4) {
      at += std::ptrdiff_t{static_cast<unsigned char>(*at)} * 4;
      ++records;
    }
    held = static_cast<std::size_t>(end - at);
    std::memmove(block.data(), at, held);
    if (out.pos == 0 && in.pos == in.size) return records;
  }
}

outcome build(std::string_view compressed, bool ahead) {
  std::unique_ptr<dbn::byte_source> source = std::make_unique<dbn::memory_source>(compressed);
  if (ahead) {
    auto started = dbn::read_ahead::start(std::move(source));
    if (!started) die(started.error().what);
    source = std::move(*started);
  }
  auto in = dbn::reader::over(std::move(source));
  if (!in) die(in.error().text());
  outcome o;
  summing_sink sink(o);
  radar_physics::radar_engine engine({}, false);
  // In batches, as frames bring them.
  std::vector<market::book_event> batch(512);
  for (std::size_t n = batch.size(); n == batch.size();) {
    n = 0;
    while (n < batch.size()) {
      const dbn::record r = in->next();
      if (!r) break;
      if (const auto* m = r.as<dbn::mbo_record>(); m && dbn::to_book_event(*m, batch[n]) == dbn::refusal::none) ++n;
    }
    engine.apply({batch.data(), n}, sink);
    o.records += n;
  }
  if (const auto* error = in->error()) die(error->text());
  engine.advance(end_of_time, sink);
  return o;
}

double median(std::vector<double> v) {
  std::ranges::sort(v);
  return v[v.size() / 2];
}

void run_case(const char* name, std::string_view compressed, std::size_t rounds, std::size_t repeat) {
  std::vector<double> limit, single, overlapped, ratio_single, ratio_overlapped;
  outcome o;
  std::uint64_t walked = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto each = [&](const auto& work) {
      return seconds_of([&] {
               for (std::size_t i = 0; i < repeat; ++i) work();
             }) /
             static_cast<double>(repeat);
    };
    limit.push_back(each([&] { walked = walk(compressed); }));
    single.push_back(each([&] { o = build(compressed, false); }));
    outcome again;
    overlapped.push_back(each([&] { again = build(compressed, true); }));
    if (again.sum != o.sum || again.windows != o.windows) die("two threads gave another result than one");
    ratio_single.push_back(limit.back() / single.back());
    ratio_overlapped.push_back(limit.back() / overlapped.back());
  }
  const auto rate = [&](const std::vector<double>& t) { return static_cast<double>(o.records) / median(t) / 1e6; };
  std::printf("%s: %llu records in %llu windows (%.0f a window, %.0f rows), %.2f MB compressed\n", name,
              static_cast<unsigned long long>(o.records), static_cast<unsigned long long>(o.windows),
              static_cast<double>(o.records) / static_cast<double>(o.windows),
              static_cast<double>(o.rows) / static_cast<double>(o.windows),
              static_cast<double>(compressed.size()) / 1e6);
  std::printf("  bare libzstd and pointer walk  %7.2f M records/s (%llu records)\n", rate(limit),
              static_cast<unsigned long long>(walked));
  std::printf("  one thread                     %7.2f M records/s, %8.0f windows/s, ratio %.2f\n", rate(single),
              static_cast<double>(o.windows) / median(single), median(ratio_single));
  std::printf("  decompression on another       %7.2f M records/s, %8.0f windows/s, ratio %.2f\n", rate(overlapped),
              static_cast<double>(o.windows) / median(overlapped), median(ratio_overlapped));
}

std::string dense_session(std::int64_t seconds_long) {
  sim::futures_market_config c;
  c.events_per_second = 5'000;
  c.burst_events_per_second = 20'000;
  c.duration = seconds(seconds_long);
  c.path.start = c.start;
  const sim::futures_dbn_options options{.facts = false};
  std::string bytes;
  auto out = dbn::writer::over(std::make_unique<dbn::string_sink>(bytes), sim::futures_dbn_metadata({c}, options));
  if (!out || !sim::write_futures_dbn(*out, {c}, options)) die("the session could not be written");
  return bytes;
}

}  // namespace

int main() {
  const char* set = std::getenv("ISOBAR_BENCH_SMOKE");
  const bool smoke = set && *set && std::strcmp(set, "0") != 0;
  run_case("dense simulated session", dense_session(smoke ? 3 : 120), smoke ? 1 : 9, 1);
  const char* shared = std::getenv("ISOBAR_SHARED");
  const std::filesystem::path real = std::filesystem::path(shared && *shared ? shared : "../shared") /
                                     "data/databento/glbx/esh4-glbx-mdp3-20231225-first-40000.mbo.dbn.zst";
  if (!std::filesystem::exists(real)) {
    std::printf("real ESH4 session: skipped, %s is absent\n", real.c_str());
    return 0;
  }
  std::ifstream file(real, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  run_case("real ESH4 session", bytes, smoke ? 1 : 9, smoke ? 1 : 10);
  return 0;
}
