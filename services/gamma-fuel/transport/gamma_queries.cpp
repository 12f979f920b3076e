#include "gamma-fuel/transport/gamma_queries.hpp"

#include <algorithm>

#include "gamma-fuel/transport/expiry_share.hpp"
#include "gamma-fuel/transport/features_json.hpp"
#include "market/option.hpp"

namespace isobar::gamma_fuel {
namespace {

using service::find_store;

std::unexpected<failure<query_errc>> invalid(std::string evidence) {
  return fail(query_errc::invalid_argument, std::move(evidence));
}

std::unexpected<failure<query_errc>> nothing_yet(const std::string& what, const std::string& symbol_text) {
  return fail(query_errc::unavailable, "symbol: " + what + " built yet for " + symbol_text);
}

template <class Message>
void parse(const std::string& bytes, Message& to) {
  [[maybe_unused]] const bool ours = to.ParseFromString(bytes);
}

}  // namespace

query_result<void> check(gex::v1::SignModel model) {
  if (!gex::v1::SignModel_IsValid(model)) return invalid("model: " + std::to_string(model) + " is not a sign model");
  return {};
}

void keep_model(gex::v1::SignModel model, gex::v1::GexProfile& p) {
  if (model == gex::v1::SIGN_MODEL_UNSPECIFIED) return;
  auto& models = *p.mutable_models();
  for (int i = models.size() - 1; i >= 0; --i)
    if (models[i].model() != model) models.DeleteSubrange(i, 1);
}

query_result<void> gamma_queries::answer(const gex::v1::GetGexRequest& request, gex::v1::GetGexResponse& to) const {
  const auto found = find_store<gamma_store>(stores_, request.symbol());
  if (!found) return std::unexpected(found.error());
  if (request.as_of_ns() < 0) return invalid("as_of_ns: negative");
  if (auto ok = check(request.model()); !ok) return ok;
  const auto wanted = market::parse_expiry_key(request.expiry());
  if (!request.expiry().empty() && !wanted)
    return invalid("expiry: \"" + request.expiry().substr(0, 64) + "\" is not like SPXW-20251219");
  const gamma_store& store = *(*found)->second;
  const auto frames = service::pick(store.profiles, request.as_of_ns(), 1, request.symbol());
  if (!frames) return std::unexpected(frames.error());
  gex::v1::GexProfile& profile = *to.mutable_profile();
  parse(*frames->back().bytes, profile);
  if (wanted) {
    const auto detail = store.expiries.at(frames->back().last_end);
    if (auto ok = keep_expiry(*wanted, detail ? detail->bytes.get() : nullptr, profile); !ok) return ok;
  }
  keep_model(request.model(), profile);
  return {};
}

query_result<void> gamma_queries::answer(const level::v1::GetLevelsRequest& request,
                                         level::v1::GetLevelsResponse& to) const {
  const auto found = find_store<gamma_store>(stores_, request.symbol());
  if (!found) return std::unexpected(found.error());
  const gamma_store& store = *(*found)->second;
  const auto levels = store.levels.newest();
  if (!levels) return nothing_yet("no levels are", request.symbol());
  parse(*levels, *to.mutable_levels());
  if (const auto signals = store.signals.newest()) parse(*signals, *to.mutable_signals());
  return {};
}

query_result<void> gamma_queries::answer(const level::v1::GetAlertsRequest& request,
                                         level::v1::GetAlertsResponse& to) const {
  const auto found = find_store<gamma_store>(stores_, request.symbol());
  if (!found) return std::unexpected(found.error());
  if (request.limit() > alerts_max) return invalid("limit: above " + std::to_string(alerts_max));
  const gamma_store& store = *(*found)->second;
  if (store.empty()) return nothing_yet("nothing", request.symbol());
  auto frames = store.alerts.after(0, request.limit() == 0 ? alerts_default : request.limit());
  service::fit(frames);
  for (auto f = frames.rbegin(); f != frames.rend(); ++f) parse(*f->bytes, *to.add_alerts());
  return {};
}

query_result<void> gamma_queries::answer(const level::v1::GetFeatureSchemaRequest&,
                                         level::v1::GetFeatureSchemaResponse& to) const {
  write_feature_schema(to);
  return {};
}

std::shared_ptr<const std::string> latest_gex(const gamma_store& store, std::size_t bytes_max) {
  auto newest = store.profiles.newest();
  return newest && newest->size() <= bytes_max ? newest : nullptr;
}

}  // namespace isobar::gamma_fuel
