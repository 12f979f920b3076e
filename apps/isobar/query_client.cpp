#include "isobar/query_client.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "isobar/heatmap/v1/heatmap_service.grpc.pb.h"
#include "isobar/radar/v1/radar_service.grpc.pb.h"

namespace isobar::cli {
namespace {

std::string_view code_name(grpc::StatusCode code) {
  constexpr std::array<std::string_view, 17> names{
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const auto index = static_cast<std::size_t>(code);
  return index < names.size() ? names[index] : "UNKNOWN";
}

bool read_file(const std::string& path, std::string& into) {
  if (path.empty()) return true;
  std::ifstream in(path, std::ios::binary);
  into.assign(std::istreambuf_iterator<char>(in), {});
  return in && !into.empty();
}

std::shared_ptr<grpc::ChannelCredentials> credentials(const endpoint& to) {
  if (to.ca.empty()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = to.ca;
  options.pem_cert_chain = to.cert;
  options.pem_private_key = to.key;
  return grpc::SslCredentials(options);
}

std::shared_ptr<grpc::Channel> channel(const endpoint& to, const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  return grpc::CreateCustomChannel(address, credentials(to), arguments);
}

/// What a port of the cluster says of a symbol.
enum class found { here, elsewhere, nobody };

found judge(const grpc::Status& s) {
  if (s.error_code() == grpc::StatusCode::UNAVAILABLE) return found::nobody;
  // "symbol: ES is not worked on here"
  const bool unknown = s.error_code() == grpc::StatusCode::NOT_FOUND && s.error_message().starts_with("symbol:");
  return unknown ? found::elsewhere : found::here;
}

/// Asks as little of the symbol as there is to ask.
found probe(const std::shared_ptr<grpc::Channel>& at, const endpoint& to, cluster_port port,
            const std::string& symbol) {
  grpc::ClientContext context;
  set_deadline(context, to);
  if (port == cluster_port::radar_physics) {
    radar::v1::GetRadarRequest asked;
    asked.set_symbol(symbol);
    asked.set_columns(1);
    radar::v1::GetRadarResponse answer;
    return judge(radar::v1::RadarService::NewStub(at)->GetRadar(&context, asked, &answer));
  }
  heatmap::v1::GetSurfaceRequest asked;
  asked.set_symbol(symbol);
  asked.set_strike_from_nanos(INT64_MAX);  // no strike is that high
  heatmap::v1::GetSurfaceResponse answer;
  return judge(heatmap::v1::HeatmapService::NewStub(at)->GetSurface(&context, asked, &answer));
}

}  // namespace

std::string read_secrets(endpoint& to) {
  if (to.ca_file.empty() && !(to.cert_file + to.key_file + to.token_file).empty())
    return "--tls-cert, --tls-key and --token-file need --tls-ca";
  if (to.cert_file.empty() != to.key_file.empty()) return "--tls-cert and --tls-key: both or neither";
  for (const auto& [file, into] : {std::pair(&to.ca_file, &to.ca), std::pair(&to.cert_file, &to.cert),
                                   std::pair(&to.key_file, &to.key), std::pair(&to.token_file, &to.token)})
    if (!read_file(*file, *into)) return "cannot read " + *file;
  const auto end = to.token.find_first_of("\r\n");
  if (end != std::string::npos) to.token.resize(end);
  return "";
}

std::shared_ptr<grpc::Channel> connect(const endpoint& to, cluster_port port, const std::string& symbol) {
  if (!to.cluster) return channel(to, to.address);
  const auto at = [&](int number) {
    return channel(to, to.address.substr(0, to.address.rfind(':')) + ":" + std::to_string(number));
  };
  auto alone = at(static_cast<int>(port));
  if (symbol.empty() || first_shard_port(port) == 0 || probe(alone, to, port, symbol) != found::nobody) return alone;
  std::shared_ptr<grpc::Channel> other;
  for (int i = 0; i < shard_ports; ++i) {
    const auto shard = at(first_shard_port(port) + i);
    const found how = probe(shard, to, port, symbol);
    if (how == found::here) return shard;
    if (how == found::elsewhere) other = shard;
  }
  // Its answer says that nobody has the symbol.
  return other ? other : alone;
}

void identify(grpc::ClientContext& context, const endpoint& to) {
  if (!to.token.empty()) context.AddMetadata("authorization", "Bearer " + to.token);
}

void set_deadline(grpc::ClientContext& context, const endpoint& to) {
  identify(context, to);
  context.set_deadline(std::chrono::system_clock::now() + to.limit);
}

int report(const grpc::Status& status, const endpoint& to) {
  if (status.ok()) return 0;
  std::fprintf(stderr, "isobar query: %s: %s (asked %s%s)\n", std::string(code_name(status.error_code())).c_str(),
               status.error_message().c_str(), to.address.c_str(), to.cluster ? ", cluster ports" : "");
  return 1;
}

}  // namespace isobar::cli
