#pragma once
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

namespace isobar::cli {

/// Where a query goes and how long it may take.
struct endpoint {
  std::string address = "127.0.0.1:7400";
  bool cluster = false;  ///< one port per service, as `./dev cluster` starts them
  std::chrono::milliseconds limit{5000};
  std::string ca_file = {}, cert_file = {}, key_file = {}, token_file = {};  ///< as given; read by read_secrets()
  std::string ca = {}, cert = {}, key = {}, token = {};                      ///< what stands in them
};

/// Reads the files that `to` names. Empty: done; else what is wrong, without any of their content.
std::string read_secrets(endpoint& to);

/// Ports of `./dev cluster`, in pipeline order.
enum class cluster_port {
  chain_ingest = 7401,
  epoch_manager,
  ws_hydrator,
  decomposer,
  heatmap_builder,
  colorizer,
  feed_ingest,
  radar_physics,
  gamma_fuel
};

/// Shards of a service (`./dev cluster --shards=N`) have ports of their own, by ordinal. 0: it has none.
constexpr int first_shard_port(cluster_port port) {
  return port == cluster_port::heatmap_builder ? 7500 : port == cluster_port::radar_physics ? 7530 : 0;
}
inline constexpr int shard_ports = 30;

/// Answers may hold a whole chain: 64 MiB. In a cluster whose service is shared out by symbol, `symbol` says whose
/// shard is meant; each is asked until one knows it.
std::shared_ptr<grpc::Channel> connect(const endpoint& to, cluster_port port, const std::string& symbol = {});
/// Sends the token, if there is one: for streams, which have no deadline.
void identify(grpc::ClientContext& context, const endpoint& to);
/// Sets the deadline and sends the token.
void set_deadline(grpc::ClientContext& context, const endpoint& to);
/// Writes "isobar query: NOT_FOUND: unknown symbol ..." to standard error and returns 1; 0 when ok.
int report(const grpc::Status& status, const endpoint& to);

/// Empty for what is not asked of a symbol.
template <class Ask>
std::string symbol_of(const Ask& asked) {
  if constexpr (requires { asked.symbol(); }) return asked.symbol();
  return {};
}

/// Asks one service once: 0 and the answer, or what report() says.
template <class Service, class Ask, class Answer, class Call>
int ask(const endpoint& to, cluster_port port, const Ask& asked, Answer& answer, Call call) {
  const auto stub = Service::NewStub(connect(to, port, symbol_of(asked)));
  grpc::ClientContext context;
  set_deadline(context, to);
  return report(((*stub).*call)(&context, asked, &answer), to);
}

}  // namespace isobar::cli
