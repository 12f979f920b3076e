#pragma once
#include <grpcpp/grpcpp.h>

#include "epoch-manager/transport/epoch_history.hpp"
#include "isobar/epoch/v1/epoch_service.grpc.pb.h"
#include "telemetry/metrics.hpp"

namespace isobar::epoch_manager {

/// EpochService over the histories of the symbols worked on; answers from memory. They must outlive it.
class epoch_grpc final : public epoch::v1::EpochService::CallbackService {
 public:
  epoch_grpc(const epoch_histories& histories, telemetry::registry& registry);
  grpc::ServerUnaryReactor* GetEpoch(grpc::CallbackServerContext* context, const epoch::v1::GetEpochRequest* request,
                                     epoch::v1::GetEpochResponse* response) override;
  grpc::ServerUnaryReactor* ListEpochs(grpc::CallbackServerContext* context,
                                       const epoch::v1::ListEpochsRequest* request,
                                       epoch::v1::ListEpochsResponse* response) override;

 private:
  grpc::Status get(const epoch::v1::GetEpochRequest& request, epoch::v1::GetEpochResponse& response) const;
  grpc::Status list(const epoch::v1::ListEpochsRequest& request, epoch::v1::ListEpochsResponse& response) const;

  const epoch_histories& histories_;
  telemetry::histogram get_seconds_, list_seconds_;
};

}  // namespace isobar::epoch_manager
