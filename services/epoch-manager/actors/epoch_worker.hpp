#pragma once
#include <chrono>
#include <memory>
#include <optional>

#include "bus/sequence.hpp"
#include "epoch-manager/actors/epoch_store.hpp"
#include "epoch-manager/domain/epoch_machine.hpp"
#include "epoch-manager/metrics.hpp"
#include "epoch-manager/transport/epoch_history.hpp"
#include "service/intake_set.hpp"
#include "service/publisher.hpp"
#include "service/symbol_workers.hpp"

namespace isobar::epoch_manager {

/// One symbol's worker and what outlives its restarts.
struct worker_links {
  bus::bus& bus;
  std::string venue;
  actors::ref store;
  worker_metrics metrics;
  std::shared_ptr<epoch_history> history = std::make_shared<epoch_history>();
  service::intake_set intakes{};
  std::chrono::milliseconds ack_limit{2'000};
  bool live = true;                              ///< the watermark is repeated for who has just begun
  std::size_t kept_bytes = 0;                    ///< of epoch.switch, kept for consumers that lack some; 0: none
  std::optional<service::symbol_place> place{};  ///< of a symbol that was shared out: what `bus` is of
};

/// The time limit of a switch has passed.
struct ack_limit {
  std::uint64_t epoch_id = 0;
};
/// Once a second: dormancy, lag and, live, the watermark once more.
struct clock_tick {};

/// One symbol: decodes, calls the machine, publishes, stores. Takes chains only once the epochs of an earlier run are
/// loaded, and only as many as the machine has room for.
class epoch_worker {
 public:
  using messages = actors::message_list<service::intake_ready, loaded_epochs, ack_limit, clock_tick>;
  enum input : int { chains = 1, acks = 2, windows = 3, resyncs = 4 };
  static constexpr std::uint64_t epochs_stored = 1000;  ///< older keys are removed from the bucket

  epoch_worker(machine_config config, std::shared_ptr<worker_links> links);
  void on_start(actors::context& self);
  void on(actors::context& self, const service::intake_ready& m);
  void on(actors::context& self, const loaded_epochs& m);
  void on(actors::context& self, const ack_limit& m);
  void on(actors::context& self, const clock_tick&);

 private:
  bool take_chains(service::intake& from);
  void take_chain(const bus::message& m);
  void take_ack(const bus::message& m);
  void take_window(const bus::message& m);
  void take_resync(const bus::message& m);
  void refuse(std::string_view reason, const std::string& evidence);
  void apply(outcome out);
  void apply(const publish_epoch& e);
  void apply(const retire_epoch& e);
  void apply(const publish_heartbeat& e);
  void apply(const await_acks& e);
  void repeat_watermark();
  void keep(const market::epoch_record& record, const wire::frame_info& info);
  void report_switch(const market::epoch_record& record);
  void report_status();
  void finish(actors::context& self);

  machine_config config_;
  const std::shared_ptr<worker_links> links_;
  service::publisher out_;
  std::optional<epoch_machine> machine_;  ///< none until loaded
  bus::sequence_check chain_sequence_;
  std::shared_ptr<service::intake> paused_chains_;
  std::optional<std::uint64_t> wait_for_;  ///< epoch whose limit is to be armed
  std::chrono::steady_clock::time_point started_at_, switch_began_at_;
  timestamp last_input_ = start_of_time;
  bool was_dormant_ = false, gap_ = false;
  telemetry::logger log_{"epoch-manager"};
};

}  // namespace isobar::epoch_manager
