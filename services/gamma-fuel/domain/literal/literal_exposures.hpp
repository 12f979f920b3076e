#pragma once
#include "gamma-fuel/domain/exposures.hpp"
#include "gamma-fuel/domain/option_board.hpp"

namespace isobar::gamma_fuel::literal {

/// The earlier system's gamma surface, number for number (futures-medium 5): contracts that expire on the session's
/// date in the fixed zone UTC-5, open interest above 0, bid above 0 and ask above bid; forward = the reference on the
/// strike grid; three Newton steps; calls and puts by strike within the range, off-grid strikes to the nearest, half to
/// even (its later correction). Nothing is converted. Fills `ladder` and what `out` says of contracts and expiries.
void build_exposures(const option_board& board, timestamp t, const strike_grid& grid, strike_ladder& ladder,
                     gex_profile& out);

}  // namespace isobar::gamma_fuel::literal
