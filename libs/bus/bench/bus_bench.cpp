// Our frames over our bus against plain libnats with its default settings and one quote per message, both through the
// same nats-server in the same run.
//
// Latency: every millisecond a burst of 50 quotes (50,000 a second), each stamped when its burst begins; one-way time
// of every quote. Throughput: as fast as nothing is lost, a bounded number of records in flight. ISOBAR_BENCH_SMOKE=1
// runs everything once, briefly, and judges nothing.
#include <nats/nats.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bus/nats_bus.hpp"
#include "testing/nats_server.hpp"

namespace {

using steady = std::chrono::steady_clock;
using isobar::testing::nats_server;

/// The size of a quote on the wire in the reference measurement.
struct record {
  std::int64_t stamp_ns = 0;
  std::array<std::int64_t, 6> rest{};
};
static_assert(sizeof(record) == 56);

constexpr std::size_t burst = 50;
constexpr std::size_t frame_records = 256;
constexpr std::size_t flush_bytes = 64 << 10;  // of a producer that never goes idle
constexpr const char* subject = "bench.quotes";

bool smoke() {
  const char* set = std::getenv("ISOBAR_BENCH_SMOKE");
  return set && *set == '1';
}

std::int64_t now_ns() { return std::chrono::nanoseconds(steady::now().time_since_epoch()).count(); }

void check(natsStatus s) {
  if (s == NATS_OK) return;
  std::fprintf(stderr, "libnats: %s\n", natsStatus_GetText(s));
  std::exit(1);
}

/// What the receiving side has seen.
struct sink {
  std::vector<std::int64_t> delays_ns;
  std::atomic<std::size_t> records{0};
  std::int64_t checksum = 0;
  bool timed = false;

  void take(const char* bytes, std::size_t size) {
    const std::int64_t now = timed ? now_ns() : 0;
    const std::size_t n = size / sizeof(record);
    for (std::size_t i = 0; i < n; ++i) {
      record r;
      std::memcpy(&r, bytes + i * sizeof(record), sizeof r);
      checksum += r.rest[0];
      if (timed) delays_ns.push_back(now - r.stamp_ns);
    }
    records.fetch_add(n, std::memory_order_release);
  }
};

/// One way to bring records from a publisher to a subscriber.
class path {
 public:
  virtual ~path() = default;
  /// `more`: the producer has further input at once.
  virtual void send(const std::vector<record>& records, bool more) = 0;
  virtual std::size_t in_flight_max() const = 0;
  sink seen;
};

/// Isobar: one frame per burst, flushed when the burst is over; publisher and subscriber have a connection each.
class frames_path : public path {
 public:
  explicit frames_path(const nats_server& server) : out_(connect(server)), in_(connect(server)) {
    auto made = in_->subscribe(subject, {}, [this] { drain(); });
    if (!made) std::exit(1);
    subscription_ = std::move(*made);
  }
  void send(const std::vector<record>& records, bool more) override {
    std::string frame(reinterpret_cast<const char*>(records.data()), records.size() * sizeof(record));
    unflushed_ += frame.size();
    if (!out_->publish(subject, std::move(frame))) std::exit(1);
    if (more && unflushed_ < flush_bytes) return;
    unflushed_ = 0;
    if (!out_->flush()) std::exit(1);
  }
  std::size_t in_flight_max() const override { return 512 * frame_records; }  // an eighth of the default queue

