#include "isobar/replay_report.hpp"

#include <chrono>
#include <cstdio>

#include "config/config.hpp"
#include "core/date.hpp"
#include "core/digest.hpp"
#include "isobar/watch.hpp"
#include "service/exit_codes.hpp"

namespace isobar::cli {
namespace {

using wall = std::chrono::steady_clock;

class replay_report final : public service::app {
 public:
  explicit replay_report(replayed what) : what_(what) {}
  std::string_view name() const override { return "replay"; }

  void declare(config::schema& s) override {
    s.option("replay.hold", hold_, "keep serving queries after the input has ended, until stopped");
    s.option("replay.stall-s", stall_s_, "give up (exit 1) after this long without progress, seconds; 0: never", 0,
             86'400);
  }

  service::result<void> validate(const service::host_options&) override { return {}; }

  service::result<void> start(service::host& h) override {
    host_ = &h;
    watch_ = std::make_unique<watch>(h.bus(), true);
    if (!watch_->ok()) return fail(service::errc::bus, "replay report cannot listen to the bus");
    watch_->on_epoch([](const seen_epoch& e) {
      std::printf("epoch %llu of %s from %s: %s; %d expiries, %llu strikes, geometry %s\n",
                  static_cast<unsigned long long>(e.id), e.symbol.c_str(), to_iso(e.effective_from).c_str(),
                  e.reasons.c_str(), e.planes, static_cast<unsigned long long>(e.strikes),
                  to_hex(e.geometry_hash).c_str());
      std::fflush(stdout);
    });
    if (what_.options)
      for (const symbol& s : h.options().symbols) symbols_.push_back(s.str());
    if (what_.futures)
      for (const symbol& s : h.options().futures) symbols_.push_back(s.str());
    thread_ = std::thread([this] { run(); });
    return {};
  }

  void drain() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      wake_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    if (watch_) watch_->stop();
    if (!ended_ && !watch_->totals().empty()) std::printf("\nstopped before the end of the input; until then:\n");
    if (ended_ || !watch_->totals().empty()) summary();
  }

  void stop() override { watch_.reset(); }

 private:
  void run() {
    started_ = last_line_ = last_progress_ = wall::now();
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, std::chrono::milliseconds(20), [this] { return stopping_; })) {
      lock.unlock();
      const bool over = look();
      lock.lock();
      if (over) return;
    }
  }

  /// True when the report has nothing more to wait for.
  bool look() {
    const auto now = wall::now();
    if (watch_->ended(symbols_)) {
      ended_ = true;
      const std::string broken = what_.broken ? what_.broken->why() : "";
      if (!broken.empty()) std::fprintf(stderr, "isobar replay: the input broke off: %s\n", broken.c_str());
      if (hold_) {
        std::printf("input %s; serving queries until stopped\n", broken.empty() ? "has ended" : "broke off");
        std::fflush(stdout);
      } else {
        host_->request_stop("replay has ended", broken.empty() ? service::exit_ok : exit_broken);
      }
      return true;
    }
    const auto done = watch_->done_until();
    if (done != last_done_) {
      last_done_ = done;
      last_progress_ = now;
    }
    if (now - last_line_ >= std::chrono::seconds(1)) {
      last_line_ = now;
      if (what_.options) progress_line();  // feed-ingest has one of its own
    }
    if (stall_s_ > 0 && now - last_progress_ > std::chrono::seconds(stall_s_)) {
      std::fprintf(stderr, "isobar replay: no progress for %lld s\n", static_cast<long long>(stall_s_));
      host_->request_stop("replay has stalled", exit_broken);
      return true;
    }
    return false;
  }

