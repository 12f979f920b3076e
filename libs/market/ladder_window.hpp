#pragma once
#include "core/types.hpp"

namespace isobar::market {

/// The strike window that one plane's ladder was cut from.
struct ladder_window {
  strike anchor;            ///< strike it is centred on
  strike_width half_range;  ///< zero: everything listed
  bool operator==(const ladder_window&) const = default;
};

}  // namespace isobar::market
