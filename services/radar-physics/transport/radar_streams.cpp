#include "radar-physics/transport/radar_streams.hpp"

namespace isobar::radar_physics {
namespace {

using radar::v1::StreamRadarRequest;
using radar::v1::StreamRadarResponse;

constexpr std::uint32_t heartbeat_ms_min = 100, heartbeat_ms_max = 60'000, heartbeat_ms_default = 1000;

/// What leads one subscriber from the column it holds to the newest.
class column_source final : public service::stream_source<StreamRadarResponse> {
 public:
  column_source(std::shared_ptr<radar_store> store, std::uint64_t from_revision, telemetry::counter conflated)
      : store_(std::move(store)), conflated_(conflated), life_(store_->life()) {
    if (from_revision == 0 || from_revision > INT64_MAX / 1'000'000) return;
    if (const auto held = store_->columns.at(timestamp{static_cast<std::int64_t>(from_revision) * 1'000'000}))
      sent_ = held->ordinal;
  }

  bool fill(StreamRadarResponse& to, bool due) override {
    // A worker that began anew numbers its columns anew: the subscriber holds nothing of them.
    if (const std::uint64_t life = store_->life(); std::exchange(life_, life) != life) sent_ = 0;
    auto frames = store_->columns.after(sent_, store_->limits().columns);
    fit(frames);
    const auto quality = store_->quality();
    if (frames.empty() && !due && quality == quality_) return false;
    if (!frames.empty()) {
      to.set_base(frames.front().ordinal != sent_ + 1);
      if (sent_ != 0 && to.base()) {
        const std::uint64_t skipped = frames.front().ordinal - sent_ - 1;
        to.set_conflated_columns(static_cast<std::uint32_t>(skipped));
        conflated_.add(skipped);
      }
      for (const kept_frame& f : frames) (void)to.add_columns()->ParseFromString(*f.bytes);
      // The first message of a subscriber that holds nothing is a matrix, even when that is all there is.
      if (sent_ == 0) to.set_base(true);
      sent_ = frames.back().ordinal;
    }
    quality_ = quality;
    to.set_watermark_ns(store_->watermark().ns);
    to.set_quality(static_cast<common::v1::Quality>(quality));
    return true;
  }

 private:
  std::shared_ptr<radar_store> store_;
  telemetry::counter conflated_;
  std::uint64_t life_;
  std::uint64_t sent_ = 0;  ///< header.sequence of the newest column sent
  market::quality quality_ = market::quality::ok;
};

}  // namespace

::grpc::ServerWriteReactor<StreamRadarResponse>* radar_streams::open(const StreamRadarRequest& request,
                                                                     ::grpc::CallbackServerContext* call) {
  const std::uint32_t asked = request.heartbeat_ms();
  if (asked != 0 && (asked < heartbeat_ms_min || asked > heartbeat_ms_max))
    return streams_.refuse({::grpc::StatusCode::INVALID_ARGUMENT, "heartbeat_ms: not between 100 and 60000"});
  const auto found = find_store(stores_, request.symbol());
  if (!found) return streams_.refuse(to_status(found.error()));
  const auto& store = (*found)->second;
  if (store->columns.size() == 0)
    return streams_.refuse({::grpc::StatusCode::UNAVAILABLE, "symbol: nothing built yet for " + request.symbol()});
  return streams_.open(std::make_unique<column_source>(store, request.from_revision(), conflated_),
                       std::chrono::milliseconds(asked == 0 ? heartbeat_ms_default : asked), call);
}

}  // namespace isobar::radar_physics
