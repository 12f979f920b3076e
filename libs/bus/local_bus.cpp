#include "bus/local_bus.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <shared_mutex>
#include <unordered_map>

#include "bus/bounded_queue.hpp"
#include "bus/local_kv.hpp"
#include "bus/local_stream.hpp"
#include "bus/requests.hpp"
#include "bus/worker.hpp"

namespace isobar::bus {
namespace {

constexpr std::string_view inbox_prefix = "_INBOX.";
constexpr std::size_t route_cache_max = 4096;

struct endpoint {
  std::string pattern;
  std::string group;
  bounded_queue queue;
  std::atomic<bool> ended{false};
  endpoint(std::string_view p, const subscribe_options& options, std::function<void()> on_ready)
      : pattern(p), group(options.queue_group), queue(options, std::move(on_ready)) {}
};
using endpoint_ptr = std::shared_ptr<endpoint>;

/// Members of one queue group take turns, in the order in which they subscribed.
struct group_turn {
  std::atomic<std::uint64_t> next{0};
};

/// Where messages of one subject go.
struct route {
  struct group {
    std::shared_ptr<group_turn> turn;
    std::vector<endpoint_ptr> members;
  };
  std::vector<endpoint_ptr> everyone;
  std::map<std::string, group> groups;
  bool empty() const { return everyone.empty() && groups.empty(); }
};

/// The subscriptions and, for subjects met before, the computed routes.
class router {
 public:
  void add(const endpoint_ptr& e) {
    const std::unique_lock lock(mutex_);
    endpoints_.push_back(e);
    cache_.clear();
  }
  void remove(const endpoint_ptr& e) {
    const std::unique_lock lock(mutex_);
    std::erase(endpoints_, e);
    cache_.clear();
    if (e->group.empty()) return;
    const bool last = std::ranges::none_of(endpoints_, [&](const endpoint_ptr& o) { return o->group == e->group; });
    if (last) turns_.erase(e->group);
  }
  std::vector<endpoint_ptr> take_all() {
    const std::unique_lock lock(mutex_);
    cache_.clear();
    return std::exchange(endpoints_, {});
  }
  std::shared_ptr<const route> find(const std::string& subject) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto it = cache_.find(subject); it != cache_.end()) return it->second;
    }
    const std::unique_lock lock(mutex_);
    auto made = std::make_shared<const route>(compute(subject));
    if (subject.starts_with(inbox_prefix)) return made;  // used once
    if (cache_.size() >= route_cache_max) cache_.clear();
    cache_[subject] = made;
    return made;
  }
  /// Sums a statistic over the present subscriptions.
  template <class F>
  std::uint64_t sum(F&& of) {
    const std::shared_lock lock(mutex_);
    std::uint64_t total = 0;
    for (const endpoint_ptr& e : endpoints_) total += of(e->queue.stats());
    return total;
  }

 private:
  route compute(std::string_view subject) {
    route out;
    for (const endpoint_ptr& e : endpoints_) {
      if (!matches(e->pattern, subject)) continue;
      if (e->group.empty()) {
        out.everyone.push_back(e);
        continue;
      }
      std::shared_ptr<group_turn>& turn = turns_[e->group];
      if (!turn) turn = std::make_shared<group_turn>();
      route::group& group = out.groups[e->group];
      group.turn = turn;
      group.members.push_back(e);
    }
    return out;
  }

  std::shared_mutex mutex_;
  std::vector<endpoint_ptr> endpoints_;
  std::unordered_map<std::string, std::shared_ptr<const route>> cache_;
  std::map<std::string, std::shared_ptr<group_turn>> turns_;
};

/// Shared by the bus and its subscriptions, which may outlive it.
struct core {
  router routes;
  std::atomic<std::uint64_t> received_before{0};  ///< of subscriptions that have ended
  std::atomic<std::uint64_t> dropped_before{0};

  void end(const endpoint_ptr& e) {
    if (e->ended.exchange(true)) return;
    routes.remove(e);
    e->queue.close();
    const subscription_stats s = e->queue.stats();
    received_before += s.received;
    dropped_before += s.dropped;
  }
};

class local_subscription : public subscription {
 public:
  local_subscription(std::shared_ptr<core> c, endpoint_ptr e) : core_(std::move(c)), endpoint_(std::move(e)) {}
  ~local_subscription() override { core_->end(endpoint_); }
  std::size_t drain(std::vector<message>& out, std::size_t most) override { return endpoint_->queue.drain(out, most); }
  subscription_stats stats() const override { return endpoint_->queue.stats(); }

 private:
  std::shared_ptr<core> core_;
  endpoint_ptr endpoint_;
};

