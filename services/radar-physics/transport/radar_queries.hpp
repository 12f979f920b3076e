#pragma once
#include "isobar/radar/v1/radar_service.pb.h"
#include "radar-physics/transport/radar_store.hpp"
#include "service/query_result.hpp"

namespace isobar::radar_physics {

using service::fit;
using service::query_errc;
using service::query_result;
using service::to_status;

/// Symbols of the process.
using radar_stores = service::stores_by_symbol<radar_store>;
inline query_result<radar_stores::entry> find_store(const radar_stores& stores, const std::string& text) {
  return service::find_store<radar_store>(stores, text);
}

inline constexpr std::uint32_t columns_max = 3'600, breakthroughs_max = 1'000, depth_max = 1'000, orders_max = 10'000;

/// Queries answered from the stores. Thread-safe; no clock.
class radar_queries {
 public:
  explicit radar_queries(const radar_stores& stores) : stores_(stores) {}

  query_result<void> answer(const radar::v1::GetRadarRequest& request, radar::v1::GetRadarResponse& to) const;
  query_result<void> answer(const radar::v1::GetSurfacesRequest& request, radar::v1::GetSurfacesResponse& to) const;
  query_result<void> answer(const radar::v1::GetFeaturesRequest& request, radar::v1::GetFeaturesResponse& to) const;
  query_result<void> answer(const radar::v1::GetBreakthroughsRequest& request,
                            radar::v1::GetBreakthroughsResponse& to) const;
  query_result<void> answer(const radar::v1::GetLevelsRequest& request, radar::v1::GetLevelsResponse& to) const;

 private:
  const radar_stores& stores_;
};

/// The newest columns with what is known of them, as many as fit: value of the key-value bucket "radar", a
/// GetRadarResponse. Null: nothing built yet, or not even one column fits.
std::shared_ptr<const std::string> latest_radar(const radar_store& store, std::size_t bytes_max);

}  // namespace isobar::radar_physics
