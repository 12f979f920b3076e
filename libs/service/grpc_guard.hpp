#pragma once
#include <grpcpp/support/server_interceptor.h>

#include <memory>

#include "service/grpc_server.hpp"
#include "service/grpc_tokens.hpp"
#include "telemetry/metrics.hpp"

namespace isobar::service {

/// Bounds what clients may ask of every isobar method, whatever its service does: calls a second (RESOURCE_EXHAUSTED)
/// and the time of a unary call (DEADLINE_EXCEEDED). Counted in isobar_grpc_refused_total. A client is its token's
/// name, the common name of its certificate, or its address. Nullptr where the options bound nothing.
///
/// gRPC's server interceptors cannot keep a call from its handler (grpc/grpc#24017): a refused one gets there with an
/// empty request, which changes nothing, and its client gets the refusal whatever the handler says.
std::unique_ptr<::grpc::experimental::ServerInterceptorFactoryInterface> make_guard(const grpc_server_options& options,
                                                                                    std::shared_ptr<grpc_tokens> tokens,
                                                                                    telemetry::registry* metrics);

}  // namespace isobar::service
