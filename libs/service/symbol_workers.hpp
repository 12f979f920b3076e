#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "service/checkpoint_store.hpp"
#include "service/host.hpp"
#include "service/shard_records.hpp"

namespace isobar::service {

/// A worker that cannot end in this time is left to the shutdown of the process: it publishes nothing any more.
inline constexpr auto worker_ends_within = std::chrono::seconds(5);

/// What a worker works with whose symbol is shared out by the host (--shard).
struct symbol_place {
  std::shared_ptr<bus::bus> bus;                        ///< refuses to publish once the symbol is held no more
  std::shared_ptr<const checkpoint_store> checkpoints;  ///< where the next holder finds them
  /// True while the worker stands by for the holder (--standby): nothing that it publishes is heard, and it keeps no
  /// checkpoint and no latest value. Empty: it never does.
  std::function<bool()> standby = {};
  bool stands_by() const { return standby && standby(); }
};

/// The workers of an app that can be shared out over processes by symbol. add() and remove() come from one thread of
/// the host, between app::start() and app::drain().
class symbol_workers {
 public:
  virtual ~symbol_workers() = default;
  virtual symbol_kind kind() const = 0;
  /// Whether a successor makes the same bytes in replay; otherwise --shard is for live processes alone.
  virtual bool resumes_replay() const { return false; }
  /// Starts the worker of a symbol that nobody else works on. It goes on from its checkpoint; with none it begins
  /// anew, but another process may have had the symbol before.
  virtual result<void> add(const symbol& s, const symbol_place& place) = 0;
  /// Ends the worker and everything of the symbol; returns when it has ended. `graceful`: keep a checkpoint first;
  /// otherwise the symbol is another's already. Unknown symbols: nothing.
  virtual void remove(const symbol& s, bool graceful) = 0;
  /// Subjects on which a symbol's worker publishes what it makes, frames of one in the order of their ts_last. Empty:
  /// its workers cannot stand by.
  virtual std::vector<std::string> outputs(std::string_view, const symbol&) const { return {}; }
  /// False: the worker waits for input that it missed.
  virtual bool keeps_up(const symbol&) const { return true; }
};

}  // namespace isobar::service
