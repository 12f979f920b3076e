#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "bus/bus.hpp"
#include "core/symbol.hpp"
#include "heatmap-builder/domain/snapshot.hpp"
#include "wire/epoch_codec.hpp"

namespace isobar::heatmap_builder {

/// The thread that talks to the key-value store, whose calls block: reads epochs for workers and writes the latest
/// models. A model that is not written when the next one comes is replaced by it, so the backlog is one snapshot a
/// symbol.
class kv_agent {
 public:
  struct written {
    std::uint64_t models = 0, skipped = 0;
  };
  /// `report(symbol, counts)` after each write; `bus` outlives the agent.
  kv_agent(bus::bus& bus, std::string venue, std::string assumptions,
           std::function<void(const symbol&, const written&)> report);
  ~kv_agent();

  /// Reads an epoch (0: the active one) and calls back from the agent's thread when it is there; silent otherwise. A
  /// read of the same epoch that still waits is not repeated.
  void load_epoch(const symbol& s, std::uint64_t epoch_id, std::function<void(wire::epoch_record)> found);
  /// Writes model, model per epoch and model per epoch and expiry (planes that changed since the last write).
  void store_model(std::shared_ptr<const surface_snapshot> snapshot);
  /// Writes what waits and ends the thread, unless that takes longer than `limit`.
  void close(std::chrono::milliseconds limit);

 private:
  struct load {
    symbol name;
    std::uint64_t epoch = 0;
    std::function<void(wire::epoch_record)> found;
  };
  void run();
  void read(const load& l);
  written write(const surface_snapshot& s);
  bool put(const std::string& key, const std::string& value);
  bus::kv_bucket* open(std::shared_ptr<bus::kv_bucket>& bucket, std::string_view name, bool create);

  bus::bus& bus_;
  std::string venue_, assumptions_;
  std::function<void(const symbol&, const written&)> report_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<load> loads_;
  std::map<symbol, std::shared_ptr<const surface_snapshot>> models_;  ///< waiting
  bool closing_ = false, ended_ = false;
  // The thread's own:
  std::shared_ptr<bus::kv_bucket> epochs_, heatmap_;
  std::map<symbol, std::shared_ptr<const surface_snapshot>> last_;  ///< written
  std::uint64_t losses_ = 0;                                        ///< of heatmap_, that last_ knows of
  std::thread thread_;
};

/// Value of a model key: the surface with the planes given (all, one, or none).
std::string encode_model(const surface_snapshot& s, const std::vector<std::size_t>& planes,
                         const std::string& assumptions);

}  // namespace isobar::heatmap_builder
