#pragma once
#include "isobar/radar/v1/radar_service.grpc.pb.h"
#include "radar-physics/transport/radar_queries.hpp"
#include "service/grpc_streams.hpp"

namespace isobar::radar_physics {

/// Every StreamRadar subscriber of the process: the matrix, then each new column. A subscriber that lags by more than a
/// matrix is given the newest matrix instead; nothing is queued for it.
class radar_streams {
 public:
  radar_streams(const radar_stores& stores, service::grpc_stream_limits limits, service::grpc_stream_metrics measured,
                telemetry::counter conflated)
      : stores_(stores), conflated_(conflated), streams_(limits, measured) {}

  /// A new subscriber, or one that only finishes with the error. Owned by itself until gRPC is done with it.
  ::grpc::ServerWriteReactor<radar::v1::StreamRadarResponse>* open(const radar::v1::StreamRadarRequest& request,
                                                                   ::grpc::CallbackServerContext* call);
  /// A window closed: look again. Any thread, quick.
  void wake() { streams_.wake(); }
  /// Ends every stream with UNAVAILABLE and refuses new ones; the destructor waits for clients to notice.
  void close() { streams_.close(); }

 private:
  const radar_stores& stores_;
  telemetry::counter conflated_;
  service::grpc_streams<radar::v1::StreamRadarResponse> streams_;
};

}  // namespace isobar::radar_physics
