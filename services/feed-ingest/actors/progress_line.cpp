#include "feed-ingest/actors/progress_line.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "core/date.hpp"

namespace isobar::feed_ingest {

std::string progress_line::text(std::uint64_t records, double rate, timestamp event_time, source_progress read,
                                double seconds) {
  std::string out = fmt::format("{} records  {:.0f}/s", records, rate);
  if (event_time != start_of_time && event_time != end_of_time) out += "  " + to_iso(event_time);
  if (read.bytes == 0) return out;
  const double share = std::min(1.0, static_cast<double>(read.bytes_read) / static_cast<double>(read.bytes));
  out += fmt::format("  {:.1f} %", share * 100);
  if (share > 0 && share < 1) out += fmt::format("  {:.0f} s left", seconds * (1 - share) / share);
  return out;
}

void progress_line::show(std::uint64_t records, timestamp event_time, source_progress read, bool last) {
  if (!on_) return;
  const auto now = clock::now();
  const double since = std::chrono::duration<double>(now - shown_).count();
  if (since < 1 && !last) return;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const double rate = last ? static_cast<double>(records) / std::max(seconds, 1e-9)
                           : static_cast<double>(records - records_shown_) / std::max(since, 1e-9);
  std::fprintf(stderr, "feed-ingest  %s\n", text(records, rate, event_time, read, seconds).c_str());
  shown_ = now;
  records_shown_ = records;
}

}  // namespace isobar::feed_ingest
