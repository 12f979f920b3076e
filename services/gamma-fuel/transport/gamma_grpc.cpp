#include "gamma-fuel/transport/gamma_grpc.hpp"

#include <chrono>

#include "gamma-fuel/transport/user_levels.hpp"
#include "service/service_metrics.hpp"

namespace isobar::gamma_fuel {
namespace {

using unary = ::grpc::ServerUnaryReactor;
using context_t = ::grpc::CallbackServerContext;
using namespace gex::v1;
using namespace level::v1;

telemetry::histogram seconds_of(telemetry::registry& registry, const char* method) {
  return service::query_seconds(registry, "gamma-fuel", method);
}

template <class Request, class Response>
unary* answer(const gamma_queries& queries, context_t* context, const Request& request, Response& response,
              telemetry::histogram& timed) {
  const auto start = std::chrono::steady_clock::now();
  const auto done = queries.answer(request, response);
  timed.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  auto* reactor = context->DefaultReactor();
  if (!done) response.Clear();
  reactor->Finish(done ? ::grpc::Status::OK : to_status(done.error()));
  return reactor;
}

}  // namespace

gex_grpc::gex_grpc(const gamma_stores& stores, gamma_streams& streams, telemetry::registry& registry)
    : queries_(stores), streams_(streams), gex_seconds_(seconds_of(registry, "GetGex")) {}

unary* gex_grpc::GetGex(context_t* context, const GetGexRequest* request, GetGexResponse* response) {
  return answer(queries_, context, *request, *response, gex_seconds_);
}

::grpc::ServerWriteReactor<StreamGexResponse>* gex_grpc::StreamGex(context_t* context,
                                                                   const StreamGexRequest* request) {
  return streams_.open(*request, context);
}

level_grpc::level_grpc(const gamma_stores& stores, gamma_streams& streams, worker_askers ask, price_steps steps,
                       int calls_max, telemetry::registry& registry)
    : stores_(stores),
      queries_(stores),
      streams_(streams),
      ask_(std::move(ask)),
      steps_(std::move(steps)),
      calls_max_(calls_max),
      levels_seconds_(seconds_of(registry, "GetLevels")),
      add_seconds_(seconds_of(registry, "AddUserLevel")),
      remove_seconds_(seconds_of(registry, "RemoveUserLevel")),
      explain_seconds_(seconds_of(registry, "Explain")),
      alerts_seconds_(seconds_of(registry, "GetAlerts")),
      schema_seconds_(seconds_of(registry, "GetFeatureSchema")) {}

template <class Request, class Response, class Check>
unary* level_grpc::hand_over(
    const Request& request, Response& response, Check check, telemetry::histogram timed,
    const std::function<void(const symbol&, std::shared_ptr<service::worker_call<Request, Response>>)>& ask) {
  auto* reactor = new service::call_reactor;
  const auto admitted = [&]() -> query_result<symbol> {
    const auto found = service::find_store<gamma_store>(stores_, request.symbol());
    if (!found) return std::unexpected(found.error());
    const symbol& name = (*found)->first;
    if (query_result<void> ok = check(name); !ok) return std::unexpected(ok.error());
    if (calls_->fetch_add(1) < calls_max_) return name;
    calls_->fetch_sub(1);
    return fail(query_errc::resource_exhausted, "more than " + std::to_string(calls_max_) + " calls wait for workers");
  }();
  if (admitted)
    ask(*admitted,
        std::make_shared<service::worker_call<Request, Response>>(reactor, request, response, calls_, timed));
  else
    reactor->end(to_status(admitted.error()));
  return reactor;
}

unary* level_grpc::GetLevels(context_t* context, const GetLevelsRequest* request, GetLevelsResponse* response) {
  return answer(queries_, context, *request, *response, levels_seconds_);
}

unary* level_grpc::AddUserLevel(context_t*, const AddUserLevelRequest* request, AddUserLevelResponse* response) {
  const auto check = [&](const symbol& name) -> query_result<void> {
    const auto step = steps_.find(name);
    const auto level = user_level_of(*request, step == steps_.end() ? price(1) : step->second);
    if (!level) return std::unexpected(level.error());
    return {};
  };
  return hand_over(*request, *response, check, add_seconds_, ask_.add_level);
}

unary* level_grpc::RemoveUserLevel(context_t*, const RemoveUserLevelRequest* request,
                                   RemoveUserLevelResponse* response) {
  const auto check = [&](const symbol&) { return check_level_id("id", request->id()); };
  return hand_over(*request, *response, check, remove_seconds_, ask_.remove_level);
}

::grpc::ServerWriteReactor<StreamSignalsResponse>* level_grpc::StreamSignals(context_t* context,
                                                                             const StreamSignalsRequest* request) {
  return streams_.open(*request, context);
}

unary* level_grpc::Explain(context_t*, const ExplainRequest* request, ExplainResponse* response) {
  const auto check = [&](const symbol&) { return check_level_id("level_id", request->level_id()); };
  return hand_over(*request, *response, check, explain_seconds_, ask_.explain);
}

unary* level_grpc::GetAlerts(context_t* context, const GetAlertsRequest* request, GetAlertsResponse* response) {
  return answer(queries_, context, *request, *response, alerts_seconds_);
}

unary* level_grpc::GetFeatureSchema(context_t* context, const GetFeatureSchemaRequest* request,
                                    GetFeatureSchemaResponse* response) {
  return answer(queries_, context, *request, *response, schema_seconds_);
}

}  // namespace isobar::gamma_fuel
