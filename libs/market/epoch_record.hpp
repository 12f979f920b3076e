#pragma once
#include <string>
#include <vector>

#include "market/window.hpp"

namespace isobar::market {

/// The strike window that one plane's ladder was cut from.
struct ladder_window {
  strike anchor;            ///< strike it is centred on
  strike_width half_range;  ///< zero: everything listed
  bool operator==(const ladder_window&) const = default;
};

/// An epoch as it travels and is kept.
struct epoch_record {
  market::epoch epoch;
  std::vector<std::string> missing_acks;  ///< participants that had not acknowledged at the time limit
  std::vector<ladder_window> windows;     ///< one per plane, or none
  bool operator==(const epoch_record&) const = default;
};

}  // namespace isobar::market
