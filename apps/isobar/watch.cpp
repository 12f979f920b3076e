#include "isobar/watch.hpp"

#include <algorithm>
#include <ranges>

#include "isobar/control/v1/progress.pb.h"
#include "isobar/epoch/v1/epoch.pb.h"
#include "wire/frame.hpp"

namespace isobar::cli {
namespace {

std::string reasons_of(const epoch::v1::Epoch& epoch) {
  constexpr std::string_view prefix = "EPOCH_REASON_";
  std::string text;
  for (const int reason : epoch.reasons()) {
    std::string word = epoch::v1::EpochReason_Name(static_cast<epoch::v1::EpochReason>(reason)).substr(prefix.size());
    for (char& c : word) c = c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

}  // namespace

std::string kind_of(std::string_view subject) {
  const auto first = subject.find('.');
  const auto second = subject.find('.', first + 1);
  const auto last = subject.rfind('.');
  if (second == std::string_view::npos || last <= second) return std::string(subject);
  return std::string(subject.substr(first + 1, second - first)) + std::string(subject.substr(last + 1));
}

watch::watch(bus::bus& on, bool with_digest) : with_digest_(with_digest) {
  bus::subscribe_options options;
  options.queue_limit = 1'000'000;
  options.byte_limit = std::size_t{2} << 30;
  auto subscription = on.subscribe("isobar.>", options, [this] {
    const std::lock_guard lock(mutex_);
    ready_ = true;
    wake_.notify_one();
  });
  if (!subscription) return;
  subscription_ = std::move(*subscription);
  thread_ = std::thread([this] { run(); });
}

watch::~watch() { stop(); }

void watch::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void watch::run() {
  std::vector<bus::message> batch;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ready_ || stopping_; });
      if (!ready_) return;
      ready_ = false;
    }
    for (;;) {
      batch.clear();
      const std::size_t n = subscription_->drain(batch, 256);
      for (const bus::message& m : batch) take(m);
      if (n < 256) break;
    }
  }
}

void watch::take(const bus::message& m) {
  const std::string kind = kind_of(m.subject);
  if (kind == "control.progress") {
    control::v1::Progress progress;
    if (!progress.ParseFromArray(m.bytes().data(), static_cast<int>(m.bytes().size()))) return;
    const std::lock_guard lock(mutex_);
    done_until_[progress.symbol()][progress.participant()] = {progress.done_until_ns()};
    return;
  }
  const auto header = wire::peek_header(m.bytes());
  if (kind.starts_with("feed.") || kind.starts_with("radar.") || kind.starts_with("gex.") ||
      kind.starts_with("level.") || (with_digest_ && kind == "heatmap.tiles")) {
    const std::lock_guard lock(mutex_);
    if (!medium_.take(kind, m.subject, m.bytes())) return;
  }
  if (with_digest_) digest_.add(m.subject, m.bytes());
  if (header && !header->heartbeat) {
    const std::lock_guard lock(mutex_);
    kind_total& total = totals_[kind];
    ++total.frames;
    total.records += header->record_count;
    total.bytes += m.bytes().size();
  }
  if (kind == "epoch.switch") take_epoch(m);
}

void watch::take_epoch(const bus::message& m) {
  epoch::v1::Epoch epoch;
  if (!epoch.ParseFromArray(m.bytes().data(), static_cast<int>(m.bytes().size()))) return;
  if (epoch.header().heartbeat() || epoch.state() != epoch::v1::EPOCH_STATE_ACTIVE) return;
  seen_epoch seen{epoch.symbol(),
                  epoch.epoch_id(),
                  {epoch.effective_from_ns()},
                  epoch.geometry_hash(),
                  reasons_of(epoch),
                  epoch.geometry().planes_size(),
                  0};
  for (const auto& plane : epoch.geometry().planes())
    seen.strikes += static_cast<std::uint64_t>(plane.strike_delta_size());
  std::function<void(const seen_epoch&)> listener;
  {
    const std::lock_guard lock(mutex_);
    epochs_.push_back(seen);
    listener = on_epoch_;
  }
  if (listener) listener(seen);
}

void watch::on_epoch(std::function<void(const seen_epoch&)> listener) {
  const std::lock_guard lock(mutex_);
  on_epoch_ = std::move(listener);
}

std::map<std::string, kind_total> watch::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

std::map<std::string, timestamp> watch::done_until() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, timestamp> slowest;
  for (const auto& [symbol, participants] : done_until_)
    slowest[symbol] = std::ranges::min(std::views::values(participants));
  return slowest;
}

std::map<std::string, medium_totals::figures> watch::medium() const {
  const std::lock_guard lock(mutex_);
  return medium_.by_symbol();
}

std::vector<seen_epoch> watch::epochs() const {
  const std::lock_guard lock(mutex_);
  return epochs_;
}

bool watch::ended(const std::vector<std::string>& symbols) const {
  const std::lock_guard lock(mutex_);
  const auto count = [&](const char* kind) {
    const auto at = totals_.find(kind);
    return at == totals_.end() ? 0 : at->second.frames;
  };
  return std::all_of(symbols.begin(), symbols.end(),
                     [&](const std::string& s) {
                       const auto at = done_until_.find(s);
                       return at != done_until_.end() &&
                              std::ranges::min(std::views::values(at->second)) == end_of_time;
                     }) &&
         count("color.cells") >= count("heatmap.gradient");
}

std::uint64_t watch::dropped() const { return subscription_ ? subscription_->stats().dropped : 0; }

}  // namespace isobar::cli
