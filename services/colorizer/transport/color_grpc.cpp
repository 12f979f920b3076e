#include "colorizer/transport/color_grpc.hpp"

#include <chrono>

#include "colorizer/transport/color_codec.hpp"
#include "service/service_metrics.hpp"

namespace isobar::colorizer {
namespace {

grpc::Status invalid(const failure<wire::errc>& why) {
  return {grpc::StatusCode::INVALID_ARGUMENT, std::string(wire::to_string(why.code)) + ": " + why.evidence};
}

}  // namespace

color_grpc::color_grpc(color_scale preset, telemetry::registry& registry)
    : preset_(preset), seconds_(service::query_seconds(registry, "colorizer", "ColorSurface")) {}

grpc::ServerUnaryReactor* color_grpc::ColorSurface(grpc::CallbackServerContext* context,
                                                   const color::v1::ColorSurfaceRequest* request,
                                                   color::v1::ColorSurfaceResponse* response) {
  const auto start = std::chrono::steady_clock::now();
  auto* reactor = context->DefaultReactor();
  reactor->Finish(color(*request, *response));
  seconds_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return reactor;
}

grpc::Status color_grpc::color(const color::v1::ColorSurfaceRequest& request,
                               color::v1::ColorSurfaceResponse& response) const {
  auto scale = preset_;
  if (request.has_scale()) {
    const auto read = read_scale(request.scale(), preset_);
    if (!read) return invalid(read.error());
    scale = *read;
  }
  const auto surface = wire::read_numeric(request.surface());
  if (!surface) return invalid(surface.error());
  wire::frame_info info{.producer = "colorizer", .sequence = request.surface().header().sequence()};
  info.watermark = surface->window_end;
  info.quality = wire::read_quality(request.surface().header().quality()).value_or(market::quality::ok);
  to_proto(*surface, scale, info, *response.mutable_colors());
  return grpc::Status::OK;
}

}  // namespace isobar::colorizer
