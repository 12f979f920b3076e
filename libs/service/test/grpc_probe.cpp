#include "service/test/grpc_probe.hpp"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "isobar/epoch/v1/epoch_service.grpc.pb.h"

namespace isobar::service::test {

namespace {

grpc::ByteBuffer buffer_of(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

std::string bytes_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  (void)buffer.Dump(&slices);
  std::string out;
  for (const auto& s : slices) out.append(reinterpret_cast<const char*>(s.begin()), s.size());
  return out;
}

void limit(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
}

}  // namespace

struct grpc_probe::impl {
  std::shared_ptr<grpc::Channel> channel;
  grpc::CompletionQueue queue;
  bool next() {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  }
};

grpc_probe::grpc_probe(int port) : impl_(std::make_unique<impl>()) {
  impl_->channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
}

grpc_probe::~grpc_probe() = default;

std::string grpc_probe::health(const std::string& name) {
  grpc::ClientContext context;
  limit(context);
  grpc::GenericStub stub(impl_->channel);
  std::string request;
  if (!name.empty()) request = std::string("\x0a") + static_cast<char>(name.size()) + name;
  auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", buffer_of(request), &impl_->queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  impl_->next();
  if (!status.ok()) return std::to_string(status.error_code());
  return bytes_of(answer) == "\x08\x01" ? "SERVING" : "NOT_SERVING";
}

std::string grpc_probe::reflected_services() {
  grpc::ClientContext context;
  limit(context);
  grpc::GenericStub stub(impl_->channel);
  auto call =
      stub.PrepareCall(&context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &impl_->queue);
  call->StartCall(nullptr);
  impl_->next();
  call->Write(buffer_of(std::string("\x3a\x01*", 3)), nullptr);
  impl_->next();
  grpc::ByteBuffer answer;
  call->Read(&answer, nullptr);
  const bool read = impl_->next();
  call->WritesDone(nullptr);
  impl_->next();
  grpc::Status status;
  call->Finish(&status, nullptr);
  impl_->next();
  return read ? bytes_of(answer) : std::to_string(status.error_code());
}

std::string grpc_probe::ask(const std::string& symbol) {
  grpc::ClientContext context;
  limit(context);
  epoch::v1::GetEpochRequest request;
  request.set_symbol(symbol);
  epoch::v1::GetEpochResponse answer;
  const auto status = epoch::v1::EpochService::NewStub(impl_->channel)->GetEpoch(&context, request, &answer);
  return status.ok() ? answer.epoch().symbol() : std::to_string(status.error_code());
}

}  // namespace isobar::service::test
