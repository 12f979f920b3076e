#include "bus/nats_core.hpp"

#include <algorithm>
#include <climits>
#include <random>

#include "bus/nats_error.hpp"

namespace isobar::bus {
namespace {

constexpr std::int64_t sync_limit_ms = 2000;
constexpr std::chrono::seconds last_callback_limit{5};

nats_core& self(void* closure) { return *static_cast<nats_core*>(closure); }

int as_int(std::size_t n) { return static_cast<int>(std::min<std::size_t>(n, INT_MAX)); }

/// Runs on the library's delivery thread once no callback for the subscription follows.
template <class T>
void release(void* closure) {
  delete static_cast<std::shared_ptr<T>*>(closure);
}

}  // namespace

message to_message(natsMsg* m) {
  const char* reply = natsMsg_GetReply(m);
  const char* data = natsMsg_GetData(m);
  const int size = natsMsg_GetDataLength(m);
  return {natsMsg_GetSubject(m),
          std::make_shared<const std::string>(size > 0 ? std::string(data, static_cast<std::size_t>(size)) : ""),
          reply ? reply : ""};
}

nats_core::~nats_core() {
  close();
  jsCtx_Destroy(jet_stream_);
  natsConnection_Destroy(connection_);
}

result<void> nats_core::send(const std::string& subject, const char* reply_to, const std::string& payload) {
  const auto refuse = [&](failure<errc> why) {
    ++publish_errors_;
    return result<void>(std::unexpected(std::move(why)));
  };
  if (closed_) return refuse({errc::closed, "publish " + subject});
  if (!valid_subject(subject)) return refuse({errc::invalid_subject, "subject '" + subject + "'"});
  if (payload.size() > max_payload_) {
    return refuse({errc::too_large,
                   subject + ": " + std::to_string(payload.size()) + " bytes, limit " + std::to_string(max_payload_)});
  }
  // While disconnected the library bounds its buffer itself; a server that does not read is bounded here.
  const int buffered = natsConnection_Buffered(connection_);
  if (buffered > 0 && static_cast<std::size_t>(buffered) > options_.pending_bytes_max) {
    return refuse({errc::disconnected, subject + ": the server does not read"});
  }
  const int size = as_int(payload.size());
  const natsStatus s = reply_to
                           ? natsConnection_PublishRequest(connection_, subject.c_str(), reply_to, payload.data(), size)
                           : natsConnection_Publish(connection_, subject.c_str(), payload.data(), size);
  if (s != NATS_OK) return refuse(nats_failure(s, "publish " + subject));
  ++published_;
  published_bytes_ += payload.size();
  if (!connected()) offline_bytes_ += payload.size();
  return {};
}

result<void> nats_core::flush() {
  if (closed_) return fail(errc::closed, "flush");
  if (!connected()) return fail(errc::disconnected, "flush: kept until the server is back");
  loop_.flush_now(connection_);
  return {};
}

void nats_core::sync() {
  if (connected()) natsConnection_FlushTimeout(connection_, sync_limit_ms);
}

result<std::shared_ptr<nats_endpoint>> nats_core::subscribe(const std::string& pattern,
                                                            const subscribe_options& options,
                                                            std::function<void()> on_ready) {
  if (closed_) return fail(errc::closed, "subscribe " + pattern);
  auto e = std::make_shared<nats_endpoint>(options, std::move(on_ready));
  auto* closure = new endpoint_ptr(e);
  const natsStatus s = options.queue_group.empty()
                           ? natsConnection_Subscribe(&e->handle, connection_, pattern.c_str(), &on_message, closure)
                           : natsConnection_QueueSubscribe(&e->handle, connection_, pattern.c_str(),
                                                           options.queue_group.c_str(), &on_message, closure);
  if (s != NATS_OK) {
    delete closure;
    return std::unexpected(nats_failure(s, "subscribe " + pattern));
  }
  natsSubscription_SetOnCompleteCB(e->handle, &release<nats_endpoint>, closure);
  natsSubscription_SetPendingLimits(e->handle, as_int(std::max<std::size_t>(options.queue_limit, 1024)),
                                    as_int(std::max<std::size_t>(options.byte_limit, 1)));
  {
    const std::scoped_lock lock(endpoints_mutex_);
    endpoints_.insert(e);
  }
  sync();
  return e;
}

void nats_core::end(const std::shared_ptr<nats_endpoint>& e) {
  if (e->ended.exchange(true)) return;
  e->queue.close();
  natsSubscription_Unsubscribe(e->handle);
  if (connected()) loop_.flush_now(connection_);
  {
    const std::scoped_lock lock(endpoints_mutex_);
    endpoints_.erase(e);
    const subscription_stats s = e->queue.stats();
    received_before_ += s.received;
    dropped_before_ += s.dropped;
  }
  // Later and elsewhere: we may be inside the subscription's own callback.
  const auto destroy = [this, handle = e->handle] {
    loop_.wait_for_reader();
    natsSubscription_Destroy(handle);
  };
  if (!worker_.post(destroy)) destroy();
}

void nats_core::on_message(natsConnection*, natsSubscription* handle, natsMsg* m, void* closure) {
  nats_endpoint& e = **static_cast<endpoint_ptr*>(closure);
  std::int64_t dropped = 0;
  if (natsSubscription_GetDropped(handle, &dropped) == NATS_OK && dropped > 0) {
    e.queue.count_foreign_drops(static_cast<std::uint64_t>(dropped));
  }
  e.queue.push(to_message(m));
  natsMsg_Destroy(m);
}

result<void> nats_core::open_inbox() {
  const std::scoped_lock lock(inbox_mutex_);
  if (inbox_) return {};
  natsInbox* name = nullptr;
  if (const natsStatus s = natsInbox_Create(&name); s != NATS_OK) return std::unexpected(nats_failure(s, "inbox"));
  // The library makes it unique, but knows no prefix here.
  const std::string prefix = options_.inbox_prefix + std::string(name).substr(std::string_view("_INBOX").size()) + ".";
  natsInbox_Destroy(name);
  requests_ = std::make_shared<pending_requests>(prefix);
  auto* closure = new std::shared_ptr<pending_requests>(requests_);
  const natsStatus s = natsConnection_Subscribe(&inbox_, connection_, (prefix + "*").c_str(), &on_answer, closure);
  if (s != NATS_OK) {
    delete closure;
    return std::unexpected(nats_failure(s, "inbox"));
  }
  natsSubscription_SetOnCompleteCB(inbox_, &release<pending_requests>, closure);
  return {};
}

result<std::string> nats_core::expect_answer(pending_requests::handler on_answer) {
  if (closed_) return fail(errc::closed, "request");
  if (!connected()) return fail(errc::disconnected, "request");
  if (auto open = open_inbox(); !open) return std::unexpected(open.error());
  return requests_->add(std::move(on_answer));
}

void nats_core::on_answer(natsConnection*, natsSubscription*, natsMsg* m, void* closure) {
  pending_requests& requests = **static_cast<std::shared_ptr<pending_requests>*>(closure);
  if (auto waiting = requests.take(natsMsg_GetSubject(m))) {
    if (natsMsg_IsNoResponders(m)) {
      waiting(fail(errc::no_responders, "nobody serves the subject"));
    } else {
      waiting(to_message(m));
    }
  }
  natsMsg_Destroy(m);
}

void nats_core::connection_changed(bool up) {
  if (up) {
    offline_bytes_ = 0;
    if (const auto limit = natsConnection_GetMaxPayload(connection_); limit > 0) {
      max_payload_ = static_cast<std::size_t>(limit);
    }
  }
  const std::scoped_lock lock(state_mutex_);
  if (!listener_) return;
  worker_.post([gate = listener_gate_, listener = listener_, up] { gate->run([&] { listener(up); }); });
}

void nats_core::on_connected(natsConnection*, void* closure) { self(closure).connection_changed(true); }

void nats_core::on_reconnected(natsConnection*, void* closure) {
  ++self(closure).reconnects_;
  self(closure).connection_changed(true);
}

void nats_core::on_disconnected(natsConnection*, void* closure) {
  nats_core& core = self(closure);
  core.connection_changed(false);
  core.worker_.post([&core] {
    const std::scoped_lock lock(core.inbox_mutex_);
    if (!core.requests_) return;
    for (auto& waiting : core.requests_->take_all()) {
      waiting(core.closed_ ? fail(errc::closed, "bus closed") : fail(errc::disconnected, "connection lost"));
    }
  });
}

void nats_core::on_closed(natsConnection*, void* closure) {
  nats_core& core = self(closure);
  const std::scoped_lock lock(core.state_mutex_);
  core.gone_ = true;
  core.state_changed_.notify_all();
}

void nats_core::on_error(natsConnection*, natsSubscription*, natsStatus status, void* closure) {
  if (status == NATS_SLOW_CONSUMER) ++self(closure).slow_consumer_events_;
  if (status == NATS_NOT_PERMITTED) ++self(closure).permission_errors_;
}

std::int64_t nats_core::reconnect_delay(natsConnection*, int attempts, void* closure) {
  const nats_options& o = self(closure).options_;
  const int doublings = std::clamp(attempts - 1, 0, 20);
  const std::int64_t longest = std::min(o.reconnect_wait_max.count(), o.reconnect_wait.count() << doublings);
  // Half fixed, half random: clients that lost the same server do not come back together.
  thread_local std::minstd_rand random{std::random_device{}()};
  return longest / 2 + std::uniform_int_distribution<std::int64_t>(0, longest / 2)(random);
}

void nats_core::listen(std::function<void(bool)> listener) {
  std::shared_ptr<callback_gate> old;
  {
    const std::scoped_lock lock(state_mutex_);
    old = std::exchange(listener_gate_, std::make_shared<callback_gate>());
    listener_ = std::move(listener);
    if (listener_ && !closed_) {
      worker_.post([gate = listener_gate_, call = listener_, up = connected()] { gate->run([&] { call(up); }); });
    }
  }
  if (old) old->close();
}

bus_stats nats_core::stats() {
  bus_stats s;
  s.connected = connected();
  s.reconnects = reconnects_;
  s.published = published_;
  s.published_bytes = published_bytes_;
  s.publish_errors = publish_errors_;
  s.slow_consumer_events = slow_consumer_events_;
  s.permission_errors = permission_errors_;
  const int buffered = closed_ ? 0 : natsConnection_Buffered(connection_);
  s.pending_bytes = offline_bytes_ + static_cast<std::size_t>(std::max(buffered, 0));
  {
    const std::scoped_lock state(state_mutex_);
    s.ended = gone_ && !closed_;
  }
  const std::scoped_lock lock(endpoints_mutex_);
  s.received = received_before_;
  s.dropped = dropped_before_;
  for (const endpoint_ptr& e : endpoints_) {
    const subscription_stats x = e->queue.stats();
    s.received += x.received;
    s.dropped += x.dropped;
  }
  return s;
}

void nats_core::add(const std::weak_ptr<nats_dependent>& dependent) {
  const std::scoped_lock lock(endpoints_mutex_);
  std::erase_if(dependents_, [](const auto& d) { return d.expired(); });
  dependents_.push_back(dependent);
}

void nats_core::close() {
  if (!connection_) return;
  (void)flush();  // what cannot be sent now is lost with the connection
  sync();
  if (closed_.exchange(true)) return;
  std::vector<std::weak_ptr<nats_dependent>> dependents;
  std::set<endpoint_ptr> endpoints;
  {
    const std::scoped_lock lock(endpoints_mutex_);
    dependents.swap(dependents_);
    endpoints = endpoints_;
  }
  for (const auto& weak : dependents) {
    if (const auto d = weak.lock()) d->end();
  }
  for (const endpoint_ptr& e : endpoints) end(e);
  std::shared_ptr<callback_gate> listener;
  {
    const std::scoped_lock lock(state_mutex_);
    listener = std::move(listener_gate_);
    listener_ = nullptr;
  }
  if (listener) listener->close();
  close_connection();
}

void nats_core::close_connection() {
  natsConnection_Close(connection_);
  {
    std::unique_lock lock(state_mutex_);
    state_changed_.wait_for(lock, last_callback_limit, [&] { return gone_; });
  }
  {
    const std::scoped_lock lock(inbox_mutex_);
    if (requests_) {
      for (auto& waiting : requests_->take_all()) {
        worker_.post([waiting = std::move(waiting)] { waiting(fail(errc::closed, "bus closed")); });
      }
    }
  }
  worker_.stop();
  loop_.stop();
  natsSubscription_Destroy(std::exchange(inbox_, nullptr));
}

}  // namespace isobar::bus
