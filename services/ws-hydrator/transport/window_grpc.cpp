#include "ws-hydrator/transport/window_grpc.hpp"

#include <chrono>

#include "service/service_metrics.hpp"
#include "wire/window_codec.hpp"

namespace isobar::ws_hydrator {

namespace {

template <class F>
grpc::ServerUnaryReactor* answer(grpc::CallbackServerContext* context, telemetry::histogram seconds, F&& make) {
  const auto began = std::chrono::steady_clock::now();
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(make());
  seconds.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  return reactor;
}

grpc::Status unknown_symbol(const std::string& name) {
  return {grpc::StatusCode::NOT_FOUND, "symbol \"" + name + "\" is not worked on here"};
}

}  // namespace

window_grpc::window_grpc(const symbol_views& views, telemetry::registry& registry)
    : views_(views),
      rows_seconds_(service::query_seconds(registry, "ws-hydrator", "GetRows")),
      status_seconds_(service::query_seconds(registry, "ws-hydrator", "GetFeedStatus")) {}

std::shared_ptr<symbol_view> window_grpc::find(const std::string& name) const {
  const auto s = symbol::parse(name);
  const auto found = s ? views_.find(*s) : nullptr;
  return found ? found->second : nullptr;
}

grpc::ServerUnaryReactor* window_grpc::GetRows(grpc::CallbackServerContext* context,
                                               const window::v1::GetRowsRequest* request,
                                               window::v1::GetRowsResponse* response) {
  return answer(context, rows_seconds_, [&] { return rows(*request, *response); });
}

grpc::ServerUnaryReactor* window_grpc::GetFeedStatus(grpc::CallbackServerContext* context,
                                                     const window::v1::GetFeedStatusRequest* request,
                                                     window::v1::GetFeedStatusResponse* response) {
  return answer(context, status_seconds_, [&] { return feed_status(*request, *response); });
}

grpc::Status window_grpc::rows(const window::v1::GetRowsRequest& request, window::v1::GetRowsResponse& response) const {
  const auto view = find(request.symbol());
  if (!view) return unknown_symbol(request.symbol());
  if (request.as_of_ns() < 0) return {grpc::StatusCode::INVALID_ARGUMENT, "as_of_ns is negative"};
  const auto key = market::parse_expiry_key(request.expiry());
  if (!request.expiry().empty() && !key)
    return {grpc::StatusCode::INVALID_ARGUMENT, "expiry \"" + request.expiry() + "\" is not ROOT-YYYYMMDD"};
  const auto kept = view->until(request.as_of_ns() == 0 ? end_of_time : timestamp{request.as_of_ns()});
  if (kept.empty()) return {grpc::StatusCode::NOT_FOUND, "no window at or before as_of_ns is kept"};
  market::frozen_window w = window_history::merge(kept);
  if (key) {
    const auto epoch = view->board(w.epoch);
    const market::expiry_plane* plane = nullptr;
    if (epoch)
      for (const market::expiry_plane& p : epoch->board.planes)
        if (p.key == *key) plane = &p;
    if (plane == nullptr) return {grpc::StatusCode::NOT_FOUND, "expiry \"" + request.expiry() + "\" is not listed"};
    std::erase_if(w.rows, [&](const market::contract_row& r) {
      return r.contract < plane->first_contract || r.contract >= plane->first_contract + 2 * plane->strikes.size();
    });
  }
  wire::window_encoder encoder;
  wire::frame_info info;
  info.producer = "ws-hydrator";
  info.watermark = w.end;
  encoder.encode(w, info);
  *response.mutable_window() = encoder.message();
  return grpc::Status::OK;
}

grpc::Status window_grpc::feed_status(const window::v1::GetFeedStatusRequest& request,
                                      window::v1::GetFeedStatusResponse& response) const {
  const auto view = find(request.symbol());
  if (!view) return unknown_symbol(request.symbol());
  const symbol_view::status s = view->get_status();
  std::uint64_t refused = s.feed.bad_events;
  for (const std::uint64_t n : s.counts.refused) refused += n;
  response.set_source(s.source);
  response.set_state(s.feed.state);
  response.set_subscribed(s.feed.subscribed);
  response.set_not_subscribed(s.not_subscribed);
  response.set_events(s.counts.events);
  response.set_unknown_contracts(s.counts.unknown);
  response.set_superseded(s.counts.superseded);
  response.set_refused(refused);
  response.set_switch_pause_max_ns(s.switch_pause_max_ns);
  return grpc::Status::OK;
}

}  // namespace isobar::ws_hydrator
