// How fast DBN is decoded, against a limit measured in the same run on the same bytes: bare libzstd and a walk from
// record to record by their length bytes. Limit and reader alternate, and the best of each counts, so that a busy
// machine disturbs both alike. ratio = limit's time / reader's time; the goal is 0.9.
#include <benchmark/benchmark.h>
#include <zstd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>

#include "testing/testdata.hpp"
#include "wire/dbn/decompress.hpp"
#include "wire/dbn/read_ahead.hpp"
#include "wire/dbn/reader.hpp"
#include "wire/dbn/writer.hpp"

namespace isobar::wire::dbn {
namespace {

using clock = std::chrono::steady_clock;

bool smoke() { return std::getenv("ISOBAR_BENCH_SMOKE") != nullptr; }

void long_enough(benchmark::internal::Benchmark* b) {
  if (!smoke()) b->MinTime(1.0);
}

/// What both sides do with a record: read its price and size.
struct tally {
  std::uint64_t records = 0;
  std::int64_t sum = 0;
  void add(const char* at) {
    const auto& r = *reinterpret_cast<const mbo_record*>(at);
    ++records;
    sum += r.price ^ r.size;
  }
  bool operator==(const tally&) const = default;
};

/// The walk of the limit: whoever calls it knows that the bytes are whole records.
void walk(const char* at, const char* end, tally& t) {
  for (; at < end; at += static_cast<unsigned char>(*at) * 4) t.add(at);
}

std::size_t header_bytes(std::string_view plain) {
  std::uint32_t length = 0;
  std::memcpy(&length, plain.data() + 4, sizeof length);
  return length + metadata_prefix_bytes;
}

/// libzstd into one buffer that holds everything, then the walk.
tally limit_whole(const std::string& zst, std::string& plain, ZSTD_DCtx* context) {
  tally t;
  const auto size = ZSTD_decompressDCtx(context, plain.data(), plain.size(), zst.data(), zst.size());
  if (size == plain.size()) walk(plain.data() + header_bytes(plain), plain.data() + size, t);
  return t;
}

/// libzstd's streaming into its recommended block, walked block by block; a record across two is moved to the front.
tally limit_streamed(const std::string& zst, ZSTD_DCtx* context) {
  tally t;
  static std::vector<char> block(ZSTD_DStreamOutSize() + record_bytes_max);
  ZSTD_DCtx_reset(context, ZSTD_reset_session_only);
  ZSTD_inBuffer in{zst.data(), zst.size(), 0};
  std::size_t kept = 0;
  std::size_t skip = 0;
  for (bool first = true;; first = false) {
    ZSTD_outBuffer out{block.data() + kept, ZSTD_DStreamOutSize(), 0};
    while (out.pos < out.size && in.pos < in.size)
      if (ZSTD_isError(ZSTD_decompressStream(context, &out, &in))) return {};
    if (first) skip = header_bytes({block.data(), out.pos});
    const char* end = block.data() + kept + out.pos;
    const char* at = block.data() + skip;
    skip = 0;
    while (end - at >= 1 && end - at >= static_cast<unsigned char>(*at) * 4) {
      t.add(at);
      at += static_cast<unsigned char>(*at) * 4;
    }
    if (out.pos == 0) return t;
    kept = static_cast<std::size_t>(end - at);
    std::memmove(block.data(), at, kept);
  }
}

tally through_reader(std::string_view bytes, bool ahead = false) {
  tally t;
  std::unique_ptr<byte_source> source = std::make_unique<memory_source>(bytes);
  if (ahead) source = std::move(read_ahead::start(std::move(source)).value());
  auto in = reader::over(std::move(source));
  while (const record r = in->next()) t.add(r.bytes().data());
  return t;
}

template <class Work>
double seconds_of(const Work& work) {
  const auto start = clock::now();
  work();
  return std::chrono::duration<double>(clock::now() - start).count();
}

std::string unpacked(std::string_view bytes) {
  std::string out;
  decompressed_source source(std::make_unique<memory_source>(bytes));
  for (auto piece = source.next(); piece && !piece->empty(); piece = source.next()) out += *piece;
  return out;
}

void compare(benchmark::State& state, const std::string& zst, bool ahead = false) {
  std::string plain = unpacked(zst);
  ZSTD_DCtx* context = ZSTD_createDCtx();
  double whole = std::numeric_limits<double>::max(), streamed = whole, ours = whole;
  tally a, b, c;
  for (auto _ : state) {
    whole = std::min(whole, seconds_of([&] { a = limit_whole(zst, plain, context); }));
    streamed = std::min(streamed, seconds_of([&] { b = limit_streamed(zst, context); }));
    const double took = seconds_of([&] { c = through_reader(zst, ahead); });
    ours = std::min(ours, took);
    state.SetIterationTime(took);
  }
  ZSTD_freeDCtx(context);
  if (c.records == 0 || a != c || b != c) return state.SkipWithError("the two sides read different records");
  const auto records = static_cast<double>(c.records);
  state.counters["records"] = records;
  state.counters["reader_records_per_s"] = records / ours;
  state.counters["limit_whole_per_s"] = records / whole;
  state.counters["limit_streamed_per_s"] = records / streamed;
  state.counters["ratio_to_whole"] = whole / ours;
  state.counters["ratio_to_streamed"] = streamed / ours;
  state.counters["MB_per_s"] = static_cast<double>(plain.size()) / ours / 1e6;
}

/// (a) the real session, from memory.
void decode_esh4(benchmark::State& state) {
  const auto path = testing::shared_data("databento/glbx/esh4-glbx-mdp3-20231225-first-40000.mbo.dbn.zst");
  std::ifstream in(path, std::ios::binary);
  if (!in) return state.SkipWithError("real data absent (set ISOBAR_SHARED)");
  std::ostringstream bytes;
  bytes << in.rdbuf();
  compare(state, bytes.str());
}
BENCHMARK(decode_esh4)->UseManualTime()->Unit(benchmark::kMillisecond)->Apply(long_enough);

/// An order flow whose bytes compress like the real session's: times and ids that grow, prices that wander.
std::string made_file(std::size_t records, bool zstd) {
  std::string out;
  metadata m;
  m.dataset = "GLBX.MDP3";
  m.schema = schema::mbo;
  auto w = writer::over(std::make_unique<string_sink>(out), m, {.zstd = zstd});
  std::uint64_t seed = 88'172'645'463'325'252u;  // xorshift64
  const auto random = [&seed] {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
  };
  mbo_record r{};
  r.hd = make_header<mbo_record>(rtype::mbo, 1, 17'077, 1'703'458'800'000'000'000);
  r.order_id = 6'411'870'000'000;
  std::int64_t mid = 4'800'000'000'000;
  for (std::size_t i = 0; i < records; ++i) {
    const auto x = random();
    r.hd.ts_event += x % 3 == 0 ? 0 : x >> 44;
    r.ts_recv = r.hd.ts_event + 30'000 + x % 4096;
    r.ts_in_delta = static_cast<std::int32_t>(12'000 + x % 2048);
    r.order_id = 6'411'870'000'000 + (x >> 20) % 50'000 + i;
    mid += (static_cast<std::int64_t>(x % 3) - 1) * 250'000'000 * (x % 61 == 0);
    r.price = mid + static_cast<std::int64_t>((x >> 32) % 20) * 250'000'000;
    r.size = static_cast<std::uint32_t>(1 + (x >> 50) % 9);
    r.action = "AACCM"[x % 5];
    r.side = x & 64 ? 'A' : 'B';
    r.flags = static_cast<std::uint8_t>(x & 128);
    r.sequence += x % 2;
    if (!w->write(r)) return {};
  }
  if (!w->finish()) return {};
  return out;
}

/// (b) a larger file of our own writer.
void decode_made(benchmark::State& state) { compare(state, made_file(smoke() ? 20'000 : 1'500'000, true)); }
BENCHMARK(decode_made)->UseManualTime()->Unit(benchmark::kMillisecond)->Apply(long_enough);

/// The same file decompressed on another thread: handing blocks over must cost nothing, since the consumer's own work
/// then runs beside it.
void decode_made_ahead(benchmark::State& state) { compare(state, made_file(smoke() ? 20'000 : 1'500'000, true), true); }
BENCHMARK(decode_made_ahead)->UseManualTime()->Unit(benchmark::kMillisecond)->Apply(long_enough);

/// Nothing compressed: the reader's own cost against the bare walk.
void walk_plain(benchmark::State& state) {
  const auto plain = made_file(smoke() ? 20'000 : 1'500'000, false);
  double bare = std::numeric_limits<double>::max(), ours = bare;
  tally a, b;
  for (auto _ : state) {
    bare = std::min(bare, seconds_of([&] {
                      a = {};
                      walk(plain.data() + header_bytes(plain), plain.data() + plain.size(), a);
                    }));
    const double took = seconds_of([&] { b = through_reader(plain); });
    ours = std::min(ours, took);
    state.SetIterationTime(took);
  }
  if (b.records == 0 || a != b) return state.SkipWithError("the two sides read different records");
  state.counters["reader_records_per_s"] = static_cast<double>(b.records) / ours;
  state.counters["walk_records_per_s"] = static_cast<double>(a.records) / bare;
}
BENCHMARK(walk_plain)->UseManualTime()->Unit(benchmark::kMillisecond)->Apply(long_enough);

}  // namespace
}  // namespace isobar::wire::dbn

BENCHMARK_MAIN();
