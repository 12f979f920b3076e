#pragma once
#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <semaphore>

#include "bus/bus.hpp"
#include "gamma-fuel/actors/given_mark.hpp"
#include "gamma-fuel/config.hpp"
#include "gamma-fuel/metrics.hpp"
#include "gamma-fuel/transport/gamma_store.hpp"
#include "service/intake_set.hpp"
#include "service/latest_writer.hpp"

namespace isobar::gamma_fuel {

class epoch_loader;

/// What one symbol's worker lives on; outlives its restarts.
struct gamma_link {
  bus::bus& bus;
  symbol name;
  std::string venue;
  bool live = false;
  options configured;
  symbol_plan plan;
  std::filesystem::path folder;  ///< checkpoints, recordings and user levels of the symbol; exists
  bool resume = false;           ///< the first life goes on from the checkpoint too
  std::shared_ptr<gamma_store> store;
  gamma_metrics measured;
  service::latest_writer* kv = nullptr;  ///< null: none is kept
  epoch_loader* epochs = nullptr;        ///< null: epochs come by the bus alone
  std::function<timestamp()> clock;      ///< wall time; replay asks for latencies only
  /// Called before each frame that is taken; tests let it throw.
  std::function<void(int input, std::uint64_t sequence)> probe{};

  /// A frame of an input, and how many lives failed at it.
  struct attempt {
    int tag = -1;
    std::uint64_t sequence = 0;
    int failures = 0;
    bool is(int t, std::uint64_t s) const { return tag == t && sequence == s; }
  };
  attempt taking{};                       ///< now; none between frames
  attempt failed{};                       ///< the last life's
  static constexpr int failures_max = 3;  ///< then it is passed over

  service::intake_set intakes{};
  std::uint64_t lives = 0;                ///< the worker's
  given_so_far given{};                   ///< on each output, by any life
  std::counting_semaphore<> finished{0};  ///< released when the worker has done its last
  std::atomic<std::int64_t> heard_ns{0};  ///< steady clock at which any input was last heard; 0: never
  std::atomic<bool> input_ended{false};
  std::atomic<bool> resyncing{false};       ///< waits for a base window
  std::atomic<bool> epoch_unknown{false};   ///< rows are held until their epoch is known
  std::atomic<std::uint32_t> waits_for{0};  ///< inputs that hold the next window back: a bit each
};

}  // namespace isobar::gamma_fuel
