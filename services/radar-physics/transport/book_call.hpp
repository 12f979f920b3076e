#pragma once
#include "isobar/radar/v1/radar_service.grpc.pb.h"
#include "market/order_book.hpp"
#include "market/window.hpp"
#include "radar-physics/transport/radar_queries.hpp"
#include "service/worker_call.hpp"

namespace isobar::radar_physics {

/// A GetBook that waits for its worker: the book belongs to the worker, which answers between two records of the feed.
using book_call = service::worker_call<radar::v1::GetBookRequest, radar::v1::GetBookResponse>;

query_result<void> check(const radar::v1::GetBookRequest& request);

/// Best levels of both sides, with their orders in queue order when asked for. UNAVAILABLE while it is being rebuilt.
query_result<void> write_book(const market::order_book& book, const symbol& name, timestamp last_event,
                              const radar::v1::GetBookRequest& request, radar::v1::GetBookResponse& to);

}  // namespace isobar::radar_physics
