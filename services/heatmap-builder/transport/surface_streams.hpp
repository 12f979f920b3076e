#pragma once
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "heatmap-builder/metrics.hpp"
#include "heatmap-builder/transport/queries.hpp"
#include "isobar/heatmap/v1/heatmap_service.grpc.pb.h"

namespace isobar::heatmap_builder {

class subscriber;

struct stream_limits {
  std::size_t subscribers_max = 256;
  std::chrono::milliseconds stall_max{10'000};  ///< a write that takes longer ends the stream
};

/// Every StreamSurface subscriber of the process, served by one thread. A subscriber has at most one message
/// outstanding; what changes meanwhile is not queued: the next message is the difference between the snapshot it was
/// last sent and the newest one, so a slow reader costs one pinned snapshot.
class surface_streams {
 public:
  surface_streams(const surface_stores& stores, std::string assumptions, stream_limits limits, stream_metrics metrics);
  ~surface_streams();

  /// A new subscriber, or one that only finishes with the error. Owned by itself until gRPC is done with it.
  ::grpc::ServerWriteReactor<heatmap::v1::StreamSurfaceResponse>* open(
      const heatmap::v1::StreamSurfaceRequest& request);
  /// A surface changed, a write completed, a client went away: look again. Any thread, quick.
  void wake();
  /// Ends every stream with UNAVAILABLE and refuses new ones; does not wait for clients to notice. The destructor does,
  /// so the gRPC server must be down by then.
  void close();

 private:
  void run();
  const surface_stores& stores_;
  std::string assumptions_;
  stream_limits limits_;
  stream_metrics metrics_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<std::shared_ptr<subscriber>> subscribers_;
  bool awake_ = false, closing_ = false;
  std::thread thread_;
};

}  // namespace isobar::heatmap_builder
