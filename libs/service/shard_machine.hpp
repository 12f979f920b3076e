#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "service/shard_records.hpp"

namespace isobar::service {

/// Time of a process's own steady clock, from any origin.
using steady_instant = std::chrono::nanoseconds;

struct shard_settings {
  std::uint32_t ordinal = 0;
  std::uint32_t expected = 1;         ///< members waited for at the start, for one lease at most
  std::chrono::nanoseconds lease{};   ///< without a beat for so long a member is dead
  std::string process;                ///< unique over all processes and times; instances are made from it
  std::size_t acquisitions_max = 16;  ///< of one tick, so that beats are never late
  std::size_t held_max = 100'000;     ///< symbols held at a time; beyond it nothing is taken
  bool standby = false;               ///< stands by for symbols that would hash to it without their owner
};

/// What the machine wants done. The first group are writes and reads of the store, each a compare-and-set, answered by
/// done(); the second is about workers, answered by started(), failed() and stopped().
struct shard_action {
  enum class kind : std::uint8_t {
    write_member,  ///< key of `ordinal`: `value` at `revision` (0: create)
    read_member,   ///< key of `ordinal`: give it to take_member()
    write_lease,   ///< key of `name`: `value` at `revision` (0: create), provided that the key of member `before` does
                   ///< not name before->instance; `occupied` otherwise
    read_lease,    ///< key of `name`: give it to take_lease()
    start,         ///< start the worker of `name`, or let the one that stands by; `revision`: its fencing revision
    stop,          ///< stop the worker of `name`; when `graceful` its state is worth a checkpoint
    follow,        ///< start a worker of `name` that stands by; answered by followed()
    unfollow,      ///< end it; answered by unfollowed()
  };
  kind what = kind::start;
  steady_instant at{};  ///< when it was decided: before it is done
  std::uint32_t ordinal = 0;
  symbol name{};
  std::string value{};
  std::uint64_t revision = 0;
  std::optional<lease_record> before{};
  bool graceful = true;
};

enum class shard_outcome : std::uint8_t { done, wrong_revision, occupied, unreachable };

struct shard_stats {
  std::size_t members = 0;   ///< live ones, itself included
  std::size_t symbols = 0;   ///< of the registry
  std::size_t held = 0;      ///< leases held
  std::size_t standbys = 0;  ///< workers that stand by
  std::uint64_t leases_lost = 0, handovers = 0, takeovers = 0, self_fences = 0, evictions = 0;
  bool joined = false, settled = false;
};

/// Which symbols one process of a service works on. Pure: entries of the store, results and times come in, actions go
/// out; nothing blocks, no clock.
///
/// A member is a key that its process renews (beats) by compare-and-set; its instance is void once that key says
/// something else. Whoever has seen no beat for a lease writes "nobody" at the last revision seen: that succeeds only
/// when there was no beat since. A lease names an instance, so that beats cost one write a process whatever it holds.
/// A process that could not beat for a lease less a fifth stops its workers before anybody can have evicted it.
class shard_machine {
 public:
  explicit shard_machine(shard_settings s);

  // Entries of the store; `read`: the answer of a read (watches may tell late, reads do not). Revision 0: no such key.
  void take_member(std::uint32_t ordinal, const std::optional<member_record>& r, std::uint64_t revision,
                   steady_instant now, bool read);
  void take_lease(const symbol& s, const std::optional<lease_record>& r, std::uint64_t revision, bool read);
  void take_symbol(const symbol& s, bool listed);
  /// Every symbol listed, as far as is known.
  const std::set<symbol>& registry() const { return registry_; }

  void done(const shard_action& a, shard_outcome how, std::uint64_t revision, steady_instant now);
  void started(const symbol& s, steady_instant now);
  /// Its worker could not be started: the lease is given back, and it is left alone for a lease.
  void failed(const symbol& s, steady_instant now);
  /// Its worker has ended and will publish nothing more.
  void stopped(const symbol& s);
  /// A worker of it stands by, or could not be started: then it is left alone for a lease.
  void followed(const symbol& s, bool well, steady_instant now);
  void unfollowed(const symbol& s) { warm_.erase(s); }

  /// From now on everything is given back.
  void leave() { leaving_ = true; }
  /// Everything has been given back.
  bool left() const { return leaving_ && mine_.empty() && warm_.empty() && !joined_; }

