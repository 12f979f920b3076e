#pragma once
#include <memory>

#include "core/symbol.hpp"
#include "isobar/window/v1/window_service.grpc.pb.h"
#include "service/query_result.hpp"
#include "telemetry/metrics.hpp"
#include "ws-hydrator/transport/symbol_view.hpp"

namespace isobar::ws_hydrator {

using symbol_views = service::stores_by_symbol<symbol_view>;

/// isobar.window.v1.WindowService over the views of the symbols worked on; they must outlive it.
class window_grpc final : public window::v1::WindowService::CallbackService {
 public:
  window_grpc(const symbol_views& views, telemetry::registry& registry);

  grpc::ServerUnaryReactor* GetRows(grpc::CallbackServerContext* context, const window::v1::GetRowsRequest* request,
                                    window::v1::GetRowsResponse* response) override;
  grpc::ServerUnaryReactor* GetFeedStatus(grpc::CallbackServerContext* context,
                                          const window::v1::GetFeedStatusRequest* request,
                                          window::v1::GetFeedStatusResponse* response) override;

 private:
  grpc::Status rows(const window::v1::GetRowsRequest& request, window::v1::GetRowsResponse& response) const;
  grpc::Status feed_status(const window::v1::GetFeedStatusRequest& request,
                           window::v1::GetFeedStatusResponse& response) const;
  std::shared_ptr<symbol_view> find(const std::string& name) const;

  const symbol_views& views_;
  telemetry::histogram rows_seconds_, status_seconds_;
};

}  // namespace isobar::ws_hydrator
