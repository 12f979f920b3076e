#include "radar-physics/transport/radar_queries.hpp"

#include "radar-physics/domain/features.hpp"

namespace isobar::radar_physics {
namespace {

using namespace radar::v1;

std::unexpected<failure<query_errc>> invalid(std::string evidence) {
  return fail(query_errc::invalid_argument, std::move(evidence));
}

std::unexpected<failure<query_errc>> nothing_yet(const std::string& symbol_text) {
  return fail(query_errc::unavailable, "symbol: nothing built yet for " + symbol_text);
}

query_result<void> check_as_of(std::int64_t ns) {
  if (ns < 0) return invalid("as_of_ns: negative");
  return {};
}

query_result<void> check_count(const char* field, std::uint32_t n, std::uint32_t most) {
  if (n > most) return invalid(std::string(field) + ": above " + std::to_string(most));
  return {};
}

template <class Message>
void parse(const std::string& bytes, Message& to) {
  [[maybe_unused]] const bool ours = to.ParseFromString(bytes);
}

}  // namespace

std::shared_ptr<const std::string> latest_radar(const radar_store& store, std::size_t bytes_max) {
  constexpr std::size_t fields = 32;  // watermark and quality
  auto frames = store.columns.until(end_of_time, store.limits().columns);
  if (frames.empty()) return nullptr;
  fit(frames, bytes_max > fields ? bytes_max - fields : 0);
  GetRadarResponse to;
  for (const kept_frame& f : frames) parse(*f.bytes, *to.add_columns());
  to.set_watermark_ns(store.watermark().ns);
  to.set_quality(static_cast<common::v1::Quality>(store.quality()));
  auto value = std::make_shared<const std::string>(to.SerializeAsString());
  return value->size() <= bytes_max ? value : nullptr;
}

query_result<void> radar_queries::answer(const GetRadarRequest& request, GetRadarResponse& to) const {
  const auto found = find_store(stores_, request.symbol());
  if (!found) return std::unexpected(found.error());
  if (auto ok = check_as_of(request.as_of_ns()); !ok) return ok;
  if (auto ok = check_count("columns", request.columns(), columns_max); !ok) return ok;
  const radar_store& store = *(*found)->second;
  const std::size_t wanted = request.columns() == 0 ? store.limits().columns : request.columns();
  const auto frames = service::pick(store.columns, request.as_of_ns(), wanted, request.symbol());
  if (!frames) return std::unexpected(frames.error());
  for (const kept_frame& f : *frames) parse(*f.bytes, *to.add_columns());
  const bool newest = frames->back().ordinal == store.columns.newest_ordinal();
  to.set_watermark_ns(store.watermark().ns);
  to.set_quality(newest ? static_cast<common::v1::Quality>(store.quality())
                        : to.columns(to.columns_size() - 1).header().quality());
  return {};
}

query_result<void> radar_queries::answer(const GetSurfacesRequest& request, GetSurfacesResponse& to) const {
  const auto found = find_store(stores_, request.symbol());
  if (!found) return std::unexpected(found.error());
  if (auto ok = check_as_of(request.as_of_ns()); !ok) return ok;
  const auto frames = service::pick((*found)->second->surfaces, request.as_of_ns(), 1, request.symbol());
  if (!frames) return std::unexpected(frames.error());
  parse(*frames->front().bytes, *to.mutable_surface());
  return {};
}

query_result<void> radar_queries::answer(const GetFeaturesRequest& request, GetFeaturesResponse& to) const {
  const auto found = find_store(stores_, request.symbol());
  if (!found) return std::unexpected(found.error());
  if (auto ok = check_as_of(request.as_of_ns()); !ok) return ok;
  if (auto ok = check_count("windows", request.windows(), columns_max); !ok) return ok;
  const std::size_t wanted = request.windows() == 0 ? 1 : request.windows();
  const auto frames = service::pick((*found)->second->features, request.as_of_ns(), wanted, request.symbol());
  if (!frames) return std::unexpected(frames.error());
  for (const std::string& name : feature_names()) to.add_names(name);
  for (const kept_frame& f : *frames) parse(*f.bytes, *to.add_vectors());
  return {};
}

query_result<void> radar_queries::answer(const GetBreakthroughsRequest& request, GetBreakthroughsResponse& to) const {
  const auto found = find_store(stores_, request.symbol());
  if (!found) return std::unexpected(found.error());
  if (auto ok = check_count("limit", request.limit(), breakthroughs_max); !ok) return ok;
  const radar_store& store = *(*found)->second;
  if (store.columns.size() == 0) return nothing_yet(request.symbol());
  auto frames = store.breakthroughs.after(0, request.limit() == 0 ? 100 : request.limit());
  fit(frames);
  for (auto f = frames.rbegin(); f != frames.rend(); ++f) parse(*f->bytes, *to.add_breakthroughs());
  to.set_total(store.breakthroughs_total());
  return {};
}

query_result<void> radar_queries::answer(const GetLevelsRequest& request, GetLevelsResponse& to) const {
  const auto found = find_store(stores_, request.symbol());
  if (!found) return std::unexpected(found.error());
  const auto newest = (*found)->second->levels.newest();
  if (!newest) return fail(query_errc::unavailable, "symbol: no levels are watched yet for " + request.symbol());
  parse(*newest, *to.mutable_levels());
  return {};
}

}  // namespace isobar::radar_physics
