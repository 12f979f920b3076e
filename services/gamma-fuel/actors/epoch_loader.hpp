#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "bus/bus.hpp"
#include "core/symbol.hpp"
#include "wire/epoch_codec.hpp"

namespace isobar::gamma_fuel {

/// Reads epochs from the key-value store on a thread of its own, whose calls block. At most one read of an epoch waits.
class epoch_loader {
 public:
  using found_call = std::function<void(const wire::epoch_record&)>;
  /// `on` outlives the loader.
  epoch_loader(bus::bus& on, std::string venue);
  ~epoch_loader();

  /// Calls back from the loader's thread when the epoch (0: the active one) is there; silent otherwise.
  void load(const symbol& s, std::uint64_t epoch_id, const void* owner, found_call found);

 private:
  struct wanted {
    symbol name;
    std::uint64_t epoch = 0;
    const void* owner = nullptr;
    found_call found;
  };
  void run();
  void read(const wanted& w);

  bus::bus& bus_;
  const std::string venue_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<wanted> wanted_;
  bool closing_ = false;
  std::shared_ptr<bus::kv_bucket> bucket_;  ///< the thread's own
  std::thread thread_;
};

}  // namespace isobar::gamma_fuel