 private:
  static std::unique_ptr<isobar::bus::bus> connect(const nats_server& server) {
    auto made = isobar::bus::make_nats_bus({.url = server.url(), .name = "bench"});
    if (!made || !(*made)->stats().connected) std::exit(1);
    return std::move(*made);
  }
  void drain() {
    do {
      batch_.clear();
      subscription_->drain(batch_, 64);
      for (const auto& m : batch_) seen.take(m.bytes().data(), m.bytes().size());
    } while (batch_.size() == 64);
  }
  std::unique_ptr<isobar::bus::bus> out_;
  std::unique_ptr<isobar::bus::bus> in_;
  std::size_t unflushed_ = 0;
  std::vector<isobar::bus::message> batch_;
  std::unique_ptr<isobar::bus::subscription> subscription_;
};

/// Plain libnats as it comes: one quote per message, the library decides when to write.
class plain_path : public path {
 public:
  explicit plain_path(const nats_server& server) {
    check(natsConnection_ConnectTo(&out_, server.url().c_str()));
    check(natsConnection_ConnectTo(&in_, server.url().c_str()));
    check(natsConnection_Subscribe(
        &subscription_, in_, subject,
        [](natsConnection*, natsSubscription*, natsMsg* m, void* self) {
          static_cast<plain_path*>(self)->seen.take(natsMsg_GetData(m),
                                                    static_cast<std::size_t>(natsMsg_GetDataLength(m)));
          natsMsg_Destroy(m);
        },
        this));
    check(natsConnection_Flush(in_));
  }
  ~plain_path() override {
    natsSubscription_Destroy(subscription_);
    natsConnection_Close(in_);
    natsConnection_Destroy(in_);
    natsConnection_Destroy(out_);
  }
  std::size_t in_flight_max() const override { return 32'768; }  // half of the library's default queue
  void send(const std::vector<record>& records, bool) override {
    for (const record& r : records) check(natsConnection_Publish(out_, subject, &r, sizeof r));
  }

 private:
  natsConnection* out_ = nullptr;
  natsConnection* in_ = nullptr;
  natsSubscription* subscription_ = nullptr;
};

/// Waits until all but `behind` of `sent` records have arrived; ends the program when they do not.
void wait_until_seen(path& on, std::size_t sent, std::size_t behind) {
  const auto end = steady::now() + std::chrono::seconds(20);
  while (on.seen.records.load(std::memory_order_acquire) + behind < sent) {
    if (steady::now() > end) {
      std::fprintf(stderr, "lost: %zu of %zu records arrived\n", on.seen.records.load(), sent);
      std::exit(1);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

struct latency {
  double p50_us = 0;
  double p99_us = 0;
};

latency measure_latency(path& on, int bursts) {
  on.seen.timed = true;
  on.seen.delays_ns.reserve(static_cast<std::size_t>(bursts) * burst);
  std::vector<record> quotes(burst);
  auto tick = steady::now();
  for (int i = 0; i < bursts; ++i) {
    tick += std::chrono::milliseconds(1);
    std::this_thread::sleep_until(tick);
    const std::int64_t stamp = now_ns();
    for (record& r : quotes) r = {stamp, {1}};
    on.send(quotes, false);
  }
  wait_until_seen(on, static_cast<std::size_t>(bursts) * burst, 0);
  auto& d = on.seen.delays_ns;
  const auto at = [&](double q) {
    const auto nth = d.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(d.size() - 1));
    std::nth_element(d.begin(), nth, d.end());
    return static_cast<double>(*nth) / 1e3;
  };
  return {at(0.50), at(0.99)};
}

double measure_records_per_second(path& on, std::size_t total) {
  std::vector<record> quotes(frame_records, record{0, {1}});
  const auto start = steady::now();
  std::size_t sent = 0;
  while (sent < total) {
    sent += quotes.size();
    on.send(quotes, sent < total);
    wait_until_seen(on, sent, on.in_flight_max());
  }
  wait_until_seen(on, sent, 0);
  const double seconds = std::chrono::duration<double>(steady::now() - start).count();
  if (on.seen.checksum != static_cast<std::int64_t>(sent)) std::exit(1);
  return static_cast<double>(sent) / seconds;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void print(const char* what, const std::vector<double>& values, const char* unit) {
  const auto [low, high] = std::ranges::minmax(values);
  std::printf("  %-46s %12.1f %-6s (rounds %.1f .. %.1f)\n", what, median(values), unit, low, high);
}

void run(const nats_server& server) {
  const int rounds = smoke() ? 1 : 5;
  const int bursts = smoke() ? 100 : 2000;
  const std::size_t plain_total = smoke() ? 50'000 : 3'000'000;
  const std::size_t frames_total = smoke() ? 100'000 : 20'000'000;

  std::vector<double> ours_p50, ours_p99, plain_p50, plain_p99, ours_rate, plain_rate;
  for (int i = 0; i < rounds; ++i) {
    const latency ours = measure_latency(*std::make_unique<frames_path>(server), bursts);
    const latency plain = measure_latency(*std::make_unique<plain_path>(server), bursts);
    ours_p50.push_back(ours.p50_us);
    ours_p99.push_back(ours.p99_us);
    plain_p50.push_back(plain.p50_us);
    plain_p99.push_back(plain.p99_us);
    ours_rate.push_back(measure_records_per_second(*std::make_unique<frames_path>(server), frames_total) / 1e6);
    plain_rate.push_back(measure_records_per_second(*std::make_unique<plain_path>(server), plain_total) / 1e6);
  }
  std::printf("one way at 50,000 quotes/s, bursts of 50 a millisecond; median of %d rounds\n", rounds);
  print("isobar: one frame per burst, then flush: p50", ours_p50, "us");
  print("isobar: one frame per burst, then flush: p99", ours_p99, "us");
  print("plain libnats, default, a quote a message: p50", plain_p50, "us");
  print("plain libnats, default, a quote a message: p99", plain_p99, "us");
  std::printf("peak, records of 56 bytes, nothing lost\n");
  print("isobar: frames of 256 records", ours_rate, "M/s");
  print("plain libnats, default, a quote a message", plain_rate, "M/s");
  const double faster = median(plain_p50) / median(ours_p50);
  const double more = median(ours_rate) / median(plain_rate);
  std::printf("p50: %.1f times shorter (target 5)   p99: %.1f times shorter   records/s: %.1f times more (target 5)\n",
              faster, median(plain_p99) / median(ours_p99), more);
  if (!smoke()) std::printf("targets %s\n", faster >= 5 && more >= 5 ? "met" : "MISSED");
}

}  // namespace

int main() {
  if (!nats_server::program()) {
    std::printf("skipped: nats-server is not installed\n");
    return 0;
  }
  const nats_server server;
  run(server);
}
