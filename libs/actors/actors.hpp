#pragma once
// The thin layer over CAF 0.17.6. No CAF header is reachable from here: a move to another CAF touches this library
// alone.
//
// An actor is a state struct with a list of the messages it takes and one short handler for each:
//
//   struct counter {                                    // messages: add, read
//     using messages = actors::message_list<add, read>;
//     void on(actors::context& self, const add& m) { total += m.n; }
//     void on(actors::context& self, const read& m) { m.promise->set_value(total); }
//     int total = 0;
//   };
//   actors::ref ref = system.spawn<counter>("counter", counter{});
//   ref.send(add{3});

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <typeindex>
#include <utility>
#include <vector>

namespace isobar::actors {

/// Messages a state takes; each needs `void on(context&, const M&)` (or `on(context&, M&)` to move out of it).
template <class... Messages>
struct message_list {};

/// Control messages overtake data: their lane is the mailbox's urgent queue.
enum class lane { data, control };

namespace detail {

struct envelope {
  std::type_index type;
  std::shared_ptr<void> body;
};

}  // namespace detail

class context;
class ref;

/// What the runtime holds of an actor: built from a state struct by `make_behaviour`.
class behaviour {
 public:
  virtual ~behaviour() = default;
  virtual void started(context& self) = 0;
  /// False when the message's type is not in the state's list: counted as unexpected, never fatal.
  virtual bool receive(context& self, detail::envelope& message) = 0;
};

/// A handle that does not keep its actor running: sending to an actor that has ended is counted and otherwise without
/// effect. Copyable, thread-safe; foreign threads (libnats, gRPC) only ever send.
class ref {
 public:
  ref() = default;
  template <class M>
  void send(M message, lane where = lane::data) const {
    send_envelope({typeid(M), std::make_shared<M>(std::move(message))}, where);
  }
  explicit operator bool() const { return impl_ != nullptr; }
  bool operator==(const ref&) const = default;
  /// Messages waiting in the mailbox, approximately.
  std::size_t mailbox_depth() const;

  struct impl;
  explicit ref(std::shared_ptr<impl> i) : impl_(std::move(i)) {}
  const std::shared_ptr<impl>& get_impl() const { return impl_; }

 private:
  void send_envelope(detail::envelope message, lane where) const;
  std::shared_ptr<impl> impl_;
};

/// Why an actor ended.
struct exit_reason {
  bool failed = false;  ///< true: an exception left a handler
  std::string what;
};

/// Handed to every handler; valid during the call only.
class context {
 public:
  virtual ~context() = default;
  virtual ref self() const = 0;
  virtual const std::string& name() const = 0;
  /// Ends this actor after the present handler.
  virtual void quit() = 0;
  /// Delivers to this actor after `delay`, on the data lane. Bounded (timers_max a system): keep at most one timer of a
  /// kind. A pending timer never keeps an actor alive, and one set before a supervised restart does not fire after it.
  template <class M>
  void send_after(std::chrono::nanoseconds delay, M message) {
    send_envelope_after(delay, {typeid(M), std::make_shared<M>(std::move(message))});
  }

 protected:
  virtual void send_envelope_after(std::chrono::nanoseconds delay, detail::envelope message) = 0;
};

namespace detail {

template <class State, class List = typename State::messages>
class state_behaviour;

template <class State, class... Messages>
class state_behaviour<State, message_list<Messages...>> final : public behaviour {
 public:
  explicit state_behaviour(State state) : state_(std::move(state)) {}
  void started(context& self) override {
    if constexpr (requires { state_.on_start(self); }) state_.on_start(self);
  }
  bool receive(context& self, envelope& message) override {
    return ((message.type == typeid(Messages) ? (state_.on(self, *static_cast<Messages*>(message.body.get())), true)
                                              : false) ||
            ...);
  }

 private:
  State state_;
};

}  // namespace detail

struct spawn_options {
  bool detached = false;  ///< own thread: only for actors that must block (bridges)
};

/// Restart policy of a supervised actor: delay = min(base * 2^(n-1), max), plus up to a fifth of jitter; n returns to
/// zero after `healthy_after` without a failure.
struct restart_policy {
  std::chrono::milliseconds base{100};
  std::chrono::milliseconds max{10'000};
  std::chrono::milliseconds healthy_after{60'000};
  std::uint32_t attempts_max = 0;  ///< 0: for ever
};

struct system_options {
  std::size_t threads = 2;           ///< scheduler threads = CPU limit
  std::size_t throughput_max = 128;  ///< messages an actor may handle before another gets the thread
};

struct system_stats {
  std::size_t actors = 0;
  std::uint64_t unexpected_messages = 0;
  std::uint64_t dead_letters = 0;  ///< sent to actors that had ended
  std::uint64_t failures = 0;      ///< exceptions that ended an actor
  std::uint64_t restarts = 0;      ///< supervised actors started again
  std::size_t down = 0;            ///< supervised actors waiting for their restart
  std::size_t timers = 0;          ///< send_after() calls that have not fired; at most timers_max
};

/// Pending send_after() calls of one system; one beyond it is refused and counted as a dead letter.
inline constexpr std::size_t timers_max = 65'536;

/// One live actor, for metrics.
struct actor_info {
  std::string name;
  std::size_t mailbox_depth = 0;  ///< held messages of a supervised actor that is down included
  bool down = false;
};

/// Called from the failing actor's thread; must not call the system.
using failure_listener = std::function<void(const std::string& actor, const exit_reason& why)>;

/// One CAF actor system. Shutdown is explicit: quit every actor (`shutdown`), then destroy; the watchdog in the service
/// host ends the process if that takes longer than its limit.
class system {
 public:
  explicit system(system_options options = {});
  ~system();
  system(const system&) = delete;
  system& operator=(const system&) = delete;

  template <class State>
  ref spawn(std::string name, State state, spawn_options options = {}) {
    return spawn_behaviour(std::move(name), std::make_unique<detail::state_behaviour<State>>(std::move(state)),
                           options);
  }

  /// Spawns `make()` and spawns it again with back-off whenever it fails; `make` restores from the checkpoint. The ref
  /// stays valid across restarts. Messages that arrive while it is down wait, up to `held_max`, then are counted dead.
  template <class Factory>
  ref supervise(std::string name, Factory make, restart_policy policy = {}, std::size_t held_max = 65'536) {
    using state = decltype(make());
    return supervise_behaviour(
        std::move(name),
        [make = std::move(make)]() -> std::unique_ptr<behaviour> {
          return std::make_unique<detail::state_behaviour<state>>(make());
        },
        policy, held_max);
  }

  /// Ends one actor: it handles what is already in its mailbox first; what is sent from now on (by itself too) is a
  /// dead letter. Returns at once.
  void stop(const ref& actor);
  /// The same, and waits until it has ended; false when `limit` passed before. Not from an actor.
  bool stop(const ref& actor, std::chrono::milliseconds limit);
  /// Ends every actor in reverse order of spawning, each before the next is asked to end, so that what a late one sends
  /// while it ends reaches the early ones. Waits up to `limit` in all; false when some did not end. Nothing can be
  /// spawned afterwards.
  bool shutdown(std::chrono::milliseconds limit);
  system_stats stats() const;
  /// Every live actor in order of spawning.
  std::vector<actor_info> list() const;
  /// Hears of every failure; set it before the first spawn.
  void on_failure(failure_listener listener);

 private:
  ref spawn_behaviour(std::string name, std::unique_ptr<behaviour> b, spawn_options options);
  ref supervise_behaviour(std::string name, std::function<std::unique_ptr<behaviour>()> make, restart_policy policy,
                          std::size_t held_max);
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::actors
