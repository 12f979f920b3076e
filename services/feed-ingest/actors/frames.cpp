#include "feed-ingest/actors/frames.hpp"

#include "wire/feed_codec.hpp"
#include "wire/option_feed_codec.hpp"

namespace isobar::feed_ingest {
namespace {

template <class Records>
service::frame_extent extent(const Records& records, timestamp watermark) {
  if (records.empty()) return {.watermark = watermark};
  return {.ts_first = records.front().ts_event,
          .ts_last = records.back().ts_event,
          .record_count = static_cast<std::uint32_t>(records.size()),
          .watermark = watermark};
}

}  // namespace

std::size_t frames_of(const batch& b, channel c) {
  switch (c) {
    case channel::definition:
      return b.definitions.empty() ? 0 : 1;
    case channel::status:
      return b.changes.empty() ? 0 : 1;
    case channel::statistics:
      return b.statistics.empty() ? 0 : 1;
    case channel::trades:
      return b.trades.empty() ? 0 : 1;
    case channel::quotes:
      return b.quotes.empty() ? 0 : 1;
    case channel::options:
      return b.options.size();
    case channel::book:
      return b.events.empty() ? 0 : 1;
  }
  return 0;
}

service::frame_extent extent_of(const batch& b, channel c, std::size_t at) {
  switch (c) {
    case channel::definition:
      return extent(b.definitions, b.watermark);
    case channel::status:
      return extent(b.changes, b.watermark);
    case channel::statistics:
      return extent(b.statistics, b.watermark);
    case channel::trades:
      return extent(b.trades, b.watermark);
    case channel::quotes:
      return extent(b.quotes, b.watermark);
    case channel::options:
      return extent(b.options[at].events, b.watermark);
    case channel::book:
      return extent(b.events, b.watermark);
  }
  return {};
}

std::string encode(const batch& b, channel c, std::size_t at, const symbol& s, const wire::frame_info& info) {
  switch (c) {
    case channel::definition:
      return wire::encode_definitions({s, b.definitions}, info);
    case channel::status:
      return wire::encode_status({s, b.instrument_id, b.changes}, info);
    case channel::statistics:
      return wire::encode_statistics({s, b.instrument_id, b.statistics}, info);
    case channel::trades:
      return wire::encode_trades({s, b.instrument_id, b.trades}, info);
    case channel::quotes:
      return wire::encode_quotes({s, b.instrument_id, b.quotes}, info);
    case channel::options:
      return wire::encode_options(
          {s, b.options[at].base, b.options[at].continues, b.options[at].contracts, b.options[at].events}, info);
    case channel::book:
      return wire::encode_book({s, b.instrument_id, b.tick, b.event_open, b.events}, info);
  }
  return {};
}

}  // namespace isobar::feed_ingest
