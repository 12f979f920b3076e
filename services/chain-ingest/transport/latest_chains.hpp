#pragma once
#include <atomic>
#include <memory>
#include <string>

#include "chain-ingest/domain/ingest.hpp"
#include "service/query_result.hpp"
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

/// The state of one symbol; readers and its worker meet in an atomic pointer.
class latest_chain {
 public:
  void set(std::shared_ptr<const published_state> state) { std::atomic_store(&state_, std::move(state)); }
  /// Null: nothing has happened yet.
  std::shared_ptr<const published_state> get() const { return std::atomic_load(&state_); }

 private:
  std::shared_ptr<const published_state> state_;
};
using latest_chains = service::stores_by_symbol<latest_chain>;

}  // namespace isobar::chain_ingest
