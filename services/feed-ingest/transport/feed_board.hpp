#pragma once
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "feed-ingest/domain/batch.hpp"
#include "market/window.hpp"

namespace isobar::feed_ingest {

/// What queries read of one symbol.
struct feed_state {
  std::string source;
  market::instrument instrument;
  market::quality quality = market::quality::ok;
  timestamp ts_last = start_of_time, watermark = start_of_time;
  std::uint64_t book_sequence = 0, oldest_kept = 0;
  record_counts counts;
  std::uint64_t quotes = 0;  ///< rows of best prices
  option_counts options;
  std::uint64_t gaps = 0;
  market::trading_status status;
  bool any_status = false;
  std::int64_t open_interest = INT64_MAX;  ///< INT64_MAX: none yet
};

/// The state of every symbol of this process and its newest gaps: written by the workers, read by queries.
class feed_board {
 public:
  static constexpr std::size_t gaps_max = 1000;  ///< of a symbol

  void add(const std::string& symbol, feed_state first) {
    const std::lock_guard lock(mutex_);
    slots_[symbol].state = std::move(first);
  }
  void remove(const std::string& symbol) {
    const std::lock_guard lock(mutex_);
    slots_.erase(symbol);
  }
  /// A symbol that was not added: nothing.
  void set(const std::string& symbol, const feed_state& state, const std::vector<gap>& gaps) {
    const std::lock_guard lock(mutex_);
    const auto found = slots_.find(symbol);
    if (found == slots_.end()) return;
    auto& slot = found->second;
    slot.state = state;
    for (const auto& g : gaps) slot.gaps.push_front(g);
    if (slot.gaps.size() > gaps_max) slot.gaps.resize(gaps_max);
  }
  std::vector<std::string> symbols() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& [name, slot] : slots_) out.push_back(name);
    return out;
  }
  /// Nothing: the symbol is not there, or no longer.
  std::optional<feed_state> get(const std::string& symbol) const {
    const std::lock_guard lock(mutex_);
    const auto found = slots_.find(symbol);
    if (found == slots_.end()) return std::nullopt;
    return found->second.state;
  }
  /// Newest first; of a symbol that is not there, none.
  std::vector<gap> gaps(const std::string& symbol) const {
    const std::lock_guard lock(mutex_);
    const auto found = slots_.find(symbol);
    if (found == slots_.end()) return {};
    return {found->second.gaps.begin(), found->second.gaps.end()};
  }

 private:
  struct entry {
    feed_state state;
    std::deque<gap> gaps;
  };
  mutable std::mutex mutex_;
  std::map<std::string, entry> slots_;
};

}  // namespace isobar::feed_ingest
