#include "isobar/query_health.hpp"

#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <thread>
#include <vector>

namespace isobar::cli {
namespace {

constexpr std::chrono::milliseconds between_rounds{500};

/// Debian's packages have no generated code of grpc.health.v1; its two messages are one field each.
grpc::ByteBuffer health_request(const std::string& service) {
  std::string bytes;
  if (!service.empty()) bytes = "\x0a" + std::string(1, static_cast<char>(service.size())) + service;
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

/// HealthCheckResponse.status: 0 unknown, 1 serving, 2 not serving; -1 when it is no such message.
int health_status(const grpc::ByteBuffer& answer) {
  std::vector<grpc::Slice> slices;
  if (!answer.Dump(&slices).ok()) return -1;
  std::string bytes;
  for (const auto& s : slices) bytes.append(reinterpret_cast<const char*>(s.begin()), s.size());
  if (bytes.empty()) return 0;
  return bytes.size() == 2 && bytes[0] == '\x08' ? bytes[1] : -1;
}

/// What one server says: empty when it is SERVING.
std::string ask_health(grpc::GenericStub& stub, const std::string& service) {
  const grpc::ByteBuffer ask = health_request(service);
  grpc::ByteBuffer answer;
  grpc::Status status;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(3));
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", ask, &queue);
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!status.ok()) return status.error_message().empty() ? "no answer" : status.error_message();
  return health_status(answer) == 1 ? "" : "not serving";
}

struct options {
  std::vector<std::string> targets;
  std::int64_t wait_s = 0;
};

struct asked {
  std::string text;
  health_target target;
  std::unique_ptr<grpc::GenericStub> stub;
  std::string failing = "not asked";
};

std::vector<asked> connect_all(const endpoint& to, const options& o) {
  std::vector<asked> out;
  for (const auto& text : o.targets) {
    asked a{text, health_target_of(text), nullptr};
    endpoint one = to;
    one.address = a.target.address;
    one.cluster = false;
    a.stub = std::make_unique<grpc::GenericStub>(connect(one, cluster_port{}));
    out.push_back(std::move(a));
  }
  return out;
}

int health(const endpoint& to, const options& o) {
  auto all = connect_all(to, o);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(o.wait_s);
  const auto well = [&] {
    for (auto& a : all)
      if (!a.failing.empty()) a.failing = ask_health(*a.stub, a.target.service);
    return std::all_of(all.begin(), all.end(), [](const asked& a) { return a.failing.empty(); });
  };
  while (!well() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(between_rounds);
  int code = 0;
  for (const auto& a : all) {
    std::cout << a.text << " " << (a.failing.empty() ? "SERVING" : a.failing) << "\n";
    if (!a.failing.empty()) code = 1;
  }
  return code;
}

}  // namespace

health_target health_target_of(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return {text, ""};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

void declare_health_query(CLI::App& top, const endpoint& to, std::function<int()>& chosen) {
  auto* sub = top.add_subcommand("health", "gRPC health of servers: host:port or host:port/SERVICE");
  const auto o = std::make_shared<options>();
  const auto named = [](const std::string& text) {
    const auto target = health_target_of(text);
    return target.address.find(':') == std::string::npos || target.service.size() > 127
               ? "want host:port or host:port/SERVICE, not " + text
               : std::string();
  };
  sub->add_option("target", o->targets, "servers to ask")->required()->check(named);
  sub->add_option("--wait-s", o->wait_s, "ask again until all are serving, seconds")->check(CLI::Range(0, 3600));
  sub->callback([&to, &chosen, o] { chosen = [&to, o] { return health(to, *o); }; });
}

}  // namespace isobar::cli