class local_bus : public bus {
 public:
  explicit local_bus(local_options options) : options_(options) {}
  ~local_bus() override { close(); }

  result<void> publish(std::string_view subject, std::string payload) override {
    return send(subject, std::move(payload), {});
  }
  result<void> flush() override {
    if (closed_) return fail(errc::closed, "flush");
    return {};
  }

  result<std::unique_ptr<subscription>> subscribe(std::string_view pattern, subscribe_options options,
                                                  std::function<void()> on_ready) override {
    if (!valid_pattern(pattern)) return fail(errc::invalid_subject, "pattern '" + std::string(pattern) + "'");
    if (!options.queue_group.empty() && !valid_subject(options.queue_group)) {
      return fail(errc::invalid_subject, "queue group '" + options.queue_group + "'");
    }
    const std::scoped_lock lock(closing_);
    if (closed_) return fail(errc::closed, "subscribe " + std::string(pattern));
    auto e = std::make_shared<endpoint>(pattern, options, std::move(on_ready));
    core_->routes.add(e);
    return std::make_unique<local_subscription>(core_, std::move(e));
  }

  result<message> request(std::string_view subject, std::string payload, std::chrono::milliseconds limit) override;
  void request_async(std::string_view subject, std::string payload, std::chrono::milliseconds limit,
                     std::function<void(result<message>)> on_answer) override;

  result<std::shared_ptr<kv_bucket>> bucket(std::string_view name, kv_options options) override {
    if (!valid_bucket(name)) return fail(errc::invalid_subject, "bucket '" + std::string(name) + "'");
    const std::scoped_lock lock(closing_);
    if (closed_) return fail(errc::closed, "bucket " + std::string(name));
    if (!options.create && !buckets_.contains(std::string(name)))
      return fail(errc::not_found, "bucket " + std::string(name));
    std::shared_ptr<local_bucket>& b = buckets_[std::string(name)];
    if (!b) b = std::make_shared<local_bucket>(options, options_.max_payload, worker_);
    return b;
  }

  result<void> keep(std::string_view name, stream_options options) override;
  result<std::shared_ptr<stream>> kept(std::string_view name) override;

  std::size_t max_payload() const override { return options_.max_payload; }
  bus_stats stats() const override;
  void on_connection(std::function<void(bool)> listener) override;
  void close() override;

 private:
  result<void> send(std::string_view subject, std::string payload, std::string reply_to);
  void deliver(const message& m);

  const local_options options_;
  std::shared_ptr<core> core_ = std::make_shared<core>();
  std::shared_ptr<worker> worker_ = std::make_shared<worker>();
  pending_requests requests_{std::string(inbox_prefix)};
  mutable std::mutex closing_;
  std::atomic<bool> closed_{false};
  std::map<std::string, std::shared_ptr<local_bucket>> buckets_;
  std::shared_mutex streams_mutex_;
  std::map<std::string, std::shared_ptr<local_stream>> streams_;
  std::atomic<bool> keeps_{false};  ///< there is a stream
  std::shared_ptr<callback_gate> listener_gate_;
  std::atomic<std::uint64_t> published_{0};
  std::atomic<std::uint64_t> published_bytes_{0};
  std::atomic<std::uint64_t> publish_errors_{0};
};

result<void> local_bus::send(std::string_view subject, std::string payload, std::string reply_to) {
  const auto refuse = [&](errc code, std::string evidence) {
    ++publish_errors_;
    return fail(code, std::move(evidence));
  };
  if (closed_) return refuse(errc::closed, "publish " + std::string(subject));
  if (!valid_subject(subject)) return refuse(errc::invalid_subject, "subject '" + std::string(subject) + "'");
  if (payload.size() > options_.max_payload) {
    return refuse(errc::too_large, std::string(subject) + ": " + std::to_string(payload.size()) + " bytes, limit " +
                                       std::to_string(options_.max_payload));
  }
  ++published_;
  published_bytes_ += payload.size();
  deliver({std::string(subject), std::make_shared<const std::string>(std::move(payload)), std::move(reply_to)});
  return {};
}

result<void> local_bus::keep(std::string_view name, stream_options options) {
  for (const std::string& p : options.patterns)
    if (!valid_pattern(p)) return fail(errc::invalid_subject, "pattern '" + p + "'");
  if (auto there = kept(name); !there) return std::unexpected(there.error());
  const std::unique_lock lock(streams_mutex_);
  streams_[std::string(name)]->configure(std::move(options));
  keeps_ = true;
  return {};
}

