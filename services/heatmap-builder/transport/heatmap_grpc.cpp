#include "heatmap-builder/transport/heatmap_grpc.hpp"

#include <chrono>

#include "heatmap-builder/transport/status.hpp"
#include "service/service_metrics.hpp"

namespace isobar::heatmap_builder {

heatmap_grpc::heatmap_grpc(const surface_queries& queries, surface_streams& streams, telemetry::registry& registry)
    : queries_(queries),
      streams_(streams),
      surface_seconds_(service::query_seconds(registry, "heatmap-builder", "GetSurface")),
      tile_seconds_(service::query_seconds(registry, "heatmap-builder", "GetTile")),
      explain_seconds_(service::query_seconds(registry, "heatmap-builder", "ExplainTile")) {}

template <class Request, class Response>
::grpc::ServerUnaryReactor* heatmap_grpc::answer(::grpc::CallbackServerContext* context, const Request& request,
                                                 Response& response, telemetry::histogram& timed) {
  const auto start = std::chrono::steady_clock::now();
  const auto done = queries_.answer(request, response);
  timed.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  auto* reactor = context->DefaultReactor();
  if (!done) response.Clear();
  reactor->Finish(done ? ::grpc::Status::OK : to_status(done.error()));
  return reactor;
}

::grpc::ServerUnaryReactor* heatmap_grpc::GetSurface(::grpc::CallbackServerContext* context,
                                                     const heatmap::v1::GetSurfaceRequest* request,
                                                     heatmap::v1::GetSurfaceResponse* response) {
  return answer(context, *request, *response, surface_seconds_);
}

::grpc::ServerUnaryReactor* heatmap_grpc::GetTile(::grpc::CallbackServerContext* context,
                                                  const heatmap::v1::GetTileRequest* request,
                                                  heatmap::v1::GetTileResponse* response) {
  return answer(context, *request, *response, tile_seconds_);
}

::grpc::ServerUnaryReactor* heatmap_grpc::ExplainTile(::grpc::CallbackServerContext* context,
                                                      const heatmap::v1::ExplainTileRequest* request,
                                                      heatmap::v1::ExplainTileResponse* response) {
  return answer(context, *request, *response, explain_seconds_);
}

::grpc::ServerWriteReactor<heatmap::v1::StreamSurfaceResponse>* heatmap_grpc::StreamSurface(
    ::grpc::CallbackServerContext* context, const heatmap::v1::StreamSurfaceRequest* request) {
  return streams_.open(*request, context);
}

}  // namespace isobar::heatmap_builder
