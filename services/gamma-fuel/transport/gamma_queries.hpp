#pragma once
#include "gamma-fuel/transport/gamma_store.hpp"
#include "isobar/gex/v1/gex_service.pb.h"
#include "isobar/level/v1/level_service.pb.h"
#include "service/query_result.hpp"

namespace isobar::gamma_fuel {

using service::query_errc;
using service::query_result;
using service::to_status;

/// Symbols of the process; fixed after start.
using gamma_stores = service::stores_by_symbol<gamma_store>;

inline constexpr std::uint32_t alerts_max = 1'000, alerts_default = 100;

/// Leaves one sign model of a landscape. UNSPECIFIED: all; an unknown number is refused.
query_result<void> check(gex::v1::SignModel model);
void keep_model(gex::v1::SignModel model, gex::v1::GexProfile& p);

/// Queries answered from the stores. Thread-safe; no clock.
class gamma_queries {
 public:
  explicit gamma_queries(const gamma_stores& stores) : stores_(stores) {}

  query_result<void> answer(const gex::v1::GetGexRequest& request, gex::v1::GetGexResponse& to) const;
  query_result<void> answer(const level::v1::GetLevelsRequest& request, level::v1::GetLevelsResponse& to) const;
  query_result<void> answer(const level::v1::GetAlertsRequest& request, level::v1::GetAlertsResponse& to) const;
  query_result<void> answer(const level::v1::GetFeatureSchemaRequest& request,
                            level::v1::GetFeatureSchemaResponse& to) const;

 private:
  const gamma_stores& stores_;
};

/// The newest landscape: value of the key-value bucket "gex", a GexProfile. Null: none yet, or it does not fit.
std::shared_ptr<const std::string> latest_gex(const gamma_store& store, std::size_t bytes_max);

}  // namespace isobar::gamma_fuel
