#include "isobar/simulate_dbn.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "sim/futures_dbn.hpp"

namespace isobar::cli {
namespace {

using wall_clock = std::chrono::steady_clock;

/// A line a second: event time, records, rate, share done.
class progress_line {
 public:
  progress_line(timestamp start, duration_ns length) : start_(start), length_(length) {}
  void operator()(const sim::futures_dbn_totals& totals, timestamp at) {
    const auto now = wall_clock::now();
    if (now - last_ < std::chrono::seconds(1)) return;
    const double seconds = std::chrono::duration<double>(now - began_).count();
    const std::uint64_t records = totals.orders + totals.facts;
    std::fprintf(stderr, "event time %s  records %llu  %.0f/s  %.0f %%\n", to_iso(at).c_str(),
                 static_cast<unsigned long long>(records), static_cast<double>(records) / seconds,
                 100 * static_cast<double>((at - start_).value) / static_cast<double>(length_.value));
    last_ = now;
  }

 private:
  timestamp start_;
  duration_ns length_;
  wall_clock::time_point began_ = wall_clock::now(), last_ = began_;
};

int refuse(int code, const std::string& why) {
  std::fprintf(stderr, "isobar simulate: %s\n", why.c_str());
  return code;
}

}  // namespace

int simulate_dbn(const std::string& file, const std::vector<symbol>& futures, const sim::options& options) {
  if (options.duration_ms == 0) return refuse(2, "sim.duration-ms is 0: a file must end");
  if (futures.empty()) return refuse(2, "symbols names no future");
  std::vector<sim::futures_market_config> sessions;
  for (const symbol& s : futures) {
    auto session = sim::futures_config(options, s);
    if (!session) return refuse(2, session.error().evidence);
    for (const auto& other : sessions)
      if (other.instrument_id == session->instrument_id)
        return refuse(2, "symbols names one product twice: " + other.symbol.str() + " and " + s.str());
    sessions.push_back(std::move(*session));
  }
  auto out = wire::dbn::writer::create(file, sim::futures_dbn_metadata(sessions, {}));
  if (!out) return refuse(3, out.error().evidence);
  progress_line line(sessions.front().start, sessions.front().duration);
  const auto totals = sim::write_futures_dbn(*out, sessions, {}, std::ref(line));
  if (!totals) return refuse(3, totals.error().evidence);
  std::error_code ec;
  const auto bytes = std::filesystem::file_size(file, ec);
  const std::uint64_t records = totals->orders + totals->facts;
  std::printf("%llu records (%llu of orders) in %llu bytes, %s to %s\nreplay: isobar replay --dbn %s\n",
              static_cast<unsigned long long>(records), static_cast<unsigned long long>(totals->orders),
              static_cast<unsigned long long>(ec ? 0 : bytes), to_iso(totals->first).c_str(),
              to_iso(totals->last).c_str(), file.c_str());
  return 0;
}

}  // namespace isobar::cli
