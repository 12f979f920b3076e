#include "epoch-manager/transport/epoch_grpc.hpp"

#include <chrono>

#include "service/service_metrics.hpp"

namespace isobar::epoch_manager {
namespace {

constexpr std::uint32_t page_max = 1000;

/// Runs the query and finishes the call, timing both.
template <class Query>
grpc::ServerUnaryReactor* answer(grpc::CallbackServerContext* context, telemetry::histogram seconds, Query query) {
  const auto start = std::chrono::steady_clock::now();
  auto* reactor = context->DefaultReactor();
  reactor->Finish(query());
  seconds.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return reactor;
}

grpc::Status check_symbol(const epoch_history& history, const std::string& text, symbol& out) {
  const auto parsed = symbol::parse(text);
  if (!parsed) return {grpc::StatusCode::INVALID_ARGUMENT, "symbol: 1 to 32 printable characters without spaces"};
  if (!history.knows(*parsed)) return {grpc::StatusCode::NOT_FOUND, "symbol " + text + " is not served here"};
  out = *parsed;
  return grpc::Status::OK;
}

}  // namespace

epoch_grpc::epoch_grpc(const epoch_history& history, telemetry::registry& registry)
    : history_(history),
      get_seconds_(service::query_seconds(registry, "epoch-manager", "GetEpoch")),
      list_seconds_(service::query_seconds(registry, "epoch-manager", "ListEpochs")) {}

grpc::ServerUnaryReactor* epoch_grpc::GetEpoch(grpc::CallbackServerContext* context,
                                               const epoch::v1::GetEpochRequest* request,
                                               epoch::v1::GetEpochResponse* response) {
  return answer(context, get_seconds_, [&] { return get(*request, *response); });
}

grpc::ServerUnaryReactor* epoch_grpc::ListEpochs(grpc::CallbackServerContext* context,
                                                 const epoch::v1::ListEpochsRequest* request,
                                                 epoch::v1::ListEpochsResponse* response) {
  return answer(context, list_seconds_, [&] { return list(*request, *response); });
}

grpc::Status epoch_grpc::get(const epoch::v1::GetEpochRequest& request, epoch::v1::GetEpochResponse& response) const {
  symbol s;
  if (auto status = check_symbol(history_, request.symbol(), s); !status.ok()) return status;
  const auto found = history_.find(s, request.epoch_id());
  if (!found && request.epoch_id() != 0)
    return {grpc::StatusCode::NOT_FOUND, "epoch " + std::to_string(request.epoch_id()) + " of " + s.str() +
                                             " is unknown, or older than the newest " +
                                             std::to_string(epoch_history::epochs_kept)};
  if (!found) return {grpc::StatusCode::UNAVAILABLE, s.str() + " has no epoch yet"};
  const auto status = history_.status_of(s);
  *response.mutable_epoch() = *found;
  response.set_dormant(status.dormant);
  response.set_watermark_ns(status.watermark.ns);
  return grpc::Status::OK;
}

grpc::Status epoch_grpc::list(const epoch::v1::ListEpochsRequest& request,
                              epoch::v1::ListEpochsResponse& response) const {
  symbol s;
  if (auto status = check_symbol(history_, request.symbol(), s); !status.ok()) return status;
  if (request.page_size() > page_max) return {grpc::StatusCode::INVALID_ARGUMENT, "page_size: 1 to 1000"};
  const auto page = request.page_size() == 0 ? 100 : request.page_size();
  for (const auto& message : history_.list(s, page, request.before_epoch_id())) {
    auto& to = *response.add_epochs();
    to = *message;
    to.clear_geometry();
    to.clear_windows();
  }
  return grpc::Status::OK;
}

}  // namespace isobar::epoch_manager
