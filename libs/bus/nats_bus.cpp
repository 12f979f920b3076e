#include "bus/nats_bus.hpp"

#include "bus/nats_core.hpp"
#include "bus/nats_kv.hpp"
#include "bus/nats_stream.hpp"

namespace isobar::bus {
namespace {

class nats_subscription : public subscription {
 public:
  nats_subscription(std::shared_ptr<nats_core> core, std::shared_ptr<nats_endpoint> e)
      : core_(std::move(core)), endpoint_(std::move(e)) {}
  ~nats_subscription() override { core_->end(endpoint_); }
  std::size_t drain(std::vector<message>& out, std::size_t most) override { return endpoint_->queue.drain(out, most); }
  subscription_stats stats() const override { return endpoint_->queue.stats(); }

 private:
  std::shared_ptr<nats_core> core_;
  std::shared_ptr<nats_endpoint> endpoint_;
};

class nats_bus : public bus {
 public:
  explicit nats_bus(std::shared_ptr<nats_core> core) : core_(std::move(core)) {}
  ~nats_bus() override { core_->close(); }

  result<void> publish(std::string_view subject, std::string payload) override {
    return core_->send(std::string(subject), nullptr, payload);
  }
  result<void> flush() override { return core_->flush(); }

  result<std::unique_ptr<subscription>> subscribe(std::string_view pattern, subscribe_options options,
                                                  std::function<void()> on_ready) override {
    if (!valid_pattern(pattern)) return fail(errc::invalid_subject, "pattern '" + std::string(pattern) + "'");
    if (!options.queue_group.empty() && !valid_subject(options.queue_group)) {
      return fail(errc::invalid_subject, "queue group '" + options.queue_group + "'");
    }
    auto e = core_->subscribe(std::string(pattern), options, std::move(on_ready));
    if (!e) return std::unexpected(e.error());
    return std::make_unique<nats_subscription>(core_, std::move(*e));
  }

  result<message> request(std::string_view subject, std::string payload, std::chrono::milliseconds limit) override {
    auto slot = std::make_shared<answer_slot>();
    auto inbox = ask(subject, payload, [slot](result<message> answer) { slot->set(std::move(answer)); });
    if (!inbox) return std::unexpected(inbox.error());
    if (auto answer = slot->wait_for(limit)) return std::move(*answer);
    core_->requests().take(*inbox);
    return fail(errc::timeout, std::string(subject) + " after " + std::to_string(limit.count()) + " ms");
  }

  void request_async(std::string_view subject, std::string payload, std::chrono::milliseconds limit,
                     std::function<void(result<message>)> on_answer) override {
    auto inbox = ask(subject, payload, on_answer);
    if (!inbox) {
      auto refuse = [on_answer = std::move(on_answer), why = inbox.error()] { on_answer(std::unexpected(why)); };
      if (!core_->jobs().post(refuse)) refuse();
      return;
    }
    core_->jobs().post_at(worker::clock::now() + limit,
                          [core = core_.get(), inbox = *inbox, name = std::string(subject), limit] {
                            if (auto late = core->requests().take(inbox)) {
                              late(fail(errc::timeout, name + " after " + std::to_string(limit.count()) + " ms"));
                            }
                          });
  }

  result<std::shared_ptr<kv_bucket>> bucket(std::string_view name, kv_options options) override {
    return open_nats_bucket(core_, name, options);
  }
  result<void> keep(std::string_view name, stream_options options) override {
    return keep_nats_stream(*core_, name, options);
  }
  result<std::shared_ptr<stream>> kept(std::string_view name) override { return open_nats_stream(core_, name); }
  std::size_t max_payload() const override { return core_->max_payload(); }
  bus_stats stats() const override { return core_->stats(); }
  void on_connection(std::function<void(bool)> listener) override { core_->listen(std::move(listener)); }
  void close() override { core_->close(); }

 private:
  /// Sends a request at once; returns its inbox. On error nobody has called, and nobody will call, the handler.
  result<std::string> ask(std::string_view subject, const std::string& payload, pending_requests::handler on_answer) {
    auto inbox = core_->expect_answer(std::move(on_answer));
    if (!inbox) return inbox;
    if (auto sent = core_->send(std::string(subject), inbox->c_str(), payload); !sent) {
      if (core_->requests().take(*inbox)) return std::unexpected(sent.error());
      return inbox;
    }
    (void)core_->flush();
    return inbox;
  }

  std::shared_ptr<nats_core> core_;
};

}  // namespace

result<std::unique_ptr<bus>> make_nats_bus(nats_options options) {
  auto core = std::make_shared<nats_core>(std::move(options));
  if (auto ok = core->connect(); !ok) return std::unexpected(ok.error());
  return std::make_unique<nats_bus>(std::move(core));
}

}  // namespace isobar::bus
