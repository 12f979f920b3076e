#include <fmt/format.h>

#include "core/date.hpp"
#include "feed-ingest/actors/feeder.hpp"

namespace isobar::feed_ingest {

std::string stream_summary::text() const {
  std::string out = fmt::format("{} records of {} in {:.2f} s ({:.0f}/s)", read, words, seconds,
                                static_cast<double>(read) / std::max(seconds, 1e-9));
  if (first != start_of_time) out += ", " + to_iso(first) + " to " + to_iso(last);
  out += ":";
  for (std::size_t i = 0; i < record_kinds; ++i)
    if (counts.taken[i] > 0) out += fmt::format(" {} {}", to_string(static_cast<record_kind>(i)), counts.taken[i]);
  out += "; refused:";
  bool any = false;
  for (std::size_t i = 0; i < refusals; ++i)
    if (counts.refused[i] > 0) {
      out += fmt::format(" {} {}", to_string(static_cast<refusal>(i)), counts.refused[i]);
      any = true;
    }
  if (!any) out += " none";
  out += fmt::format("; gaps: {}", gaps);
  std::size_t listed = 0;
  for (const auto& [id, n] : unknown) {
    if (listed++ == 10) break;
    out += fmt::format("{} {} x {}", listed == 1 ? "; unknown instruments:" : ",", id, n);
  }
  if (error) out += "; broke off: " + *error;
  return out;
}

}  // namespace isobar::feed_ingest
