#include "chain-ingest/transport/chain_grpc.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include "service/service_metrics.hpp"
#include "wire/chain_codec.hpp"

namespace isobar::chain_ingest {
namespace {

constexpr int expiries_asked_max = 1024;

template <class Answer>
::grpc::ServerUnaryReactor* finish(::grpc::CallbackServerContext* context, telemetry::histogram seconds,
                                   Answer&& answer) {
  const auto began = std::chrono::steady_clock::now();
  auto* reactor = context->DefaultReactor();
  reactor->Finish(answer());
  seconds.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  return reactor;
}

std::string shown(const std::string& text) { return text.substr(0, 64); }

}  // namespace

chain_grpc::chain_grpc(const latest_chains& latest, telemetry::registry& registry)
    : latest_(latest),
      chain_seconds_(service::query_seconds(registry, "chain-ingest", "GetChain")),
      status_seconds_(service::query_seconds(registry, "chain-ingest", "GetSourceStatus")) {}

::grpc::ServerUnaryReactor* chain_grpc::GetChain(::grpc::CallbackServerContext* context,
                                                 const chain::v1::GetChainRequest* request,
                                                 chain::v1::GetChainResponse* response) {
  return finish(context, chain_seconds_, [&] { return chain_of(*request, *response); });
}

::grpc::ServerUnaryReactor* chain_grpc::GetSourceStatus(::grpc::CallbackServerContext* context,
                                                        const chain::v1::GetSourceStatusRequest* request,
                                                        chain::v1::GetSourceStatusResponse* response) {
  return finish(context, status_seconds_, [&] { return status_of(*request, *response); });
}

::grpc::Status chain_grpc::chain_of(const chain::v1::GetChainRequest& request,
                                    chain::v1::GetChainResponse& response) const {
  using ::grpc::StatusCode;
  const auto s = symbol::parse(request.symbol());
  if (!s) return {StatusCode::INVALID_ARGUMENT, "symbol: 1 to 32 printable characters"};
  const auto entry = latest_.find(*s);
  if (!entry) return {StatusCode::NOT_FOUND, "no such symbol here: " + request.symbol()};
  if (request.expiries_size() > expiries_asked_max) return {StatusCode::INVALID_ARGUMENT, "expiries: more than 1024"};
  std::set<market::expiry_key> wanted;
  for (const std::string& text : request.expiries()) {
    const auto key = market::parse_expiry_key(text);
    if (!key) return {StatusCode::INVALID_ARGUMENT, "expiries: not ROOT-YYYYMMDD: " + shown(text)};
    wanted.insert(*key);
  }
  const auto state = entry->second->get();
  if (!state || !state->chain) return {StatusCode::UNAVAILABLE, "no complete chain yet"};
  if (wanted.empty()) {
    wire::to_proto(*state->chain, state->header, *response.mutable_chain());
    return ::grpc::Status::OK;
  }
  market::chain_snapshot part = *state->chain;
  std::erase_if(part.expiries, [&](const auto& e) { return !wanted.contains(e.key); });
  wire::to_proto(part, state->header, *response.mutable_chain());
  return ::grpc::Status::OK;
}

::grpc::Status chain_grpc::status_of(const chain::v1::GetSourceStatusRequest& request,
                                     chain::v1::GetSourceStatusResponse& response) const {
  const auto all = latest_.all();
  const auto asked = [&](const auto& entry) {
    return request.symbol().empty() || entry->first.str() == request.symbol();
  };
  if (!request.symbol().empty() && std::ranges::none_of(all, asked)) {
    return {::grpc::StatusCode::NOT_FOUND, "no such symbol here: " + shown(request.symbol())};
  }
  for (const auto& entry : all) {
    if (!asked(entry)) continue;
    auto* out = response.add_sources();
    out->set_symbol(entry->first.str());
    const auto state = entry->second->get();
    out->set_health(std::string(to_string(state ? state->health : health::empty)));
    if (!state) continue;
    out->set_source(state->source);
    out->set_published(state->published);
    out->set_refused(state->refused);
    out->set_last_refusal(state->last_refusal);
    if (!state->chain) continue;
    out->set_last_ts_event_ns(state->chain->ts_event.ns);
    out->set_contracts(static_cast<std::uint32_t>(state->chain->contract_count()));
  }
  return ::grpc::Status::OK;
}

}  // namespace isobar::chain_ingest
