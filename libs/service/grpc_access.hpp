#pragma once
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string_view>

#include "service/grpc_server.hpp"
#include "service/grpc_tokens.hpp"
#include "telemetry/metrics.hpp"

namespace isobar::service {

/// True for "/isobar.level.v1.LevelService/GetLevels" and every other method that changes nothing, by the first word of
/// its name: Get, List, Stream, Explain, Color. What is not known to be a query is not one.
bool is_query(std::string_view path);
/// The health service, which probes ask without a token.
bool is_health(std::string_view path);

/// What the server shows and asks for on its port: plain text, TLS or mutual TLS, with or without tokens. Certificates
/// are read again when their files change. Errors name the option.
result<std::shared_ptr<::grpc::ServerCredentials>> make_credentials(const grpc_server_options& options,
                                                                    std::shared_ptr<grpc_tokens> tokens,
                                                                    telemetry::registry* metrics);

}  // namespace isobar::service
