#pragma once
#include <string>

#include "isobar/gex/v1/gex.pb.h"
#include "isobar/level/v1/level_service.pb.h"

namespace isobar::cli {

/// What a landscape is drawn with.
struct landscape_options {
  gex::v1::SignModel model = gex::v1::SIGN_MODEL_CALLS_POSITIVE;
  bool colour = true;
  int width = 30;  ///< characters of the longest bar
};

/// One line a strike, highest first: calls to the right, puts to the left, the chosen model's net, marks for walls,
/// flip and price; under it totals of every sign model, readings, expiries, and what was left out.
std::string gex_picture(const gex::v1::GexProfile& profile, const landscape_options& options);
/// One line a level, nearest first: distance, signal, score, barrier, tape and fuel.
std::string signal_table(const level::v1::LevelSignals& signals);
/// Every level in force, highest first.
std::string level_table(const level::v1::LevelSet& levels);
/// Score, its terms and the first `most` strikes behind it.
std::string explanation(const level::v1::ExplainResponse& answer, int most);
std::string alert_line(const level::v1::Alert& alert);

/// "calls-positive", ...; nothing for an unknown word: SIGN_MODEL_UNSPECIFIED.
gex::v1::SignModel sign_model_of(const std::string& word);
std::string word_of(gex::v1::SignModel model);

}  // namespace isobar::cli
