#include "feed-ingest/domain/record.hpp"

namespace isobar::feed_ingest {

std::string_view to_string(record_kind kind) {
  constexpr std::array<std::string_view, record_kinds> names{
      "mbo",        "trades",     "mbp-1",  "mbp-10",         "cmbp-1", "bbo",
      "definition", "statistics", "status", "symbol_mapping", "system", "other"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(refusal why) {
  constexpr std::array<std::string_view, refusals> names{"none",
                                                         "unused_schema",
                                                         "not_a_trade",
                                                         "repeated_trade",
                                                         "other_instrument",
                                                         "unknown_instrument",
                                                         "bad_action",
                                                         "bad_side",
                                                         "bad_time",
                                                         "bad_value",
                                                         "cancelled",
                                                         "expired",
                                                         "too_many_options",
                                                         "gateway_error",
                                                         "unknown_type"};
  return names[static_cast<std::size_t>(why)];
}

}  // namespace isobar::feed_ingest
