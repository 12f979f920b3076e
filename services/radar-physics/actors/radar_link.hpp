#pragma once
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "bus/bus.hpp"
#include "core/date.hpp"
#include "radar-physics/config.hpp"
#include "radar-physics/metrics.hpp"
#include "radar-physics/transport/radar_store.hpp"
#include "service/intake_set.hpp"
#include "service/latest_writer.hpp"
#include "service/symbol_workers.hpp"

namespace isobar::radar_physics {

/// What one symbol's worker lives on; outlives its restarts.
struct radar_link {
  bus::bus& bus;
  symbol name;
  std::string venue;
  bool live = false;
  options configured;
  symbol_plan plan;
  std::optional<calibration_table> calibration;  ///< of plan.calibration_file
  std::optional<date> calibrated_session{};      ///< the last one that the table is made from
  std::filesystem::path folder;                  ///< checkpoints and recordings of the symbol; exists
  bool resume = false;                           ///< the first life goes on from the checkpoint too
  std::shared_ptr<radar_store> store;
  radar_metrics measured;
  service::latest_writer* kv = nullptr;  ///< null: none is kept
  std::function<timestamp()> clock;      ///< wall time; replay asks for latencies only
  /// Of a symbol that the host shares out: another process may have had it before. `bus` above is its bus.
  std::optional<service::symbol_place> place{};
  /// Called before each frame that is applied; tests let it throw.
  std::function<void(std::uint64_t sequence)> probe{};

  service::intake_set intakes{};
  std::uint64_t lives = 0;                ///< the worker's
  std::atomic<std::int64_t> heard_ns{0};  ///< steady clock at which the feed was last heard; 0: never
  std::atomic<bool> input_ended{false};
  std::atomic<std::uint64_t> wanted_frame{0};  ///< a missing frame that is waited for; 0: none
  std::atomic<bool> waits_for_side{false};
};

}  // namespace isobar::radar_physics
