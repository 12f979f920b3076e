#pragma once
#include "feed-ingest/transport/feed_board.hpp"
#include "isobar/feed/v1/feed_service.grpc.pb.h"
#include "telemetry/metrics.hpp"

namespace isobar::feed_ingest {

/// isobar.feed.v1.FeedService over the board; answers on the calling thread.
class feed_grpc final : public isobar::feed::v1::FeedService::CallbackService {
 public:
  feed_grpc(std::shared_ptr<const feed_board> board, telemetry::registry& registry);

  ::grpc::ServerUnaryReactor* GetFeedStatus(::grpc::CallbackServerContext* context,
                                            const feed::v1::GetFeedStatusRequest* request,
                                            feed::v1::GetFeedStatusResponse* response) override;
  ::grpc::ServerUnaryReactor* GetGaps(::grpc::CallbackServerContext* context, const feed::v1::GetGapsRequest* request,
                                      feed::v1::GetGapsResponse* response) override;

 private:
  ::grpc::Status status_of(const std::string& symbol, feed::v1::GetFeedStatusResponse& response) const;
  ::grpc::Status gaps_of(const std::string& symbol, feed::v1::GetGapsResponse& response) const;

  std::shared_ptr<const feed_board> board_;
  telemetry::histogram status_seconds_, gaps_seconds_;
};

}  // namespace isobar::feed_ingest
