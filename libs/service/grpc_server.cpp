#include "service/grpc_server.hpp"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include "service/grpc_access.hpp"
#include "service/grpc_guard.hpp"

namespace isobar::service {

namespace {

constexpr std::size_t memory_max = 256u << 20;       ///< of all calls together; beyond it calls fail, not the process
constexpr int streams_max = 256;                     ///< concurrent calls of one connection
constexpr int keepalive_ms = 30'000;                 ///< ping an idle client this often
constexpr int keepalive_timeout_ms = 10'000;         ///< and give it up after this
constexpr int client_ping_interval_min_ms = 10'000;  ///< clients may ping so often (default 5 min ends connections)

/// Reflection for one server: linking the library switches it on for every server of the process.
class reflection_option final : public grpc::ServerBuilderOption {
 public:
  explicit reflection_option(bool wanted) : wanted_(wanted) {}
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    const std::string name = grpc::reflection::ProtoServerReflectionPlugin().name();
    std::erase_if(*plugins, [&](const auto& p) { return p->name() == name; });
    if (wanted_) plugins->push_back(std::make_unique<grpc::reflection::ProtoServerReflectionPlugin>());
  }

 private:
  bool wanted_;
};

void set_limits(grpc::ServerBuilder& b, const grpc_server_options& options) {
  b.SetMaxReceiveMessageSize(static_cast<int>(options.message_bytes_max));
  b.SetMaxSendMessageSize(static_cast<int>(options.message_bytes_max));
  b.SetResourceQuota(grpc::ResourceQuota("isobar").Resize(memory_max));
  b.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // else a second process would share the port in silence
  b.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, streams_max);
  b.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, keepalive_ms);
  b.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, keepalive_timeout_ms);
  b.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  b.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, client_ping_interval_min_ms);
  b.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 5);
}

}  // namespace

struct grpc_server::impl {
  struct entry {
    ::grpc::Service* service;
    std::string health_name;
    bool serving = false;
  };
  std::vector<entry> entries;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  bool all_serving = false;
};

grpc_server::grpc_server() : impl_(std::make_unique<impl>()) {}
grpc_server::~grpc_server() { stop(std::chrono::milliseconds(0)); }

void grpc_server::add(::grpc::Service& s, std::string health_name) {
  impl_->entries.push_back({&s, std::move(health_name)});
}

int grpc_server::port() const { return impl_->port; }

result<void> grpc_server::start(const grpc_server_options& options, telemetry::registry* metrics) {
  std::shared_ptr<grpc_tokens> tokens;
  if (!options.tokens_file.empty()) {
    auto opened = grpc_tokens::open(options.tokens_file);
    if (!opened) return std::unexpected(opened.error());
    tokens = std::move(*opened);
  }
  auto credentials = make_credentials(options, tokens, metrics);
  if (!credentials) return std::unexpected(credentials.error());
  if (auto free = check_can_listen(options.listen); !free)
    return fail(free.error().code, "--grpc: cannot listen on " + free.error().evidence);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  set_limits(builder, options);
  builder.SetOption(std::make_unique<reflection_option>(options.reflection));
  for (const auto& e : impl_->entries) builder.RegisterService(e.service);
  builder.AddListeningPort(options.listen.text(), *credentials, &impl_->port);
  if (auto guard = make_guard(options, tokens, metrics)) {
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> guards;
    guards.push_back(std::move(guard));
    builder.experimental().SetInterceptorCreators(std::move(guards));
  }
  impl_->server = builder.BuildAndStart();
  if (!impl_->server || impl_->port == 0) {
    impl_->server.reset();
    return fail(errc::port_in_use, "--grpc: cannot listen on " + options.listen.text());
  }
  // Nothing serves until the first look at the conditions.
  auto* health = impl_->server->GetHealthCheckService();
  health->SetServingStatus("", false);
  for (const auto& e : impl_->entries) health->SetServingStatus(e.health_name, false);
  return {};
}

void grpc_server::update_health(const std::function<bool(std::size_t)>& serving) {
  if (!impl_->server) return;
  auto* health = impl_->server->GetHealthCheckService();
  bool all = true;
  for (std::size_t i = 0; i < impl_->entries.size(); ++i) {
    auto& e = impl_->entries[i];
    const bool now = serving(i);
    all = all && now;
    if (now != e.serving) health->SetServingStatus(e.health_name, now);
    e.serving = now;
  }
  if (all != impl_->all_serving) health->SetServingStatus("", all);
  impl_->all_serving = all;
}

void grpc_server::drain() {
  if (impl_->server) impl_->server->GetHealthCheckService()->Shutdown();
}

void grpc_server::stop(std::chrono::milliseconds grace) {
  if (!impl_->server) return;
  impl_->server->Shutdown(std::chrono::system_clock::now() + grace);
  impl_->server.reset();
}

}  // namespace isobar::service
