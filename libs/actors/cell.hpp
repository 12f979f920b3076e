#pragma once
// Inside of libs/actors: what a ref points at. No CAF here; caf_system.cpp alone knows it.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "actors/actors.hpp"
#include "actors/timers.hpp"

namespace isobar::actors::detail {

/// What travels through the runtime's mailbox.
struct packet {
  enum class kind { message, start, stop, restart, resume };
  kind what = kind::message;
  lane where = lane::data;
  std::uint64_t incarnation = 0;  ///< not 0: a timer's, void unless the actor still is that incarnation
  envelope content{typeid(void), nullptr};
};

/// The runtime's end of an actor's mailbox.
class port {
 public:
  virtual ~port() = default;
  virtual void push(packet p) = 0;
};

/// Shared by the cells of one system; outlives it as long as a ref does.
struct core {
  std::mutex mutex;
  std::condition_variable ended;
  std::map<std::uint64_t, std::shared_ptr<ref::impl>> cells;  ///< live ones, by order of spawning
  std::uint64_t next_id = 1;
  bool closed = false;
  failure_listener listener;
  std::atomic<std::uint64_t> unexpected{0}, dead_letters{0}, failures{0}, restarts{0};
  timers clock;
};

}  // namespace isobar::actors::detail

namespace isobar::actors {

struct ref::impl : std::enable_shared_from_this<ref::impl> {
  impl(std::shared_ptr<detail::core> c, std::string n) : core(std::move(c)), name(std::move(n)) {}

  /// Dead letter when the actor has ended or was asked to.
  void send(detail::packet p);
  /// From now on nothing more gets in, except the stop itself.
  void stop();
  /// The actor is gone; `lost` messages with it.
  void end(std::size_t lost);

  const std::shared_ptr<detail::core> core;
  const std::string name;
  std::uint64_t id = 0;
  std::atomic<std::size_t> depth{0};
  std::atomic<bool> down{false};
  std::mutex mutex;
  bool open = true;
  std::shared_ptr<detail::port> target;
};

}  // namespace isobar::actors