result<std::shared_ptr<stream>> local_bus::kept(std::string_view name) {
  if (!valid_bucket(name)) return fail(errc::invalid_subject, "stream '" + std::string(name) + "'");
  const std::scoped_lock closing(closing_);
  if (closed_) return fail(errc::closed, "stream " + std::string(name));
  const std::unique_lock lock(streams_mutex_);
  std::shared_ptr<local_stream>& there = streams_[std::string(name)];
  if (!there) there = std::make_shared<local_stream>();  // without patterns it keeps nothing
  return there;
}

void local_bus::deliver(const message& m) {
  if (keeps_) {
    const std::shared_lock lock(streams_mutex_);
    for (const auto& [name, kept] : streams_) kept->offer(m);
  }
  const auto to = core_->routes.find(m.subject);
  for (const endpoint_ptr& e : to->everyone) e->queue.push(m);
  for (const auto& [name, group] : to->groups) {
    group.members[group.turn->next++ % group.members.size()]->queue.push(m);
  }
  if (m.subject.starts_with(inbox_prefix)) {
    if (auto on_answer = requests_.take(m.subject)) on_answer(m);
  }
}

result<message> local_bus::request(std::string_view subject, std::string payload, std::chrono::milliseconds limit) {
  if (valid_subject(subject) && !closed_ && core_->routes.find(std::string(subject))->empty()) {
    return fail(errc::no_responders, std::string(subject));
  }
  auto slot = std::make_shared<answer_slot>();
  const std::string inbox = requests_.add([slot](result<message> answer) { slot->set(std::move(answer)); });
  if (auto sent = send(subject, std::move(payload), inbox); !sent) {
    requests_.take(inbox);
    return std::unexpected(sent.error());
  }
  if (auto answer = slot->wait_for(limit)) return std::move(*answer);
  requests_.take(inbox);
  return fail(errc::timeout, std::string(subject) + " after " + std::to_string(limit.count()) + " ms");
}

void local_bus::request_async(std::string_view subject, std::string payload, std::chrono::milliseconds limit,
                              std::function<void(result<message>)> on_answer) {
  std::string name(subject);
  const auto answer_later = [&](std::function<void(result<message>)> to, failure<errc> why) {
    auto job = [to, why] { to(std::unexpected(why)); };
    if (!worker_->post(job)) job();
  };
  if (valid_subject(subject) && !closed_ && core_->routes.find(name)->empty()) {
    return answer_later(std::move(on_answer), {errc::no_responders, name});
  }
  const std::string inbox = requests_.add(std::move(on_answer));
  worker_->post_at(worker::clock::now() + limit, [this, inbox, name, limit] {
    if (auto late = requests_.take(inbox)) {
      late(fail(errc::timeout, name + " after " + std::to_string(limit.count()) + " ms"));
    }
  });
  if (auto sent = send(subject, std::move(payload), inbox); !sent) {
    if (auto refused = requests_.take(inbox)) answer_later(std::move(refused), sent.error());
  }
}

bus_stats local_bus::stats() const {
  bus_stats s;
  s.connected = !closed_;
  s.published = published_;
  s.published_bytes = published_bytes_;
  s.publish_errors = publish_errors_;
  s.received = core_->received_before + core_->routes.sum([](const subscription_stats& x) { return x.received; });
  s.dropped = core_->dropped_before + core_->routes.sum([](const subscription_stats& x) { return x.dropped; });
  return s;
}

void local_bus::on_connection(std::function<void(bool)> listener) {
  auto gate = std::make_shared<callback_gate>();
  std::shared_ptr<callback_gate> old;
  {
    const std::scoped_lock lock(closing_);
    old = std::exchange(listener_gate_, gate);
  }
  if (old) old->close();
  if (listener) worker_->post([gate, listener = std::move(listener)] { gate->run([&] { listener(true); }); });
}

void local_bus::close() {
  std::shared_ptr<callback_gate> listener;
  {
    const std::scoped_lock lock(closing_);
    if (closed_.exchange(true)) return;
    for (const auto& [name, b] : buckets_) b->close();
    for (const auto& [name, kept] : streams_) kept->close();
    listener = std::move(listener_gate_);
  }
  if (listener) listener->close();
  for (auto& on_answer : requests_.take_all()) {
    worker_->post([on_answer = std::move(on_answer)] { on_answer(fail(errc::closed, "bus closed")); });
  }
  for (const endpoint_ptr& e : core_->routes.take_all()) core_->end(e);
  worker_->stop();
}

}  // namespace

std::unique_ptr<bus> make_local_bus(local_options options) { return std::make_unique<local_bus>(options); }

}  // namespace isobar::bus
