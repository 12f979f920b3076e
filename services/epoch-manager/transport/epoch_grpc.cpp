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

/// Null, and why.
epoch_histories::entry find_history(const epoch_histories& histories, const std::string& text, grpc::Status& why) {
  const auto parsed = symbol::parse(text);
  if (!parsed) {
    why = {grpc::StatusCode::INVALID_ARGUMENT, "symbol: 1 to 32 printable characters without spaces"};
    return nullptr;
  }
  auto found = histories.find(*parsed);
  if (!found) why = {grpc::StatusCode::NOT_FOUND, "symbol " + text + " is not served here"};
  return found;
}

}  // namespace

epoch_grpc::epoch_grpc(const epoch_histories& histories, telemetry::registry& registry)
    : histories_(histories),
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
  grpc::Status why;
  const auto entry = find_history(histories_, request.symbol(), why);
  if (!entry) return why;
  const auto& [s, history] = *entry;
  const auto found = history->find(request.epoch_id());
  if (!found && request.epoch_id() != 0)
    return {grpc::StatusCode::NOT_FOUND, "epoch " + std::to_string(request.epoch_id()) + " of " + s.str() +
                                             " is unknown, or older than the newest " +
                                             std::to_string(epoch_history::epochs_kept)};
  if (!found) return {grpc::StatusCode::UNAVAILABLE, s.str() + " has no epoch yet"};
  const auto status = history->get_status();
  *response.mutable_epoch() = *found;
  response.set_dormant(status.dormant);
  response.set_watermark_ns(status.watermark.ns);
  return grpc::Status::OK;
}

grpc::Status epoch_grpc::list(const epoch::v1::ListEpochsRequest& request,
                              epoch::v1::ListEpochsResponse& response) const {
  grpc::Status why;
  const auto entry = find_history(histories_, request.symbol(), why);
  if (!entry) return why;
  if (request.page_size() > page_max) return {grpc::StatusCode::INVALID_ARGUMENT, "page_size: 1 to 1000"};
  const auto page = request.page_size() == 0 ? 100 : request.page_size();
  for (const auto& message : entry->second->list(page, request.before_epoch_id())) {
    auto& to = *response.add_epochs();
    to = *message;
    to.clear_geometry();
    to.clear_windows();
  }
  return grpc::Status::OK;
}

}  // namespace isobar::epoch_manager