  /// What is to be done now.
  std::vector<shard_action> tick(steady_instant now);
  /// When tick() is due at the latest, unless something comes in.
  steady_instant due(steady_instant now) const { return more_ ? now : now + settings_.lease / 12; }

  /// Publishing is allowed before it, while the worker has not been stopped.
  steady_instant valid_until() const { return valid_until_; }
  /// Its worker runs, or is being started or stopped, under a lease that is ours as far as is known.
  bool holds(const symbol& s) const;
  /// It is the member's present instance.
  bool holds_instance(std::string_view instance) const { return joined_ && instance == instance_; }
  const shard_stats& stats() const { return stats_; }
  /// From when this process was meant to have the symbol to when its worker ran, one each since the last call.
  std::vector<std::chrono::nanoseconds> takeover_times() { return std::exchange(takeover_times_, {}); }

 private:
  struct member {
    std::string instance;
    std::uint64_t revision = 0;
    steady_instant changed{};
  };
  struct lease {
    std::optional<lease_record> holder;
    std::uint64_t revision = 0;
  };
  enum class phase : std::uint8_t { acquiring, starting, running, stopping, releasing };
  /// One symbol on its way to or from this process.
  struct own {
    phase at = phase::acquiring;
    std::uint64_t revision = 0;
    bool keyed = false;      ///< the lease's key names us
    bool lost = false;       ///< it names another
    bool waiting = false;    ///< an action is under way
    steady_instant again{};  ///< not before
  };
  /// A worker that stands by: it is being started or ended while `waiting`.
  struct warm {
    bool waiting = true;
  };
  using actions = std::vector<shard_action>;

  bool live(const member& m, steady_instant now) const {
    return !m.instance.empty() && now - m.changed < settings_.lease;
  }
  bool wanted(const symbol& s) const { return !leaving_ && joined_ && settled_ && assigned_.contains(s); }
  void take_own_key(const std::optional<member_record>& r, std::uint64_t revision, steady_instant now, bool read);
  void store_lost(steady_instant now);
  void lose_session();
  void keep_session(steady_instant now, actions& out);
  void leave_session(steady_instant now, actions& out);
  void read_again(steady_instant now, actions& out);
  void evict(steady_instant now, actions& out);
  void settle(steady_instant now);
  void assign(steady_instant now);
  void look_after(const symbol& s, own& o, steady_instant now, actions& out);
  void acquire(steady_instant now, actions& out);
  void stand_by(steady_instant now, actions& out);
  void write_own_key(std::string value, steady_instant now, actions& out);
  void write_lease(const symbol& s, own& o, std::string value, steady_instant now, actions& out);
  void done_own_key(const shard_action& a, shard_outcome how, std::uint64_t revision, steady_instant now);
  void done_eviction(const shard_action& a, shard_outcome how, std::uint64_t revision, steady_instant now);
  void done_lease(const shard_action& a, shard_outcome how, std::uint64_t revision, steady_instant now);
  void count(steady_instant now);

  const shard_settings settings_;
  std::map<std::uint32_t, member> members_;  ///< the others
  std::set<symbol> registry_;
  std::map<symbol, lease> leases_;
  std::map<symbol, own> mine_;
  std::set<symbol> assigned_;  ///< those of the registry that hash to this process
  std::set<symbol> second_;    ///< those that would, were their owner not there
  std::map<symbol, warm> warm_;
  std::map<symbol, steady_instant> follow_again_;  ///< not before
  std::vector<std::uint32_t> live_;                ///< what assigned_ is made of
  bool registry_changed_ = false;
  std::map<symbol, steady_instant> wanted_since_, left_alone_until_;

  std::string instance_;  ///< of the present session
  std::uint64_t sessions_ = 0, beats_ = 0;
  bool joined_ = false, settled_ = false, leaving_ = false;
  bool key_busy_ = false;    ///< a write or a read of the own key is under way
  bool key_unknown_ = true;  ///< it must be read before it is written
  std::uint64_t key_revision_ = 0;
  bool key_taken_ = false;  ///< another process has it
  steady_instant key_seen_{}, joined_at_{}, beat_at_{}, valid_until_{}, retry_at_{};
  std::map<std::uint32_t, steady_instant> evict_again_;  ///< not before
  std::set<std::uint32_t> reread_members_;
  std::set<symbol> reread_leases_;
  std::vector<std::chrono::nanoseconds> takeover_times_;
  bool more_ = false;  ///< the last tick left acquisitions for the next one
  shard_stats stats_;
};

}  // namespace isobar::service
