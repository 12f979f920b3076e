#include "feed-ingest/transport/feed_grpc.hpp"

#include <chrono>

#include "market/contracts_meant.hpp"
#include "service/service_metrics.hpp"
#include "wire/feed_reference.hpp"

namespace isobar::feed_ingest {
namespace {

template <class Answer>
::grpc::ServerUnaryReactor* finish(::grpc::CallbackServerContext* context, telemetry::histogram seconds,
                                   Answer&& answer) {
  const auto began = std::chrono::steady_clock::now();
  auto* reactor = context->DefaultReactor();
  reactor->Finish(answer());
  seconds.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  return reactor;
}

/// The symbol itself, or the only one of the product named, into `name`.
::grpc::Status find(const feed_board& board, const std::string& word, std::string& name) {
  const auto meant = market::contracts_meant(word, board.symbols());
  if (meant.empty()) return {::grpc::StatusCode::NOT_FOUND, "no such symbol here: " + word.substr(0, 64)};
  if (meant.size() == 1) {
    name = meant.front();
    return ::grpc::Status::OK;
  }
  std::string all;
  for (const auto& s : meant) all += (all.empty() ? "" : ", ") + s;
  return {::grpc::StatusCode::NOT_FOUND, "symbol: " + word + " is more than one contract here: " + all};
}

void write_counts(const record_counts& from, feed::v1::FeedStatus& to) {
  for (std::size_t i = 0; i < record_kinds; ++i) {
    if (from.taken[i] == 0) continue;
    auto* count = to.add_records();
    count->set_kind(std::string(to_string(static_cast<record_kind>(i))));
    count->set_count(from.taken[i]);
  }
  for (std::size_t i = 0; i < refusals; ++i) {
    if (from.refused[i] == 0) continue;
    auto* count = to.add_records();
    count->set_refused(std::string(to_string(static_cast<refusal>(i))));
    count->set_count(from.refused[i]);
  }
}

void write_state(const std::string& symbol, const feed_state& from, feed::v1::FeedStatus& to) {
  to.set_symbol(symbol);
  to.set_source(from.source);
  wire::to_proto(from.instrument, *to.mutable_instrument());
  to.set_quality(static_cast<common::v1::Quality>(from.quality));
  to.set_ts_last_ns(from.ts_last.ns);
  to.set_watermark_ns(from.watermark.ns);
  to.set_book_sequence(from.book_sequence);
  to.set_oldest_kept_sequence(from.oldest_kept);
  write_counts(from.counts, to);
  to.set_gaps(from.gaps);
  to.set_quotes(from.quotes);
  to.set_options_listed(from.options.listed);
  to.set_option_quotes(from.options.quotes);
  to.set_option_trades(from.options.trades);
  if (from.any_status) wire::to_proto(from.status, *to.mutable_status());
  if (from.open_interest != INT64_MAX) to.set_open_interest_lots(from.open_interest);
}

}  // namespace

feed_grpc::feed_grpc(std::shared_ptr<const feed_board> board, telemetry::registry& registry)
    : board_(std::move(board)),
      status_seconds_(service::query_seconds(registry, "feed-ingest", "GetFeedStatus")),
      gaps_seconds_(service::query_seconds(registry, "feed-ingest", "GetGaps")) {}

::grpc::ServerUnaryReactor* feed_grpc::GetFeedStatus(::grpc::CallbackServerContext* context,
                                                     const feed::v1::GetFeedStatusRequest* request,
                                                     feed::v1::GetFeedStatusResponse* response) {
  return finish(context, status_seconds_, [&] { return status_of(request->symbol(), *response); });
}

::grpc::ServerUnaryReactor* feed_grpc::GetGaps(::grpc::CallbackServerContext* context,
                                               const feed::v1::GetGapsRequest* request,
                                               feed::v1::GetGapsResponse* response) {
  return finish(context, gaps_seconds_, [&] { return gaps_of(request->symbol(), *response); });
}

::grpc::Status feed_grpc::status_of(const std::string& symbol, feed::v1::GetFeedStatusResponse& response) const {
  if (!symbol.empty()) {
    std::string name;
    if (auto found = find(*board_, symbol, name); !found.ok()) return found;
    if (const auto state = board_->get(name)) write_state(name, *state, *response.add_feeds());
    return ::grpc::Status::OK;
  }
  for (const auto& s : board_->symbols())
    if (const auto state = board_->get(s)) write_state(s, *state, *response.add_feeds());
  return ::grpc::Status::OK;
}

::grpc::Status feed_grpc::gaps_of(const std::string& symbol, feed::v1::GetGapsResponse& response) const {
  std::string name;
  if (auto found = find(*board_, symbol, name); !found.ok()) return found;
  for (const auto& g : board_->gaps(name)) {
    auto* out = response.add_gaps();
    out->set_ts_event_ns(g.ts_event.ns);
    out->set_kind(g.kind);
    out->set_evidence(g.evidence);
  }
  return ::grpc::Status::OK;
}

}  // namespace isobar::feed_ingest
