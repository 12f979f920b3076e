#pragma once
#include <atomic>
#include <vector>

#include "gamma-fuel/domain/gamma_engine.hpp"
#include "gamma-fuel/domain/option_board.hpp"
#include "isobar/level/v1/level_service.pb.h"
#include "service/query_result.hpp"

namespace isobar::gamma_fuel {

/// One contract that bears on a level.
struct explained_contract {
  board_row row;
  price at;            ///< its strike as a price of the symbol
  contract_flow flow;  ///< of the fuel's window; zeros: none
};

/// Contracts within fuel.reach of the level as of the last landscape, in board order. Empty while there is none.
std::vector<explained_contract> contracts_near(const gamma_engine& engine, price level);

/// What the engine knows of a level: its last signal (without one: id, kind and price alone), the terms of its score,
/// every contract near it, largest |gamma exposure| first. NOT_FOUND: no level of that id.
service::query_result<void> explain(const gamma_engine& engine, const level::v1::ExplainRequest& request,
                                    level::v1::ExplainResponse& to);

// The parts, for tests and for those who have no engine.
inline constexpr std::size_t explained_strikes_max = 1'000;
void write_terms(const signal_config& c, const level_signal& s, level::v1::ExplainResponse& to);
void write_strikes(std::vector<explained_contract> contracts, level::v1::ExplainResponse& to);

}  // namespace isobar::gamma_fuel
