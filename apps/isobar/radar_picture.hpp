#pragma once
#include <string>

#include "isobar/radar/v1/radar_service.pb.h"

namespace isobar::cli {

/// How the radar matrix is drawn.
struct picture_options {
  bool colour = true;     ///< 24-bit terminal colours; otherwise the level as a digit, '~' where the medium is hollow
  bool relative = false;  ///< every column around its own spot; otherwise one price per line and the spot moves
  bool stateful = false;  ///< solidity (Z) instead of the window's own resistance
};

/// The matrix, highest price first, oldest column left: red is resistance, blue is cavitation (seed colours), both
/// scaled by the gate's emphasis; 'o' marks the spot. Under it what the newest column says of itself. Columns oldest
/// first.
std::string radar_picture(const radar::v1::GetRadarResponse& answer, const picture_options& options);

/// "valid", or why not: "partial, crossed, held anchor".
std::string validity_of(const radar::v1::Window& window);

}  // namespace isobar::cli
