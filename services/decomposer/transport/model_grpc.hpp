#pragma once
#include <grpcpp/grpcpp.h>

#include "decomposer/transport/last_inputs.hpp"
#include "isobar/model/v1/model_service.grpc.pb.h"
#include "telemetry/metrics.hpp"

namespace isobar::decomposer {

/// ModelService over the last frames; they must outlive it. The oneof's field names are the registry's.
class model_grpc final : public model::v1::ModelService::CallbackService {
 public:
  model_grpc(const inputs_by_symbol& inputs, telemetry::registry& registry);
  grpc::ServerUnaryReactor* GetLastInput(grpc::CallbackServerContext* context,
                                         const model::v1::GetLastInputRequest* request,
                                         model::v1::GetLastInputResponse* response) override;

 private:
  grpc::Status get(const model::v1::GetLastInputRequest& request, model::v1::GetLastInputResponse& response) const;

  const inputs_by_symbol& inputs_;
  telemetry::histogram seconds_;
};

}  // namespace isobar::decomposer
