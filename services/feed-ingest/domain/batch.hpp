#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "feed-ingest/domain/option_desk.hpp"
#include "feed-ingest/domain/record.hpp"
#include "market/option_feed.hpp"

namespace isobar::feed_ingest {

/// A place where the feed is known to be incomplete.
struct gap {
  timestamp ts_event;    ///< first record after it
  std::string kind;      ///< "maybe_bad_book", "backwards", "sequence_reset", "corrupt", "late_mapping"
  std::string evidence;  ///< input record, or the two numbers
  bool operator==(const gap&) const = default;
};

/// Records of one instrument that leave together: at most one frame of each subject. What the batches of a run hold,
/// end to end, does not depend on where they are cut.
struct batch {
  std::uint64_t ordinal = 0;  ///< of the symbol's batches, from 1
  std::uint64_t records = 0;  ///< of the whole input when it was cut
  std::uint32_t instrument_id = 0;
  price tick{0};
  bool event_open = false;  ///< the last event goes on in the next batch
  std::vector<market::book_event> events;
  std::vector<market::trade_event> trades;
  std::vector<market::top_quote> quotes;
  std::vector<option_segment> options;  ///< a frame each
  std::vector<market::instrument> definitions;
  std::vector<market::statistic> statistics;
  std::vector<market::trading_status> changes;
  timestamp paced_until = start_of_time;  ///< input time that must have come before it leaves; start_of_time: at once
  timestamp watermark = start_of_time;    ///< nothing older follows
  timestamp ts_last = start_of_time;      ///< event time of the last record that is no snapshot
  // The symbol's state after it, for queries and metrics.
  record_counts counts;
  oddities odd;
  std::uint64_t quotes_made = 0;  ///< rows so far
  option_counts option_totals;
  std::vector<gap> gaps;  ///< new ones

  /// Records of the input that it carries as they came; quotes are made of them.
  std::size_t size() const {
    return events.size() + trades.size() + definitions.size() + statistics.size() + changes.size();
  }
  /// Nothing for any subject: it only tells of time, counts and gaps.
  bool empty() const { return size() == 0 && quotes.empty() && options.empty(); }
};

}  // namespace isobar::feed_ingest
