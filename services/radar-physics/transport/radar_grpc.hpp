#pragma once
#include <functional>

#include "radar-physics/transport/book_call.hpp"
#include "radar-physics/transport/radar_streams.hpp"
#include "telemetry/metrics.hpp"

namespace isobar::radar_physics {

/// Hands a call to the worker of a symbol.
using book_asker = std::function<void(const symbol&, std::shared_ptr<book_call>)>;

/// The gRPC edge: times queries, translates errors, hands streams and books over. What it is given outlives it.
class radar_grpc final : public radar::v1::RadarService::CallbackService {
 public:
  radar_grpc(const radar_stores& stores, radar_streams& streams, book_asker ask_book, int books_max,
             telemetry::registry& registry);

  ::grpc::ServerUnaryReactor* GetRadar(::grpc::CallbackServerContext* context,
                                       const radar::v1::GetRadarRequest* request,
                                       radar::v1::GetRadarResponse* response) override;
  ::grpc::ServerWriteReactor<radar::v1::StreamRadarResponse>* StreamRadar(
      ::grpc::CallbackServerContext* context, const radar::v1::StreamRadarRequest* request) override;
  ::grpc::ServerUnaryReactor* GetSurfaces(::grpc::CallbackServerContext* context,
                                          const radar::v1::GetSurfacesRequest* request,
                                          radar::v1::GetSurfacesResponse* response) override;
  ::grpc::ServerUnaryReactor* GetBook(::grpc::CallbackServerContext* context, const radar::v1::GetBookRequest* request,
                                      radar::v1::GetBookResponse* response) override;
  ::grpc::ServerUnaryReactor* GetFeatures(::grpc::CallbackServerContext* context,
                                          const radar::v1::GetFeaturesRequest* request,
                                          radar::v1::GetFeaturesResponse* response) override;
  ::grpc::ServerUnaryReactor* GetBreakthroughs(::grpc::CallbackServerContext* context,
                                               const radar::v1::GetBreakthroughsRequest* request,
                                               radar::v1::GetBreakthroughsResponse* response) override;
  ::grpc::ServerUnaryReactor* GetLevels(::grpc::CallbackServerContext* context,
                                        const radar::v1::GetLevelsRequest* request,
                                        radar::v1::GetLevelsResponse* response) override;

 private:
  template <class Request, class Response>
  ::grpc::ServerUnaryReactor* answer(::grpc::CallbackServerContext* context, const Request& request, Response& response,
                                     telemetry::histogram& timed);
  query_result<radar_stores::entry> admit(const radar::v1::GetBookRequest& request);

  const radar_stores& stores_;
  radar_queries queries_;
  radar_streams& streams_;
  book_asker ask_book_;
  const int books_max_;
  std::shared_ptr<std::atomic<int>> books_ = std::make_shared<std::atomic<int>>(0);
  telemetry::histogram radar_seconds_, surfaces_seconds_, book_seconds_, features_seconds_, breakthroughs_seconds_,
      levels_seconds_;
};

}  // namespace isobar::radar_physics
