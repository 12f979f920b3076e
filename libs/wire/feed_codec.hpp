#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "market/futures_feed.hpp"
#include "wire/frame.hpp"

/// The frames of feed-ingest: columnar, one instrument each. Encoders are deterministic; decoders reuse what they fill.
namespace isobar::wire {

inline constexpr std::size_t max_events = 1u << 16;  ///< records of one feed frame

/// feed.book. Frames end where an event ends (LAST) unless the event is longer than the frame: then event_open.
struct book_frame {
  isobar::symbol symbol;
  std::uint32_t instrument_id = 0;
  price tick{0};            ///< smallest price step known so far; 0: unknown
  bool event_open = false;  ///< the last event goes on in the next frame
  std::vector<market::book_event> events;
  bool operator==(const book_frame&) const = default;
};
std::string encode_book(const book_frame& frame, const frame_info& info);
/// Replaces `into`, keeping its capacity.
result<frame_info, errc> decode_book(std::string_view bytes, book_frame& into);

/// feed.trades.
struct trade_frame {
  isobar::symbol symbol;
  std::uint32_t instrument_id = 0;
  std::vector<market::trade_event> trades;
  bool operator==(const trade_frame&) const = default;
};
std::string encode_trades(const trade_frame& frame, const frame_info& info);
result<frame_info, errc> decode_trades(std::string_view bytes, trade_frame& into);

/// feed.definition.
struct definition_frame {
  isobar::symbol symbol;
  std::vector<market::instrument> instruments;
  bool operator==(const definition_frame&) const = default;
};
std::string encode_definitions(const definition_frame& frame, const frame_info& info);
result<framed<definition_frame>, errc> decode_definitions(std::string_view bytes);

/// feed.statistics.
struct statistics_frame {
  isobar::symbol symbol;
  std::uint32_t instrument_id = 0;
  std::vector<market::statistic> statistics;
  bool operator==(const statistics_frame&) const = default;
};
std::string encode_statistics(const statistics_frame& frame, const frame_info& info);
result<framed<statistics_frame>, errc> decode_statistics(std::string_view bytes);

/// feed.status.
struct status_frame {
  isobar::symbol symbol;
  std::uint32_t instrument_id = 0;
  std::vector<market::trading_status> changes;
  bool operator==(const status_frame&) const = default;
};
std::string encode_status(const status_frame& frame, const frame_info& info);
result<framed<status_frame>, errc> decode_status(std::string_view bytes);

/// feed.resync: a consumer of feed.book asks for frames that it has missed. feed-ingest publishes them again, byte for
/// byte, on feed.refill, then a heartbeat there whose sequence is the last it sent. A first frame with a larger
/// sequence than asked for says that the ones before are kept no more.
///
/// Frames of other subjects whose producer keeps them (service::kept_frames) are asked for in the same way, by the name
/// of the subject; they come again there, a bounded number at a time.
enum class refill_purpose : std::uint8_t {
  want,     ///< frames from from_sequence on are wanted
  release,  ///< frames before from_sequence will not be asked for again
  kept,     ///< a producer's answer: frames before from_sequence are kept no more
};
struct refill_request {
  isobar::symbol symbol;
  std::string requester;  ///< service name
  std::uint64_t from_sequence = 1;
  std::string subject = {};  ///< whole name; empty: feed.book
  refill_purpose purpose = refill_purpose::want;
  bool operator==(const refill_request&) const = default;
};
std::string encode_refill_request(const refill_request& request);
result<refill_request, errc> decode_refill_request(std::string_view bytes);

}  // namespace isobar::wire
