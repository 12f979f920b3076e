#include "gamma-fuel/transport/gamma_streams.hpp"

namespace isobar::gamma_fuel {
namespace {

using gex::v1::StreamGexRequest;
using gex::v1::StreamGexResponse;
using level::v1::StreamSignalsRequest;
using level::v1::StreamSignalsResponse;
using service::frame_history;
using service::kept_frame;

constexpr std::uint32_t heartbeat_ms_min = 100, heartbeat_ms_max = 60'000, heartbeat_ms_default = 1000;

/// Where one subscriber is in a history.
class follower {
 public:
  follower(const frame_history& history, telemetry::counter conflated) : history_(history), conflated_(conflated) {}

  /// The frame that follows what was sent: the newest for a subscriber that holds nothing or lags too far.
  std::optional<kept_frame> next(std::uint32_t& left_out) {
    auto frames = history_.after(sent_, gamma_streams::lag_max + 1);
    if (frames.empty()) return std::nullopt;
    const bool near = sent_ != 0 && frames.front().ordinal == sent_ + 1 && frames.size() <= gamma_streams::lag_max;
    const kept_frame& f = near ? frames.front() : frames.back();
    left_out = sent_ == 0 ? 0 : static_cast<std::uint32_t>(f.ordinal - sent_ - 1);
    conflated_.add(left_out);
    sent_ = f.ordinal;
    return f;
  }
  bool more() const { return history_.newest_ordinal() > sent_; }
  void restart() { sent_ = 0; }

 private:
  const frame_history& history_;
  telemetry::counter conflated_;
  std::uint64_t sent_ = 0;  ///< header.sequence of the newest frame sent
};

class gex_source final : public service::stream_source<StreamGexResponse> {
 public:
  gex_source(std::shared_ptr<gamma_store> store, gex::v1::SignModel model, telemetry::counter conflated)
      : store_(std::move(store)), model_(model), life_(store_->life()), at_(store_->profiles, conflated) {}

  bool fill(StreamGexResponse& to, bool due) override {
    // A worker that began anew numbers its frames anew: the subscriber holds nothing of them.
    if (const std::uint64_t life = store_->life(); std::exchange(life_, life) != life) at_.restart();
    const timestamp until = store_->profiles_until();
    std::uint32_t left_out = 0;
    const auto frame = at_.next(left_out);
    if (!frame && !due) return false;
    if (frame) {
      (void)to.mutable_profile()->ParseFromString(*frame->bytes);
      keep_model(model_, *to.mutable_profile());
      to.set_conflated(left_out);
    }
    // What is still to come must not be said to be over.
    to.set_watermark_ns(at_.more() && frame ? frame->last_end.ns : until.ns);
    return true;
  }

 private:
  std::shared_ptr<gamma_store> store_;
  gex::v1::SignModel model_;
  std::uint64_t life_;
  follower at_;
};

class signals_source final : public service::stream_source<StreamSignalsResponse> {
 public:
  signals_source(std::shared_ptr<gamma_store> store, telemetry::counter conflated)
      : store_(std::move(store)),
        life_(store_->life()),
        at_(store_->signals, conflated),
        alert_(store_->alerts.newest_ordinal()) {}

  bool fill(StreamSignalsResponse& to, bool due) override {
    if (const std::uint64_t life = store_->life(); std::exchange(life_, life) != life) {
      at_.restart();
      alert_ = 0;
    }
    const timestamp until = store_->signals_until();
    std::uint32_t left_out = 0;
    const auto frame = at_.next(left_out);
    const bool alerts = store_->alerts.newest_ordinal() > alert_;
    if (!frame && !alerts && !due) return false;
    if (frame) {
      (void)to.mutable_signals()->ParseFromString(*frame->bytes);
      to.set_conflated(left_out);
    }
    if (alerts) add_alerts(to);
    to.set_watermark_ns(at_.more() && frame ? frame->last_end.ns : until.ns);
    return true;
  }

 private:
  void add_alerts(StreamSignalsResponse& to) {
    auto frames = store_->alerts.after(alert_, alerts_max);
    frames.resize(std::min(frames.size(), gamma_streams::alerts_a_message));  // the rest with the next message
    for (const kept_frame& f : frames) {
      (void)to.add_alerts()->ParseFromString(*f.bytes);
      alert_ = f.ordinal;
    }
  }

  std::shared_ptr<gamma_store> store_;
  std::uint64_t life_;
  follower at_;
  std::uint64_t alert_;  ///< newest one sent, or there before
};

/// The store that a stream asks for, or why there is no stream.
query_result<std::shared_ptr<gamma_store>> admit(const gamma_stores& stores, const std::string& symbol_text,
                                                 std::uint32_t heartbeat_ms) {
  if (heartbeat_ms != 0 && (heartbeat_ms < heartbeat_ms_min || heartbeat_ms > heartbeat_ms_max))
    return fail(query_errc::invalid_argument, "heartbeat_ms: not between 100 and 60000");
  const auto found = service::find_store<gamma_store>(stores, symbol_text);
  if (!found) return std::unexpected(found.error());
  if ((*found)->second->empty()) return fail(query_errc::unavailable, "symbol: nothing built yet for " + symbol_text);
  return (*found)->second;
}

std::chrono::milliseconds heartbeat_of(std::uint32_t asked) {
  return std::chrono::milliseconds(asked == 0 ? heartbeat_ms_default : asked);
}

}  // namespace

::grpc::ServerWriteReactor<StreamGexResponse>* gamma_streams::open(const StreamGexRequest& request,
                                                                   ::grpc::CallbackServerContext* call) {
  if (const auto ok = check(request.model()); !ok) return gex_.refuse(to_status(ok.error()));
  const auto store = admit(stores_, request.symbol(), request.heartbeat_ms());
  if (!store) return gex_.refuse(to_status(store.error()));
  return gex_.open(std::make_unique<gex_source>(*store, request.model(), gex_conflated_),
                   heartbeat_of(request.heartbeat_ms()), call);
}

::grpc::ServerWriteReactor<StreamSignalsResponse>* gamma_streams::open(const StreamSignalsRequest& request,
                                                                       ::grpc::CallbackServerContext* call) {
  const auto store = admit(stores_, request.symbol(), request.heartbeat_ms());
  if (!store) return signals_.refuse(to_status(store.error()));
  return signals_.open(std::make_unique<signals_source>(*store, signals_conflated_),
                       heartbeat_of(request.heartbeat_ms()), call);
}

}  // namespace isobar::gamma_fuel
