#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "epoch-manager/domain/geometry_policy.hpp"

namespace isobar::epoch_manager {

struct machine_config {
  isobar::symbol symbol;
  std::vector<strike_width> widths;       ///< ascending
  duration_ns window_width{200'000'000};  ///< of the hydrator: epochs begin on its boundaries
  std::vector<std::string> participants;  ///< services that must acknowledge a switch
  duration_ns dormancy_limit{60'000'000'000};
  std::size_t queue_limit = 16;  ///< chain events held during a switch
};

/// A chain frame or heartbeat; `chain` is null for a heartbeat.
struct chain_event {
  std::shared_ptr<const market::chain_snapshot> chain;
  market::quality quality = market::quality::ok;
  timestamp watermark;
};

/// Send on epoch.switch and keep in KV: preparing or active. Everything in it comes from the data, so that the frame is
/// the same in every run.
struct publish_epoch {
  market::epoch_record record;
  market::quality quality = market::quality::ok;
  timestamp ts_event;   ///< of the chain that caused it
  timestamp watermark;  ///< effective_from: no later epoch begins before it
};
/// Keep in KV as retired.
struct retire_epoch {
  market::epoch_record record;
};
/// The epoch subject's watermark moved.
struct publish_heartbeat {
  timestamp watermark;
};
/// Call on_ack_limit(epoch_id) when the time limit has passed.
struct await_acks {
  std::uint64_t epoch_id = 0;
};
using effect = std::variant<publish_epoch, retire_epoch, publish_heartbeat, await_acks>;
using effects = std::vector<effect>;

/// What became of an event, for counters: each event counts in exactly one place.
enum class verdict {
  accepted,
  queued,               ///< held until the pending switch is done
  queue_full,           ///< refused: the caller must not take chains while room() is 0
  stale_chain,          ///< not newer than the last one, or after the input's end
  wrong_symbol,         ///< chain of another symbol
  unknown_participant,  ///< ack of a service that is not configured
  other_epoch,          ///< ack or limit for an epoch that was not announced, or a limit after the switch
  duplicate,            ///< second ack
};
/// "stale_chain", ...: the metric label.
std::string_view to_string(verdict v);

struct outcome {
  verdict what = verdict::accepted;
  effects todo;  ///< in order
};

/// What an earlier run left behind.
struct restored_epochs {
  std::optional<market::epoch_record> active;
  std::optional<market::epoch_record> pending;  ///< announced after `active`, never switched to
  timestamp pending_ts_event;                   ///< of the chain that caused it
  std::uint64_t last_id = 0;                    ///< highest id ever announced
};

/// One symbol's epochs: preparing -> (acknowledged or late) -> active -> retired; at most one switch at a time.
/// A pure state machine: wall time enters as on_ack_limit and on_clock.
class epoch_machine {
 public:
  explicit epoch_machine(machine_config config, restored_epochs restored = {});

  /// Announces the restored epochs again, for participants that started with us; a switch that was not finished goes
  /// on.
  effects on_start();
  outcome on_chain(chain_event event);
  outcome on_ack(std::uint64_t epoch_id, const std::string& participant);
  /// The switch goes ahead; the participants that are late are named in the record.
  outcome on_ack_limit(std::uint64_t epoch_id);
  /// A window with rows ended at this event time: quotes flow.
  void on_quotes(timestamp window_end);
  /// Monotonic wall time, for dormancy.
  void on_clock(duration_ns since_start);

  const std::optional<market::epoch_record>& active() const { return active_; }
  /// The record being prepared; null when no switch is pending.
  const market::epoch_record* pending() const { return pending_ ? &pending_->record : nullptr; }
  /// Chain events that can be taken now without being refused.
  std::size_t room() const { return config_.queue_limit - queue_.size(); }
  std::size_t queued() const { return queue_.size(); }
  timestamp watermark() const { return promised_; }
  /// Newest event time of a chain or a window with rows.
  timestamp last_activity() const { return last_activity_; }
  /// No chain and no quote for longer than the limit, in event time or by the clock: a health state, never an epoch.
  bool dormant() const { return dormant_; }

 private:
  struct pending_switch {
    market::epoch_record record;
    market::quality quality;
    timestamp ts_event;
    std::set<std::string> missing;
  };
  verdict take(chain_event event, effects& todo);
  verdict decide_on(const chain_event& event, effects& todo);
  timestamp begin_of_next(timestamp ts_event) const;
  void prepare(new_geometry next, const chain_event& event, effects& todo);
  void announce(pending_switch p, effects& todo);
  void activate(effects& todo);
  void promise(timestamp watermark, effects& todo);
  void seen_activity(timestamp ts_event);
  void judge_dormancy();

  machine_config config_;
  std::optional<market::epoch_record> active_;
  std::optional<pending_switch> pending_;
  restored_epochs restored_;  ///< until on_start()
  std::deque<chain_event> queue_;
  std::uint64_t last_id_;
  timestamp last_chain_ = start_of_time;     ///< newest ts_event taken
  timestamp input_ = start_of_time;          ///< newest watermark decided
  timestamp promised_ = start_of_time;       ///< newest watermark published
  timestamp last_activity_ = start_of_time;  ///< event time
  duration_ns clock_;
  duration_ns clock_of_activity_;
  bool dormant_ = false;
};

}  // namespace isobar::epoch_manager
