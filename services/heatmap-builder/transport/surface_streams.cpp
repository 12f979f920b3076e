#include "heatmap-builder/transport/surface_streams.hpp"

#include <set>

#include "heatmap-builder/transport/messages.hpp"
#include "heatmap-builder/transport/status.hpp"

namespace isobar::heatmap_builder {
namespace {

using heatmap::v1::StreamSurfaceRequest;
using heatmap::v1::StreamSurfaceResponse;

constexpr std::uint32_t heartbeat_ms_min = 100, heartbeat_ms_max = 60'000, heartbeat_ms_default = 1000;

query_result<void> check(const StreamSurfaceRequest& r) {
  if (r.heartbeat_ms() != 0 && (r.heartbeat_ms() < heartbeat_ms_min || r.heartbeat_ms() > heartbeat_ms_max))
    return fail(query_errc::invalid_argument, "heartbeat_ms: not between 100 and 60000");
  return check_expiries(r.expiries());
}

/// What leads one subscriber from the snapshot it holds to the newest.
class surface_source final : public service::stream_source<StreamSurfaceResponse> {
 public:
  surface_source(std::shared_ptr<surface_store> store, const StreamSurfaceRequest& r, const std::string& assumptions,
                 telemetry::counter conflated)
      : store_(std::move(store)),
        expiries_(r.expiries().begin(), r.expiries().end()),
        assumptions_(assumptions),
        conflated_(conflated) {
    if (r.from_revision() != 0) sent_ = store_->at_revision(r.from_revision());
  }

  bool fill(StreamSurfaceResponse& to, bool due) override {
    const auto view = store_->latest();
    if (!view) return false;
    const bool news = fill_planes(*view, to);
    if (!news && !due && resyncing_ == view->resyncing) return false;
    greeted_ = true;
    resyncing_ = view->resyncing;
    to_proto(*view->snapshot, view->resyncing, assumptions_, *to.mutable_info());
    return true;
  }

 private:
  bool wants(const market::expiry_key& key) const { return expiries_.empty() || expiries_.contains(to_string(key)); }

  /// True when there is any plane in it.
  bool fill_planes(const surface_view& view, StreamSurfaceResponse& to) {
    const surface_snapshot& now = *view.snapshot;
    if (sent_ == view.snapshot) return false;
    const bool base = !sent_ || sent_->board->epoch != now.board->epoch || sent_->planes.size() != now.planes.size();
    tile_columns columns;
    for (std::size_t i = 0; i < now.planes.size(); ++i) {
      const plane_board& layout = now.board->planes[i];
      if (!wants(layout.key) || (!base && sent_->planes[i] == now.planes[i])) continue;
      if (base)
        valid_tiles(layout, *now.planes[i], columns);
      else
        difference(layout, *sent_->planes[i], *now.planes[i], columns);
      if (base || !columns.changed.empty() || !columns.removed.empty())
        to_proto(now, i, base, columns, *to.add_planes());
    }
    if (greeted_ && view.windows > windows_ + 1) {
      to.set_conflated_windows(static_cast<std::uint32_t>(view.windows - windows_ - 1));
      conflated_.add(view.windows - windows_ - 1);
    }
    windows_ = view.windows;
    sent_ = view.snapshot;
    return to.planes_size() > 0;
  }

  std::shared_ptr<surface_store> store_;
  std::set<std::string> expiries_;
  const std::string& assumptions_;
  telemetry::counter conflated_;
  std::shared_ptr<const surface_snapshot> sent_;
  std::uint64_t windows_ = 0;
  bool greeted_ = false, resyncing_ = false;
};

}  // namespace

::grpc::ServerWriteReactor<StreamSurfaceResponse>* surface_streams::open(const StreamSurfaceRequest& request,
                                                                         ::grpc::CallbackServerContext* call) {
  if (const auto ok = check(request); !ok) return streams_.refuse(to_status(ok.error()));
  const auto store = find_store(stores_, request.symbol());
  if (!store) return streams_.refuse(to_status(store.error()));
  const auto view = (*store)->latest();
  if (!view)
    return streams_.refuse({::grpc::StatusCode::UNAVAILABLE, "symbol: nothing built yet for " + request.symbol()});
  if (const auto planes = select_planes(*view->snapshot->board, request.expiries()); !planes)
    return streams_.refuse(to_status(planes.error()));
  const std::uint32_t heartbeat = request.heartbeat_ms() == 0 ? heartbeat_ms_default : request.heartbeat_ms();
  return streams_.open(std::make_unique<surface_source>(*store, request, assumptions_, metrics_.conflated_windows),
                       std::chrono::milliseconds(heartbeat), call);
}

}  // namespace isobar::heatmap_builder
