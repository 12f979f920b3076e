#pragma once
#include <string_view>

#include "core/error.hpp"

namespace isobar::chain_ingest {

/// Why a chain is not published; the last good one stands. to_string gives the metric label.
enum class refusal {
  malformed,           ///< the format's own parser refused it
  conflicting_rows,    ///< one contract twice with different values
  empty,               ///< nothing left after unknown roots and expired contracts
  out_of_order,        ///< not newer than the chain before it
  missing_page,        ///< a page did not come, or the list of expiries is not whole
  repeated_page,       ///< a page or contract came twice, or next_url led in a circle
  short_page,          ///< a page that has a successor was not full
  not_monotone,        ///< strikes descend within an expiry
  unasked,             ///< contracts outside the question
  unanswered,          ///< an expiry that was asked for has no contract
  vanished,            ///< contracts of the chain before are missing, on the same day and inside the window
  window_not_covered,  ///< strikes do not reach both ends of the wanted range
  too_large,           ///< more pages or contracts than the bound
};
std::string_view to_string(refusal r);

template <class T>
using outcome = isobar::result<T, refusal>;

}  // namespace isobar::chain_ingest
