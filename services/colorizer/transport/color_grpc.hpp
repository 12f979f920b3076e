#pragma once
#include <grpcpp/grpcpp.h>

#include "colorizer/domain/color_scale.hpp"
#include "isobar/color/v1/color_service.grpc.pb.h"
#include "telemetry/metrics.hpp"

namespace isobar::colorizer {

/// ColorService: a function of the request. `preset` is the scale where the request names none.
class color_grpc final : public color::v1::ColorService::CallbackService {
 public:
  color_grpc(color_scale preset, telemetry::registry& registry);
  grpc::ServerUnaryReactor* ColorSurface(grpc::CallbackServerContext* context,
                                         const color::v1::ColorSurfaceRequest* request,
                                         color::v1::ColorSurfaceResponse* response) override;

 private:
  grpc::Status color(const color::v1::ColorSurfaceRequest& request, color::v1::ColorSurfaceResponse& response) const;

  color_scale preset_;
  telemetry::histogram seconds_;
};

}  // namespace isobar::colorizer
