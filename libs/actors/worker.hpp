#pragma once
// Inside of libs/actors: the life of one actor, whatever runs it.

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "actors/cell.hpp"

namespace isobar::actors::detail {

/// Makes the behaviour anew after a failure; absent for actors that end when they fail.
struct supervision {
  std::function<std::unique_ptr<behaviour>()> make;
  restart_policy policy;
  std::size_t held_max = 0;
};

/// Takes packets one at a time. A supervised actor that fails stays the same actor to the outside: its messages wait
/// here, in order, until the behaviour is made again.
class worker final : public context {
 public:
  worker(std::shared_ptr<ref::impl> cell, std::unique_ptr<behaviour> b, std::optional<supervision> s);

  /// False when the actor has ended: the runtime then drops it.
  bool take(const packet& p);

  ref self() const override { return ref(cell_); }
  const std::string& name() const override { return cell_->name; }
  void quit() override { quitting_ = true; }

 protected:
  void send_envelope_after(std::chrono::nanoseconds delay, envelope message) override;

 private:
  void start();
  void handle(const packet& p);
  void restart();
  void on_message(const packet& p);
  void deliver(const packet& p);
  void hold(const packet& p);
  void resume();
  bool stop_now();
  template <class F>
  void guarded(F&& step);
  void failed(std::string what);
  std::chrono::nanoseconds next_delay();
  void push_to_self(packet::kind what);
  void end();

  std::shared_ptr<ref::impl> cell_;
  std::unique_ptr<behaviour> behaviour_;
  std::optional<supervision> supervision_;
  std::deque<packet> held_control_, held_data_;
  std::chrono::steady_clock::time_point started_at_;
  std::uint64_t incarnation_ = 1;
  std::uint32_t attempts_ = 0;
  std::minstd_rand random_;
  bool started_ = false, quitting_ = false, ended_ = false;
};

}  // namespace isobar::actors::detail
