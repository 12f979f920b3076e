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

/// Answers may hold a whole chain: 64 MiB.
std::shared_ptr<grpc::Channel> connect(const endpoint& to, cluster_port port);
/// Sends the token, if there is one: for streams, which have no deadline.
void identify(grpc::ClientContext& context, const endpoint& to);
/// Sets the deadline and sends the token.
void set_deadline(grpc::ClientContext& context, const endpoint& to);
/// Writes "isobar query: NOT_FOUND: unknown symbol ..." to standard error and returns 1; 0 when ok.
int report(const grpc::Status& status, const endpoint& to);

/// Asks one service once: 0 and the answer, or what report() says.
template <class Service, class Ask, class Answer, class Call>
int ask(const endpoint& to, cluster_port port, const Ask& asked, Answer& answer, Call call) {
  const auto stub = Service::NewStub(connect(to, port));
  grpc::ClientContext context;
  set_deadline(context, to);
  return report(((*stub).*call)(&context, asked, &answer), to);
}

}  // namespace isobar::cli
