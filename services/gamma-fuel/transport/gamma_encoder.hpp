#pragma once
#include <string>

#include "gamma-fuel/domain/outputs.hpp"
#include "isobar/gex/v1/gex.pb.h"
#include "isobar/level/v1/signal.pb.h"
#include "service/publisher.hpp"
#include "wire/frame.hpp"

namespace isobar::gamma_fuel {

/// Outputs of the domain as frames of gex.surface, gex.profile, level.set, level.signals and level.alert. Same outputs,
/// same bytes. Keeps its messages from call to call; one per worker. Headers are `info` with the record count set.
class gamma_encoder {
 public:
  gamma_encoder(const symbol& name, const symbol& option_symbol, const gamma_config& rules);
  /// Quality of everything that comes of a synthetic feed is at least synthetic.
  void set_source(market::quality source) { source_ = source; }

  std::string surface(const gex_profile& p, const gex_input& radar, wire::frame_info info);
  /// Expiries without their strikes.
  std::string profile(const gex_profile& p, wire::frame_info info);
  std::string levels(const level_set_input& set, const input_quality& by_input, wire::frame_info info);
  std::string signals(const level_signals& s, wire::frame_info info);
  std::string alert(const gamma_fuel::alert& a, wire::frame_info info);

  /// Expiries by strike of the profile, for gamma_store::expiries: a GexProfile with nothing else.
  std::string expiries(const gex_profile& p);

  /// Headers' times, watermark (the window's end, the instant) and how far the content can be trusted.
  service::frame_extent extent(const gex_profile& p) const;
  /// `inputs`: of the landscape that it was made with.
  service::frame_extent extent(const level_set_input& set, const input_quality& by_input) const;
  service::frame_extent extent(const level_signals& s) const;
  service::frame_extent extent(const gamma_fuel::alert& a) const;

 private:
  void write_models(const gex_profile& p);

  isobar::symbol name_;
  std::string option_symbol_;
  std::string assumptions_, assumptions_words_;
  std::int64_t multiplier_, step_;
  double scale_;
  market::quality source_ = market::quality::ok;
  gex::v1::GexProfile profile_, expiries_;
  level::v1::LevelSignals signals_;
  level::v1::Alert alert_;
};

/// One level's signal as message (also for Explain).
void write(const level_signal& from, level::v1::LevelSignal& to);
/// isobar.gex.v1.SignModel of a model, and back; nothing for UNSPECIFIED and unknown numbers.
gex::v1::SignModel to_proto(sign_model m);
std::optional<sign_model> from_proto(gex::v1::SignModel m);

}  // namespace isobar::gamma_fuel
