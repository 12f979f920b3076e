#include "isobar/query_client.hpp"

#include <array>
#include <cstdio>

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

}  // namespace

std::shared_ptr<grpc::Channel> connect(const endpoint& to, cluster_port port) {
  std::string address = to.address;
  if (to.cluster) {
    address = address.substr(0, address.rfind(':')) + ":" + std::to_string(static_cast<int>(port));
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

void set_deadline(grpc::ClientContext& context, const endpoint& to) {
  context.set_deadline(std::chrono::system_clock::now() + to.limit);
}

int report(const grpc::Status& status, const endpoint& to) {
  if (status.ok()) return 0;
  std::fprintf(stderr, "isobar query: %s: %s (asked %s%s)\n", std::string(code_name(status.error_code())).c_str(),
               status.error_message().c_str(), to.address.c_str(), to.cluster ? ", cluster ports" : "");
  return 1;
}

}  // namespace isobar::cli
