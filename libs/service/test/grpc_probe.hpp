#pragma once
#include <memory>
#include <string>

namespace isobar::service::test {

/// A gRPC client for services whose protobuf code the test does not have.
class grpc_probe {
 public:
  explicit grpc_probe(int port);
  ~grpc_probe();
  /// grpc.health.v1: "SERVING", "NOT_SERVING" or the status code's number.
  std::string health(const std::string& name);
  /// Raw answer of grpc.reflection.v1alpha's list of services; the status code's number on failure.
  std::string reflected_services();
  /// EpochService.GetEpoch: the symbol in the answer, or the status code's number.
  std::string ask(const std::string& symbol);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::service::test
