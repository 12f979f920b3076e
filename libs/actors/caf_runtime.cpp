// The only file that knows CAF. Checked against 0.17.6; what a move to another version must change is all in here.
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include "actors/happens_before.hpp"
#include "actors/runtime.hpp"
#include "core/error.hpp"

// Packets never leave the process, so CAF needs no serialisation for them.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(isobar::actors::detail::packet)

namespace isobar::actors::detail {

namespace {

class shell final : public caf::event_based_actor {
 public:
  shell(caf::actor_config& config, std::unique_ptr<worker> w) : caf::event_based_actor(config), worker_(std::move(w)) {}

  caf::behavior make_behavior() override {
    return {[this](const packet& p) {
      if (!worker_->take(p)) quit();
    }};
  }
  void initialize() override {
    caf::event_based_actor::initialize();
    publish_before(key());
  }
  caf::invoke_message_result consume(caf::mailbox_element& x) override {
    observe_after(key());
    const auto result = caf::event_based_actor::consume(x);
    publish_before(key());
    return result;
  }
  void on_exit() override {
    observe_after(key());
    worker_.reset();
    publish_before(key());
  }
  ~shell() override { observe_after(key()); }

 private:
  void* key() { return static_cast<caf::abstract_actor*>(this); }

  std::unique_ptr<worker> worker_;
};

class caf_port final : public port {
 public:
  explicit caf_port(caf::actor to) : to_(std::move(to)) {}
  void push(packet p) override {
    const auto id =
        caf::make_message_id(p.where == lane::control ? caf::message_priority::high : caf::message_priority::normal);
    auto element = caf::make_mailbox_element(nullptr, id, caf::no_stages, std::move(p));
    auto* actor = caf::actor_cast<caf::abstract_actor*>(to_);
    publish_before(actor);
    actor->enqueue(std::move(element), nullptr);
  }

 private:
  caf::actor to_;
};

struct settings : caf::actor_system_config {
  explicit settings(const system_options& options) {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", options.threads);
    set("scheduler.max-throughput", options.throughput_max);
  }
};

class caf_runtime final : public runtime {
 public:
  explicit caf_runtime(const system_options& options) : settings_(options), system_(settings_) {
    ISOBAR_ASSERT(system_.scheduler().num_workers() == options.threads);
    ISOBAR_ASSERT(system_.scheduler().max_throughput() == options.throughput_max);
  }
  std::shared_ptr<port> launch(std::unique_ptr<worker> w, spawn_options options) override {
    auto made =
        options.detached ? system_.spawn<shell, caf::detached>(std::move(w)) : system_.spawn<shell>(std::move(w));
    return std::make_shared<caf_port>(std::move(made));
  }

 private:
  settings settings_;
  caf::actor_system system_;
};

}  // namespace

std::unique_ptr<runtime> make_runtime(const system_options& options) { return std::make_unique<caf_runtime>(options); }

}  // namespace isobar::actors::detail