  void progress_line() {
    const auto totals = watch_->totals();
    const auto at = [&](const char* kind) {
      const auto found = totals.find(kind);
      return found == totals.end() ? kind_total{} : found->second;
    };
    timestamp slowest = end_of_time;
    for (const auto& [symbol, until] : last_done_) slowest = std::min(slowest, until);
    const double seconds = std::chrono::duration<double>(wall::now() - started_).count();
    std::fprintf(stderr, "%6.1f s  event time %s  windows %llu  rows %llu  tiles %llu  (%.0f rows/s)\n", seconds,
                 slowest == end_of_time ? "-" : to_iso(slowest).c_str(),
                 static_cast<unsigned long long>(at("window.frame").frames),
                 static_cast<unsigned long long>(at("window.frame").records),
                 static_cast<unsigned long long>(at("heatmap.tiles").records),
                 static_cast<double>(at("window.frame").records) / seconds);
  }

  void summary() {
    const double seconds = std::chrono::duration<double>(last_progress_ - started_).count();
    std::printf("\nstream                    frames       records         bytes\n");
    for (const auto& [kind, total] : watch_->totals()) {
      std::printf("%-20s %11llu %13llu %13llu\n", kind.c_str(), static_cast<unsigned long long>(total.frames),
                  static_cast<unsigned long long>(total.records), static_cast<unsigned long long>(total.bytes));
    }
    medium_summary(seconds);
    std::printf("epochs %zu, %.2f s, dropped %llu\ndigest %s over %llu frames\n", watch_->epochs().size(), seconds,
                static_cast<unsigned long long>(watch_->dropped()), to_hex(watch_->digest().value()).c_str(),
                static_cast<unsigned long long>(watch_->digest().frames()));
    std::fflush(stdout);
  }

  static unsigned long long number(std::uint64_t n) { return static_cast<unsigned long long>(n); }

  void medium_summary(double seconds) {
    for (const auto& [symbol, f] : watch_->medium()) {
      if (f.records + f.windows > 0) medium_lines(symbol, f, seconds);
      if (f.landscapes + f.signal_instants > 0) gamma_lines(symbol, f);
    }
    digest_line("medium", watch_->medium_digest().digest(), &watch_->medium_digest());
    digest_line("gamma", watch_->medium_digest().gamma_digest(), nullptr);
  }

  static void medium_lines(const std::string& symbol, const medium_totals::figures& f, double seconds) {
    std::printf(
        "\n%s: %llu records in %.2f s (%.0f events/s), %llu trades of %llu lots, %llu late\n"
        "  windows %llu (%llu valid, %llu idle, %llu spans), gap windows %llu\n"
        "  crossed in feed: %llu windows in %llu spans\n  breakthroughs %llu\n",
        symbol.c_str(), number(f.records), seconds, static_cast<double>(f.records) / seconds, number(f.trades),
        number(f.lots), number(f.late_events), number(f.windows), number(f.valid), number(f.idle), number(f.spans),
        number(f.gap_windows), number(f.crossed_windows), number(f.crossed_spans), number(f.breakthroughs));
  }

  static void gamma_lines(const std::string& symbol, const medium_totals::figures& f) {
    std::printf(
        "\n%s: %llu gamma landscapes, levels read at %llu instants: %llu breaks and %llu bounces begun, %llu alerts\n",
        symbol.c_str(), number(f.landscapes), number(f.signal_instants), number(f.breaks), number(f.bounces),
        number(f.alerts));
  }

  static void digest_line(const char* of, const wire::stream_digest& digest, const medium_totals* repeats) {
    if (digest.frames() == 0) return;
    std::printf("%s digest %s over %llu frames", of, to_hex(digest.value()).c_str(), number(digest.frames()));
    if (repeats != nullptr && repeats->repeated() > 0)
      std::printf(" (%llu sent again, %llu of them different)", number(repeats->repeated()),
                  number(repeats->contradicted()));
    std::printf("\n");
  }

  const replayed what_;
  service::host* host_ = nullptr;
  bool hold_ = false;
  std::int64_t stall_s_ = 120;
  std::vector<std::string> symbols_;
  std::unique_ptr<watch> watch_;
  std::map<std::string, timestamp> last_done_;
  wall::time_point started_, last_line_, last_progress_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<service::app> make_replay_report(replayed what) { return std::make_unique<replay_report>(what); }

}  // namespace isobar::cli
