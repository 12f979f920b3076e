#include "radar-physics/transport/radar_grpc.hpp"

#include <chrono>

#include "service/service_metrics.hpp"

namespace isobar::radar_physics {

using namespace radar::v1;
using unary = ::grpc::ServerUnaryReactor;
using context_t = ::grpc::CallbackServerContext;

radar_grpc::radar_grpc(const radar_stores& stores, radar_streams& streams, book_asker ask_book, int books_max,
                       telemetry::registry& registry)
    : stores_(stores),
      queries_(stores),
      streams_(streams),
      ask_book_(std::move(ask_book)),
      books_max_(books_max),
      radar_seconds_(service::query_seconds(registry, "radar-physics", "GetRadar")),
      surfaces_seconds_(service::query_seconds(registry, "radar-physics", "GetSurfaces")),
      book_seconds_(service::query_seconds(registry, "radar-physics", "GetBook")),
      features_seconds_(service::query_seconds(registry, "radar-physics", "GetFeatures")),
      breakthroughs_seconds_(service::query_seconds(registry, "radar-physics", "GetBreakthroughs")),
      levels_seconds_(service::query_seconds(registry, "radar-physics", "GetLevels")) {}

template <class Request, class Response>
unary* radar_grpc::answer(context_t* context, const Request& request, Response& response, telemetry::histogram& timed) {
  const auto start = std::chrono::steady_clock::now();
  const auto done = queries_.answer(request, response);
  timed.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  auto* reactor = context->DefaultReactor();
  if (!done) response.Clear();
  reactor->Finish(done ? ::grpc::Status::OK : to_status(done.error()));
  return reactor;
}

unary* radar_grpc::GetRadar(context_t* context, const GetRadarRequest* request, GetRadarResponse* response) {
  return answer(context, *request, *response, radar_seconds_);
}

::grpc::ServerWriteReactor<StreamRadarResponse>* radar_grpc::StreamRadar(context_t* context,
                                                                         const StreamRadarRequest* request) {
  return streams_.open(*request, context);
}

unary* radar_grpc::GetSurfaces(context_t* context, const GetSurfacesRequest* request, GetSurfacesResponse* response) {
  return answer(context, *request, *response, surfaces_seconds_);
}

query_result<radar_stores::entry> radar_grpc::admit(const GetBookRequest& request) {
  auto found = find_store(stores_, request.symbol());
  if (!found) return found;
  if (auto ok = check(request); !ok) return std::unexpected(ok.error());
  if (books_->fetch_add(1) < books_max_) return found;
  books_->fetch_sub(1);
  return fail(query_errc::resource_exhausted, "more than " + std::to_string(books_max_) + " books asked for at a time");
}

unary* radar_grpc::GetBook(context_t*, const GetBookRequest* request, GetBookResponse* response) {
  auto* reactor = new service::call_reactor;
  const auto found = admit(*request);
  if (found)
    ask_book_((*found)->first, std::make_shared<book_call>(reactor, *request, *response, books_, book_seconds_));
  else
    reactor->end(to_status(found.error()));
  return reactor;
}

unary* radar_grpc::GetFeatures(context_t* context, const GetFeaturesRequest* request, GetFeaturesResponse* response) {
  return answer(context, *request, *response, features_seconds_);
}

unary* radar_grpc::GetBreakthroughs(context_t* context, const GetBreakthroughsRequest* request,
                                    GetBreakthroughsResponse* response) {
  return answer(context, *request, *response, breakthroughs_seconds_);
}

unary* radar_grpc::GetLevels(context_t* context, const GetLevelsRequest* request, GetLevelsResponse* response) {
  return answer(context, *request, *response, levels_seconds_);
}

}  // namespace isobar::radar_physics
