#include "service/grpc_guard.hpp"

#include <google/protobuf/message_lite.h>
#include <grpc/grpc.h>
#include <grpcpp/server_context.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "service/rate_limit.hpp"

namespace isobar::service {
namespace {

using namespace ::grpc::experimental;
using clock = std::chrono::steady_clock;

/// Ends calls whose time is up, from a thread of its own. Holds a reference to each call: gRPC may be done with it
/// before its interceptor goes.
class call_watch {
 public:
  call_watch(std::chrono::milliseconds limit, telemetry::counter ended)
      : limit_(limit), ended_(ended), thread_([this] { run(); }) {}
  ~call_watch() {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      changed_.notify_one();
    }
    thread_.join();
    for (const auto& [number, call] : calls_) grpc_call_unref(call.handle);
  }

  std::uint64_t add(grpc_call* handle) {
    grpc_call_ref(handle);
    const std::lock_guard lock(mutex_);
    calls_.emplace(++last_, entry{handle, clock::now() + limit_});
    if (calls_.size() == 1) changed_.notify_one();
    return last_;
  }
  void remove(std::uint64_t number) {
    grpc_call* handle = nullptr;
    {
      const std::lock_guard lock(mutex_);
      const auto found = calls_.find(number);
      if (found == calls_.end()) return;
      handle = found->second.handle;
      calls_.erase(found);
    }
    grpc_call_unref(handle);
  }

 private:
  struct entry {
    grpc_call* handle;
    clock::time_point due;
  };

  void run() {
    const std::string why = "longer than the server's bound of " + std::to_string(limit_.count()) + " ms";
    std::unique_lock lock(mutex_);
    while (!closing_) {
      if (calls_.empty()) {
        changed_.wait(lock, [this] { return closing_ || !calls_.empty(); });
        continue;
      }
      // One limit for all: the first that came is the first whose time is up.
      const auto first = calls_.begin();
      if (clock::now() < first->second.due) {
        changed_.wait_until(lock, first->second.due);
        continue;
      }
      grpc_call* handle = first->second.handle;
      calls_.erase(first);
      lock.unlock();
      ended_.add();
      grpc_call_cancel_with_status(handle, GRPC_STATUS_DEADLINE_EXCEEDED, why.c_str(), nullptr);
      grpc_call_unref(handle);
      lock.lock();
    }
  }

  const std::chrono::milliseconds limit_;
  telemetry::counter ended_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, entry> calls_;
  std::uint64_t last_ = 0;
  bool closing_ = false;
  std::thread thread_;
};

/// What all calls of one server share.
struct guard {
  guard(const grpc_server_options& o, std::shared_ptr<grpc_tokens> t, telemetry::registry* metrics)
      : tokens(std::move(t)), certificates(!o.tls_client_ca_file.empty()), rate(o.rate_max), rated(o.rate_max > 0) {
    const auto refused = [&](const char* reason) {
      return metrics ? metrics->get_counter("isobar_grpc_refused_total", {{"reason", reason}}) : telemetry::counter();
    };
    too_many = refused("rate");
    if (metrics) clients = metrics->get_gauge("isobar_grpc_rate_clients");
    if (o.deadline_ms_max > 0) {
      limit = std::chrono::milliseconds(o.deadline_ms_max);
      watch = std::make_unique<call_watch>(limit, refused("deadline"));
    }
  }
  bool admit(const ::grpc::ServerContextBase& context) {
    if (!rated) return true;
    const std::string client = client_of(context);
    const std::lock_guard lock(mutex);
    const bool ok = rate.admit(client, clock::now());
    clients.set(static_cast<double>(rate.clients()));
    if (!ok) too_many.add();
    return ok;
  }
  std::string client_of(const ::grpc::ServerContextBase& context);

  std::shared_ptr<grpc_tokens> tokens;
  const bool certificates;
  std::mutex mutex;
  rate_limit rate;
  const bool rated;
  telemetry::counter too_many;
  telemetry::gauge clients;
  std::chrono::milliseconds limit{0};
  std::unique_ptr<call_watch> watch;
};

std::string guard::client_of(const ::grpc::ServerContextBase& context) {
  if (tokens) {
    const auto header = context.client_metadata().find("authorization");
    if (header != context.client_metadata().end())
      if (const auto known = tokens->find(bearer({header->second.data(), header->second.size()})))
        return "token " + known->name;
  }
  if (certificates) {
    const auto names = context.auth_context()->FindPropertyValues("x509_common_name");
    if (!names.empty()) return "certificate " + std::string(names[0].data(), names[0].size());
  }
  const std::string peer = context.peer();  // ipv4:127.0.0.1:50123: a client has many ports
  return peer.substr(0, peer.rfind(':'));
}

class guarded_call final : public Interceptor {
 public:
  guarded_call(std::shared_ptr<guard> g, ServerRpcInfo* info) : guard_(std::move(g)), info_(info) {}
  ~guarded_call() override { leave(); }

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) enter();
    if (refused_ && methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE)) {
      // The request of a generated method is a message; a refused one must change nothing.
      if (void* request = methods->GetRecvMessage()) static_cast<google::protobuf::MessageLite*>(request)->Clear();
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      if (refused_) methods->ModifySendStatus({::grpc::StatusCode::RESOURCE_EXHAUSTED, too_many_text});
      leave();
    }
    methods->Proceed();
  }

 private:
  static constexpr const char* too_many_text = "more calls a second than a client may make";

  void enter() {
    ::grpc::ServerContextBase* context = info_->server_context();
    refused_ = !guard_->admit(*context);
    const bool unary = info_->type() == ServerRpcInfo::Type::UNARY;
    // A stream might take the empty request and go on.
    if (refused_ && !unary)
      grpc_call_cancel_with_status(context->c_call(), GRPC_STATUS_RESOURCE_EXHAUSTED, too_many_text, nullptr);
    // gRPC itself keeps the deadline of a client that gave one.
    if (!refused_ && unary && guard_->watch && context->deadline() > std::chrono::system_clock::now() + guard_->limit)
      watched_ = guard_->watch->add(context->c_call());
  }
  void leave() {
    if (watched_ != 0) guard_->watch->remove(watched_);
    watched_ = 0;
  }

  std::shared_ptr<guard> guard_;
  ServerRpcInfo* info_;
  bool refused_ = false;
  std::uint64_t watched_ = 0;
};

class guard_factory final : public ServerInterceptorFactoryInterface {
 public:
  explicit guard_factory(std::shared_ptr<guard> g) : guard_(std::move(g)) {}
  Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    // Health and reflection are gRPC's own; what they receive is no generated message.
    if (!std::string_view(info->method()).starts_with("/isobar.")) return nullptr;
    return new guarded_call(guard_, info);
  }

 private:
  std::shared_ptr<guard> guard_;
};

}  // namespace

std::unique_ptr<ServerInterceptorFactoryInterface> make_guard(const grpc_server_options& options,
                                                              std::shared_ptr<grpc_tokens> tokens,
                                                              telemetry::registry* metrics) {
  if (options.rate_max <= 0 && options.deadline_ms_max <= 0) return nullptr;
  return std::make_unique<guard_factory>(std::make_shared<guard>(options, std::move(tokens), metrics));
}

}  // namespace isobar::service
