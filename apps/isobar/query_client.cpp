#include "isobar/query_client.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>

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

std::shared_ptr<grpc::Channel> connect(const endpoint& to, cluster_port port) {
  std::string address = to.address;
  if (to.cluster) {
    address = address.substr(0, address.rfind(':')) + ":" + std::to_string(static_cast<int>(port));
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  return grpc::CreateCustomChannel(address, credentials(to), arguments);
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
