#pragma once
#include <functional>

#include "gamma-fuel/transport/gamma_streams.hpp"
#include "service/worker_call.hpp"
#include "telemetry/metrics.hpp"

namespace isobar::gamma_fuel {

using add_level_call = service::worker_call<level::v1::AddUserLevelRequest, level::v1::AddUserLevelResponse>;
using remove_level_call = service::worker_call<level::v1::RemoveUserLevelRequest, level::v1::RemoveUserLevelResponse>;
using explain_call = service::worker_call<level::v1::ExplainRequest, level::v1::ExplainResponse>;

/// Hand a call to the worker of a symbol, which finishes it (user_levels.hpp, explanation.hpp).
struct worker_askers {
  std::function<void(const symbol&, std::shared_ptr<add_level_call>)> add_level;
  std::function<void(const symbol&, std::shared_ptr<remove_level_call>)> remove_level;
  std::function<void(const symbol&, std::shared_ptr<explain_call>)> explain;
};

/// Price steps of the symbols: what a user's level must be a multiple of.
using price_steps = std::map<symbol, price>;

/// isobar.gex.v1.GexService. What it is given outlives it.
class gex_grpc final : public gex::v1::GexService::CallbackService {
 public:
  gex_grpc(const gamma_stores& stores, gamma_streams& streams, telemetry::registry& registry);

  ::grpc::ServerUnaryReactor* GetGex(::grpc::CallbackServerContext* context, const gex::v1::GetGexRequest* request,
                                     gex::v1::GetGexResponse* response) override;
  ::grpc::ServerWriteReactor<gex::v1::StreamGexResponse>* StreamGex(::grpc::CallbackServerContext* context,
                                                                    const gex::v1::StreamGexRequest* request) override;

 private:
  gamma_queries queries_;
  gamma_streams& streams_;
  telemetry::histogram gex_seconds_;
};

/// isobar.level.v1.LevelService: times queries, translates errors, hands streams and the worker's calls over. At most
/// `calls_max` calls wait for workers; those beyond are RESOURCE_EXHAUSTED. What it is given outlives it.
class level_grpc final : public level::v1::LevelService::CallbackService {
 public:
  level_grpc(const gamma_stores& stores, gamma_streams& streams, worker_askers ask, price_steps steps, int calls_max,
             telemetry::registry& registry);

  ::grpc::ServerUnaryReactor* GetLevels(::grpc::CallbackServerContext* context,
                                        const level::v1::GetLevelsRequest* request,
                                        level::v1::GetLevelsResponse* response) override;
  ::grpc::ServerUnaryReactor* AddUserLevel(::grpc::CallbackServerContext* context,
                                           const level::v1::AddUserLevelRequest* request,
                                           level::v1::AddUserLevelResponse* response) override;
  ::grpc::ServerUnaryReactor* RemoveUserLevel(::grpc::CallbackServerContext* context,
                                              const level::v1::RemoveUserLevelRequest* request,
                                              level::v1::RemoveUserLevelResponse* response) override;
  ::grpc::ServerWriteReactor<level::v1::StreamSignalsResponse>* StreamSignals(
      ::grpc::CallbackServerContext* context, const level::v1::StreamSignalsRequest* request) override;
  ::grpc::ServerUnaryReactor* Explain(::grpc::CallbackServerContext* context, const level::v1::ExplainRequest* request,
                                      level::v1::ExplainResponse* response) override;
  ::grpc::ServerUnaryReactor* GetAlerts(::grpc::CallbackServerContext* context,
                                        const level::v1::GetAlertsRequest* request,
                                        level::v1::GetAlertsResponse* response) override;
  ::grpc::ServerUnaryReactor* GetFeatureSchema(::grpc::CallbackServerContext* context,
                                               const level::v1::GetFeatureSchemaRequest* request,
                                               level::v1::GetFeatureSchemaResponse* response) override;

 private:
  template <class Request, class Response, class Check>
  ::grpc::ServerUnaryReactor* hand_over(
      const Request& request, Response& response, Check check, telemetry::histogram timed,
      const std::function<void(const symbol&, std::shared_ptr<service::worker_call<Request, Response>>)>& ask);

  const gamma_stores& stores_;
  gamma_queries queries_;
  gamma_streams& streams_;
  worker_askers ask_;
  const price_steps steps_;
  const int calls_max_;
  std::shared_ptr<std::atomic<int>> calls_ = std::make_shared<std::atomic<int>>(0);
  telemetry::histogram levels_seconds_, add_seconds_, remove_seconds_, explain_seconds_, alerts_seconds_,
      schema_seconds_;
};

}  // namespace isobar::gamma_fuel
