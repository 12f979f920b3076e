#pragma once
#include "chain-ingest/transport/latest_chains.hpp"
#include "isobar/chain/v1/chain_service.grpc.pb.h"
#include "telemetry/metrics.hpp"

namespace isobar::chain_ingest {

/// isobar.chain.v1.ChainService over the latest states, which must outlive it; answers on the calling thread.
class chain_grpc final : public isobar::chain::v1::ChainService::CallbackService {
 public:
  chain_grpc(const latest_chains& latest, telemetry::registry& registry);

  ::grpc::ServerUnaryReactor* GetChain(::grpc::CallbackServerContext* context,
                                       const chain::v1::GetChainRequest* request,
                                       chain::v1::GetChainResponse* response) override;
  ::grpc::ServerUnaryReactor* GetSourceStatus(::grpc::CallbackServerContext* context,
                                              const chain::v1::GetSourceStatusRequest* request,
                                              chain::v1::GetSourceStatusResponse* response) override;

 private:
  ::grpc::Status chain_of(const chain::v1::GetChainRequest& request, chain::v1::GetChainResponse& response) const;
  ::grpc::Status status_of(const chain::v1::GetSourceStatusRequest& request,
                           chain::v1::GetSourceStatusResponse& response) const;

  const latest_chains& latest_;
  telemetry::histogram chain_seconds_, status_seconds_;
};

}  // namespace isobar::chain_ingest
