#include "chain-ingest/domain/refusal.hpp"

namespace isobar::chain_ingest {

std::string_view to_string(refusal r) {
  switch (r) {
    case refusal::malformed:
      return "malformed";
    case refusal::conflicting_rows:
      return "conflicting_rows";
    case refusal::empty:
      return "empty";
    case refusal::out_of_order:
      return "out_of_order";
    case refusal::missing_page:
      return "missing_page";
    case refusal::repeated_page:
      return "repeated_page";
    case refusal::short_page:
      return "short_page";
    case refusal::not_monotone:
      return "not_monotone";
    case refusal::unasked:
      return "unasked";
    case refusal::unanswered:
      return "unanswered";
    case refusal::vanished:
      return "vanished";
    case refusal::window_not_covered:
      return "window_not_covered";
    case refusal::too_large:
      return "too_large";
  }
  return "unknown";
}

}  // namespace isobar::chain_ingest
