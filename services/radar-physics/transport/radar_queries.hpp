#pragma once
#include <grpcpp/support/status.h>

#include <map>
#include <memory>

#include "core/error.hpp"
#include "core/symbol.hpp"
#include "isobar/radar/v1/radar_service.pb.h"
#include "radar-physics/transport/radar_store.hpp"

namespace isobar::radar_physics {

/// Why a query has no answer; the evidence begins with the field's name.
enum class query_errc {
  invalid_argument,
  not_found,           ///< unknown symbol, or as_of before the history kept
  unavailable,         ///< nothing built yet, or the book is being rebuilt
  resource_exhausted,  ///< too many at a time
};
template <class T>
using query_result = result<T, query_errc>;
/// The one place where a query's error becomes a gRPC status.
::grpc::Status to_status(const failure<query_errc>& f);

/// Symbols of the process; fixed after start.
using radar_stores = std::map<symbol, std::shared_ptr<radar_store>>;
/// The symbol itself, or the only one of the product named.
query_result<radar_stores::const_iterator> find_store(const radar_stores& stores, const std::string& text);

/// Frames of one answer, bytes: gRPC's clients take 4 MiB unless told otherwise, names and headers included.
inline constexpr std::size_t answer_bytes_max = 3u << 20;
/// The newest that fit into so many bytes; at least one. True: some were left out.
bool fit(std::vector<kept_frame>& frames, std::size_t bytes_max = answer_bytes_max);

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
