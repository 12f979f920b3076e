#include "decomposer/transport/model_grpc.hpp"

#include <chrono>

#include "service/service_metrics.hpp"

namespace isobar::decomposer {

model_grpc::model_grpc(const inputs_by_symbol& inputs, telemetry::registry& registry)
    : inputs_(inputs), seconds_(service::query_seconds(registry, "decomposer", "GetLastInput")) {}

grpc::ServerUnaryReactor* model_grpc::GetLastInput(grpc::CallbackServerContext* context,
                                                   const model::v1::GetLastInputRequest* request,
                                                   model::v1::GetLastInputResponse* response) {
  const auto start = std::chrono::steady_clock::now();
  auto* reactor = context->DefaultReactor();
  reactor->Finish(get(*request, *response));
  seconds_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return reactor;
}

grpc::Status model_grpc::get(const model::v1::GetLastInputRequest& request,
                             model::v1::GetLastInputResponse& response) const {
  const auto s = symbol::parse(request.symbol());
  if (!s) return {grpc::StatusCode::INVALID_ARGUMENT, "symbol: 1 to 32 printable characters without spaces"};
  const auto inputs = inputs_.find(*s);
  if (!inputs) return {grpc::StatusCode::NOT_FOUND, "symbol " + s->str() + " is not served here"};
  const auto model = find_model(request.model());
  if (!model) return {grpc::StatusCode::NOT_FOUND, "model is not heatmap, gex, volume_profile or flow"};
  const auto frame = inputs->second->find(*model);
  if (!frame) return {grpc::StatusCode::UNAVAILABLE, "nothing sent yet to " + request.model() + " of " + s->str()};
  const auto* field = response.GetDescriptor()->FindFieldByName(request.model());
  if (!field || !response.GetReflection()->MutableMessage(&response, field)->ParseFromString(*frame))
    return {grpc::StatusCode::INTERNAL, "the last frame of " + request.model() + " does not parse"};
  return grpc::Status::OK;
}

}  // namespace isobar::decomposer
