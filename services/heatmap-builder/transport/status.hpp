#pragma once
#include <grpcpp/support/status.h>

#include "heatmap-builder/transport/queries.hpp"

namespace isobar::heatmap_builder {

/// The one place where a query's error becomes a gRPC status.
inline ::grpc::Status to_status(const failure<query_errc>& f) {
  switch (f.code) {
    case query_errc::invalid_argument:
      return {::grpc::StatusCode::INVALID_ARGUMENT, f.evidence};
    case query_errc::not_found:
      return {::grpc::StatusCode::NOT_FOUND, f.evidence};
    case query_errc::failed_precondition:
      return {::grpc::StatusCode::FAILED_PRECONDITION, f.evidence};
    case query_errc::unavailable:
      return {::grpc::StatusCode::UNAVAILABLE, f.evidence};
  }
  return {::grpc::StatusCode::INTERNAL, f.evidence};
}

}  // namespace isobar::heatmap_builder
