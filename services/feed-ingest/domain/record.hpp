#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "market/futures_feed.hpp"
#include "market/option_feed.hpp"

namespace isobar::feed_ingest {

/// What a record of the input is, in the vendor's words.
enum class record_kind : std::uint8_t {
  mbo,
  trades,
  mbp_1,  ///< tbbo too: the records are the same
  mbp_10,
  cmbp_1,  ///< tcbbo too
  bbo,     ///< by interval: bbo-1s, bbo-1m, cbbo
  definition,
  statistics,
  status,
  symbol_mapping,
  system,
  other,
};
inline constexpr std::size_t record_kinds = 12;
/// "mbo", "mbp-1", ...
std::string_view to_string(record_kind kind);

/// Why a record was not taken.
enum class refusal : std::uint8_t {
  none,
  unused_schema,       ///< bars, imbalances: nothing that the frames carry
  not_a_trade,         ///< by-price record that tells of a quote, where another schema does
  repeated_trade,      ///< trade of a second schema: the first that told of a trade of the instrument counts
  other_instrument,    ///< mapped, but not one that this process works on
  unknown_instrument,  ///< no mapping and no definition names it
  bad_action,
  bad_side,
  bad_time,  ///< no event time, one outside 64-bit nanoseconds, or one over a day after its capture
  bad_value,
  cancelled,         ///< trade that the source says was cancelled or corrected
  expired,           ///< of an option that has settled or was withdrawn
  too_many_options,  ///< more contracts than the bound
  gateway_error,     ///< the vendor's gateway reported an error
  unknown_type,      ///< record type of a later format: skipped by the reader
};
inline constexpr std::size_t refusals = 15;
/// "unused_schema", ...
std::string_view to_string(refusal why);

/// One record of the input. Sources fill and reuse it: only what `kind` names is meaningful.
struct input_record {
  record_kind kind = record_kind::other;
  refusal refused = refusal::none;  ///< the source could not read it
  bool is_trade = false;            ///< `trade` is set
  bool is_quote = false;            ///< `quote` is set
  bool quote_ends = false;          ///< it ends an event, or stands for itself
  bool marker = false;              ///< no record: nothing older than `delivered` follows
  std::uint32_t instrument_id = 0;
  timestamp delivered;            ///< when the capture had it (ts_recv); start_of_time: unsaid
  timestamp event_time;           ///< ts_event; start_of_time: unsaid, or that of a snapshot, which is history
  std::string_view name;          ///< raw symbol said beside the record (CSV), valid as long as it; empty: none
  market::book_event event;       ///< mbo
  market::trade_event trade;      ///< any kind with is_trade
  market::top_quote quote;        ///< by-price kinds with is_quote
  market::instrument instrument;  ///< definition; symbol_mapping: id and raw_symbol
  char exercise_style = 0;        ///< definition of an option: 'A', 'E'; 0: unsaid
  market::statistic statistic;
  market::trading_status status;
};

/// Records by kind and by reason of refusal; their sum is what was read.
struct record_counts {
  std::array<std::uint64_t, record_kinds> taken{};
  std::array<std::uint64_t, refusals> refused{};
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const auto n : taken) sum += n;
    for (const auto n : refused) sum += n;
    return sum;
  }
  record_counts& operator+=(const record_counts& o) {
    for (std::size_t i = 0; i < record_kinds; ++i) taken[i] += o.taken[i];
    for (std::size_t i = 0; i < refusals; ++i) refused[i] += o.refused[i];
    return *this;
  }
  bool operator==(const record_counts&) const = default;
};

/// Records that were taken and are unusual.
struct oddities {
  std::uint64_t maybe_bad_book = 0;    ///< the vendor met a gap that it could not repair
  std::uint64_t bad_ts_recv = 0;       ///< the capture's clock was wrong
  std::uint64_t snapshot = 0;          ///< said by a replay of the book's state
  std::uint64_t backwards = 0;         ///< event time before the record before
  std::uint64_t sequence_jumps = 0;    ///< the venue's number grew by more than one (other instruments share it)
  std::uint64_t sequence_resets = 0;   ///< the venue's number fell
  std::uint64_t off_tick = 0;          ///< price that is no multiple of the tick
  std::uint64_t undefined_prices = 0;  ///< add, modify or trade without price
  bool operator==(const oddities&) const = default;
};

}  // namespace isobar::feed_ingest
