#pragma once
#include "gamma-fuel/transport/gamma_queries.hpp"
#include "isobar/gex/v1/gex_service.grpc.pb.h"
#include "isobar/level/v1/level_service.grpc.pb.h"
#include "service/grpc_streams.hpp"

namespace isobar::gamma_fuel {

/// Metrics of one method's streams; handles may be empty.
struct stream_meters {
  service::grpc_stream_metrics streams;
  telemetry::counter conflated;  ///< landscapes or sets of signals left out because the subscriber lagged
};

/// Every StreamGex and StreamSignals subscriber of the process: the newest, then each new one. Nothing is queued for a
/// subscriber: one that lags by more than `lag_max` is given the newest, and how many were left out.
class gamma_streams {
 public:
  static constexpr std::size_t lag_max = 40;  ///< signals: 10 s
  static constexpr std::size_t alerts_a_message = 100;

  gamma_streams(const gamma_stores& stores, service::grpc_stream_limits limits, stream_meters gex,
                stream_meters signals)
      : stores_(stores),
        gex_conflated_(gex.conflated),
        signals_conflated_(signals.conflated),
        gex_(limits, gex.streams),
        signals_(limits, signals.streams) {}

  /// A new subscriber, or one that only finishes with the error. Owned by itself until gRPC is done with it.
  ::grpc::ServerWriteReactor<gex::v1::StreamGexResponse>* open(const gex::v1::StreamGexRequest& request,
                                                               ::grpc::CallbackServerContext* call);
  ::grpc::ServerWriteReactor<level::v1::StreamSignalsResponse>* open(const level::v1::StreamSignalsRequest& request,
                                                                     ::grpc::CallbackServerContext* call);
  /// Something was given: look again. Any thread, quick.
  void wake() {
    gex_.wake();
    signals_.wake();
  }
  /// Ends every stream with UNAVAILABLE and refuses new ones; the destructor waits for clients to notice.
  void close() {
    gex_.close();
    signals_.close();
  }

 private:
  const gamma_stores& stores_;
  telemetry::counter gex_conflated_, signals_conflated_;
  service::grpc_streams<gex::v1::StreamGexResponse> gex_;
  service::grpc_streams<level::v1::StreamSignalsResponse> signals_;
};

}  // namespace isobar::gamma_fuel
