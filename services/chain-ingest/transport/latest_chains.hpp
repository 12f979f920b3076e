#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "chain-ingest/domain/ingest.hpp"
#include "wire/frame.hpp"

namespace isobar::chain_ingest {

/// What queries read of one symbol: immutable, replaced whole by the worker.
struct published_state {
  std::shared_ptr<const market::chain_snapshot> chain;  ///< null: none yet
  wire::frame_info header;                              ///< of its frame
  std::string source;
  chain_ingest::health health = health::empty;
  std::uint64_t published = 0, refused = 0;
  std::string last_refusal;
};

/// One slot per symbol of this process, made at start; readers and the worker meet in an atomic pointer.
class latest_chains {
 public:
  explicit latest_chains(const std::vector<symbol>& symbols) {
    for (const symbol& s : symbols) slots_.try_emplace(s.str());
  }
  void set(const symbol& s, std::shared_ptr<const published_state> state) {
    std::atomic_store(&slots_.at(s.str()), std::move(state));
  }
  /// Null: unknown symbol, or nothing has happened yet (then known() tells).
  std::shared_ptr<const published_state> get(const std::string& s) const {
    const auto found = slots_.find(s);
    return found == slots_.end() ? nullptr : std::atomic_load(&found->second);
  }
  bool known(const std::string& s) const { return slots_.contains(s); }
  std::vector<std::string> symbols() const {
    std::vector<std::string> out;
    for (const auto& [s, slot] : slots_) out.push_back(s);
    return out;
  }

 private:
  std::map<std::string, std::shared_ptr<const published_state>> slots_;
};

}  // namespace isobar::chain_ingest
