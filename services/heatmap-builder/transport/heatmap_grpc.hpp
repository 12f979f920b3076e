#pragma once
#include "heatmap-builder/transport/queries.hpp"
#include "heatmap-builder/transport/surface_streams.hpp"
#include "isobar/heatmap/v1/heatmap_service.grpc.pb.h"
#include "telemetry/metrics.hpp"

namespace isobar::heatmap_builder {

/// The gRPC edge: times queries, translates errors, hands streams over. `streams` outlives it.
class heatmap_grpc final : public heatmap::v1::HeatmapService::CallbackService {
 public:
  heatmap_grpc(const surface_queries& queries, surface_streams& streams, telemetry::registry& registry);

  ::grpc::ServerUnaryReactor* GetSurface(::grpc::CallbackServerContext* context,
                                         const heatmap::v1::GetSurfaceRequest* request,
                                         heatmap::v1::GetSurfaceResponse* response) override;
  ::grpc::ServerUnaryReactor* GetTile(::grpc::CallbackServerContext* context,
                                      const heatmap::v1::GetTileRequest* request,
                                      heatmap::v1::GetTileResponse* response) override;
  ::grpc::ServerUnaryReactor* ExplainTile(::grpc::CallbackServerContext* context,
                                          const heatmap::v1::ExplainTileRequest* request,
                                          heatmap::v1::ExplainTileResponse* response) override;
  ::grpc::ServerWriteReactor<heatmap::v1::StreamSurfaceResponse>* StreamSurface(
      ::grpc::CallbackServerContext* context, const heatmap::v1::StreamSurfaceRequest* request) override;

 private:
  template <class Request, class Response>
  ::grpc::ServerUnaryReactor* answer(::grpc::CallbackServerContext* context, const Request& request, Response& response,
                                     telemetry::histogram& timed);
  const surface_queries& queries_;
  surface_streams& streams_;
  telemetry::histogram surface_seconds_, tile_seconds_, explain_seconds_;
};

}  // namespace isobar::heatmap_builder
