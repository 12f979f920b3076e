#pragma once
#include <memory>

#include "core/error.hpp"
#include "heatmap-builder/config.hpp"
#include "heatmap-builder/transport/surface_store.hpp"
#include "isobar/heatmap/v1/heatmap_service.pb.h"
#include "service/query_result.hpp"

namespace isobar::heatmap_builder {

/// Why a query has no answer; translated to a gRPC status at the edge. The evidence names the field.
enum class query_errc {
  invalid_argument,
  not_found,            ///< unknown symbol, expiry, strike, width, or as_of before the history kept
  failed_precondition,  ///< another epoch than asked for, or a page token of a window no longer kept
  unavailable,          ///< nothing built yet
};
template <class T>
using query_result = result<T, query_errc>;

/// Symbols of the process and their stores.
using surface_stores = service::stores_by_symbol<surface_store>;

inline constexpr std::uint32_t page_size_max = 20'000;

/// Planes a request names, all when it names none; ascending.
query_result<std::vector<std::size_t>> select_planes(const board& b,
                                                     const google::protobuf::RepeatedPtrField<std::string>& expiries);
/// The names alone, before a board is known.
query_result<void> check_expiries(const google::protobuf::RepeatedPtrField<std::string>& expiries);
query_result<std::shared_ptr<surface_store>> find_store(const surface_stores& stores, const std::string& symbol_text);

/// Unary queries, answered from immutable snapshots. Thread-safe; no clock.
class surface_queries {
 public:
  surface_queries(const surface_stores& stores, const options& configured);

  query_result<void> answer(const heatmap::v1::GetSurfaceRequest& request, heatmap::v1::GetSurfaceResponse& to) const;
  query_result<void> answer(const heatmap::v1::GetTileRequest& request, heatmap::v1::GetTileResponse& to) const;
  query_result<void> answer(const heatmap::v1::ExplainTileRequest& request, heatmap::v1::ExplainTileResponse& to) const;
  const std::string& assumptions() const { return assumptions_; }

 private:
  struct picked {
    std::shared_ptr<const surface_snapshot> snapshot;
    bool resyncing = false;
  };
  query_result<picked> pick(const std::string& symbol_text, std::int64_t as_of_ns) const;
  query_result<void> add_pages(const heatmap::v1::GetSurfaceRequest& request, const picked& from,
                               const std::vector<std::size_t>& planes, heatmap::v1::GetSurfaceResponse& to) const;

  const surface_stores& stores_;
  duration_ns stale_after_;
  theory_options theory_;
  std::string assumptions_;
};

}  // namespace isobar::heatmap_builder
