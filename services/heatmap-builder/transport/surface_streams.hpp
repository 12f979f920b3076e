#pragma once
#include <string>

#include "heatmap-builder/metrics.hpp"
#include "heatmap-builder/transport/queries.hpp"
#include "isobar/heatmap/v1/heatmap_service.grpc.pb.h"
#include "service/grpc_streams.hpp"

namespace isobar::heatmap_builder {

/// Every StreamSurface subscriber of the process. What changes while a message is outstanding is not queued: the next
/// one is the difference between the snapshot that was last sent and the newest, so a slow reader costs one pinned
/// snapshot.
class surface_streams {
 public:
  surface_streams(const surface_stores& stores, std::string assumptions, service::grpc_stream_limits limits,
                  stream_metrics metrics)
      : stores_(stores), assumptions_(std::move(assumptions)), metrics_(metrics), streams_(limits, metrics) {}

  /// A new subscriber, or one that only finishes with the error. Owned by itself until gRPC is done with it.
  ::grpc::ServerWriteReactor<heatmap::v1::StreamSurfaceResponse>* open(const heatmap::v1::StreamSurfaceRequest& request,
                                                                       ::grpc::CallbackServerContext* call);
  /// A surface changed: look again. Any thread, quick.
  void wake() { streams_.wake(); }
  /// Ends every stream with UNAVAILABLE and refuses new ones; the destructor waits for clients to notice.
  void close() { streams_.close(); }

 private:
  const surface_stores& stores_;
  std::string assumptions_;
  stream_metrics metrics_;
  service::grpc_streams<heatmap::v1::StreamSurfaceResponse> streams_;
};

}  // namespace isobar::heatmap_builder
