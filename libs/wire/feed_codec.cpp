#include "wire/feed_codec.hpp"

#include "isobar/feed/v1/feed.pb.h"
#include "wire/feed_columns.hpp"

namespace isobar::wire {
namespace {

using columns::counted;
using columns::differences;
using columns::open_frame;
using columns::sized;
using columns::write_times;
using feed::v1::BookEvents;
using market::book_event;
using market::no_price;
using market::trade_event;

// A record is at most 62 bytes of its columns: anything longer than this has too many, and is refused unparsed.
constexpr columns::frame_bounds feed_bounds{.bytes = 8u << 20, .records = max_events};

constexpr unsigned side_factor = 8;
constexpr auto last_action = static_cast<unsigned>(market::book_action::none);
constexpr auto last_side = static_cast<unsigned>(market::book_side::none);

std::int64_t unit_of(const book_frame& frame) {
  const auto tick = frame.tick.value;
  if (tick <= 1) return 1;
  for (const auto& e : frame.events)
    if (e.price.value % tick != 0 && e.price != no_price) return 1;
  return tick;
}

void write_book_prices(const book_frame& frame, std::int64_t unit, BookEvents& to) {
  auto* delta = sized(to.mutable_price_delta(), frame.events.size());
  differences price_units;
  std::uint32_t unpriced_before = 0;
  for (std::size_t i = 0; i < frame.events.size(); ++i) {
    const auto p = frame.events[i].price;
    if (p == no_price) {
      to.add_unpriced_delta(static_cast<std::uint32_t>(i) - unpriced_before);
      unpriced_before = static_cast<std::uint32_t>(i);
    } else {
      delta[i] = price_units.next(static_cast<std::uint64_t>(p.value / unit));
    }
  }
}

void write_book_columns(const std::vector<book_event>& events, BookEvents& to) {
  const auto n = events.size();
  auto* action_side = sized(to.mutable_action_side(), n);
  auto* flags = sized(to.mutable_flags(), n);
  auto* lots = sized(to.mutable_size_lots(), n);
  auto* order = sized(to.mutable_order_id_delta(), n);
  auto* sequence = sized(to.mutable_sequence_delta(), n);
  differences order_id, venue_sequence;
  unsigned channels = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto& e = events[i];
    action_side[i] = static_cast<unsigned>(e.action) + side_factor * static_cast<unsigned>(e.side);
    flags[i] = e.flags;
    lots[i] = e.size;
    order[i] = order_id.next(static_cast<std::uint64_t>(e.order));
    sequence[i] = venue_sequence.next(e.sequence);
    channels |= e.channel;
  }
  if (channels == 0) return;
  auto* channel = sized(to.mutable_channel(), n);
  for (std::size_t i = 0; i < n; ++i) channel[i] = events[i].channel;
}

/// Marks the unpriced records with no_price; every other price must be overwritten by the caller.
result<void, errc> read_unpriced(const BookEvents& from, std::vector<book_event>& events) {
  for (auto& e : events) e.price = price(0);
  if (static_cast<std::size_t>(from.unpriced_delta_size()) > events.size())
    return fail(errc::too_many, "BookEvents.unpriced_delta: " + std::to_string(from.unpriced_delta_size()) + " values");
  std::uint64_t index = 0;
  for (int i = 0; i < from.unpriced_delta_size(); ++i) {
    if (!advance_index(from.unpriced_delta(i), i == 0, index, events.size()))
      return fail(errc::bad_order, at("BookEvents.unpriced_delta", static_cast<std::size_t>(i)));
    events[index].price = no_price;
  }
  return {};
}

result<void, errc> read_book_prices(const BookEvents& from, std::vector<book_event>& events) {
  if (auto ok = read_unpriced(from, events); !ok) return ok;
  const auto unit = from.price_unit_nanos();
  if (unit <= 0) return fail(errc::bad_unit, "BookEvents.price_unit_nanos " + std::to_string(unit));
  const auto* delta = from.price_delta().data();
  std::uint64_t units = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].price == no_price) {
      if (delta[i] != 0) return fail(errc::bad_value, at("BookEvents.price_delta", i) + " of a record without price");
      continue;
    }
    units += static_cast<std::uint64_t>(delta[i]);
    // no_price has its own column: saying it here would be a second way for the same thing.
    if (!columns::from_units(static_cast<std::int64_t>(units), unit, events[i].price) || events[i].price == no_price)
      return fail(errc::overflow, at("BookEvents.price_delta", i));
  }
  return {};
}

result<void, errc> read_book_columns(const BookEvents& from, std::vector<book_event>& events) {
  const auto* time_delta = from.ts_event_delta_ns().data();
  const auto* action_side = from.action_side().data();
  const auto* flags = from.flags().data();
  const auto* lots = from.size_lots().data();
  const auto* order_delta = from.order_id_delta().data();
  const auto* sequence_delta = from.sequence_delta().data();
  const auto* channel = from.channel().empty() ? nullptr : from.channel().data();
  std::int64_t time = 0;
  std::uint64_t order = 0;
  std::uint32_t sequence = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto& e = events[i];
    if (__builtin_add_overflow(time, time_delta[i], &time))
      return fail(errc::overflow, at("BookEvents.ts_event_delta_ns", i));
    if (!columns::advance_counter(sequence_delta[i], sequence))
      return fail(errc::overflow, at("BookEvents.sequence_delta", i));
    const auto action = action_side[i] % side_factor, side = action_side[i] / side_factor;
    if (action > last_action || side > last_side)
      return fail(errc::bad_value, at("BookEvents.action_side", i) + " " + std::to_string(action_side[i]));
    if (flags[i] > UINT8_MAX) return fail(errc::bad_value, at("BookEvents.flags", i) + " " + std::to_string(flags[i]));
    if (channel != nullptr && channel[i] > UINT8_MAX)
      return fail(errc::bad_value, at("BookEvents.channel", i) + " " + std::to_string(channel[i]));
    order += static_cast<std::uint64_t>(order_delta[i]);
    e.ts_event = {time};
    e.order = market::order_id{order};
    e.size = lots[i];
    e.sequence = sequence;
    e.action = static_cast<market::book_action>(action);
    e.side = static_cast<market::book_side>(side);
    e.flags = static_cast<std::uint8_t>(flags[i]);
    e.channel = channel == nullptr ? std::uint8_t{0} : static_cast<std::uint8_t>(channel[i]);
  }
  return {};
}

result<void, errc> check_book_columns(const BookEvents& from, std::size_t n) {
  failure<errc> error{};
  const bool whole = columns::long_enough(from.action_side(), "BookEvents.action_side", n, error) &&
                     columns::long_enough(from.flags(), "BookEvents.flags", n, error) &&
                     columns::long_enough(from.price_delta(), "BookEvents.price_delta", n, error) &&
                     columns::long_enough(from.size_lots(), "BookEvents.size_lots", n, error) &&
                     columns::long_enough(from.order_id_delta(), "BookEvents.order_id_delta", n, error) &&
                     columns::long_enough(from.sequence_delta(), "BookEvents.sequence_delta", n, error) &&
                     (from.channel().empty() || columns::long_enough(from.channel(), "BookEvents.channel", n, error));
  if (!whole) return std::unexpected(std::move(error));
  return {};
}

/// The greatest common divisor, 1 when a price is none or at the end of 64 bits.
std::int64_t unit_of(const std::vector<trade_event>& trades) {
  unit_finder finder;
  for (const auto& t : trades) {
    if (t.price == no_price || t.price.value == INT64_MIN) return 1;
    finder.add(t.price);
  }
  return finder.unit();
}

result<void, errc> check_trade_columns(const feed::v1::Trades& from, std::size_t n) {
  failure<errc> error{};
  const bool whole = columns::long_enough(from.price_delta(), "Trades.price_delta", n, error) &&
                     columns::long_enough(from.size_lots(), "Trades.size_lots", n, error) &&
                     columns::long_enough(from.aggressor(), "Trades.aggressor", n, error) &&
                     columns::long_enough(from.flags(), "Trades.flags", n, error) &&
                     columns::long_enough(from.sequence_delta(), "Trades.sequence_delta", n, error);
  if (!whole) return std::unexpected(std::move(error));
  return {};
}

result<void, errc> read_trade_columns(const feed::v1::Trades& from, std::vector<trade_event>& trades) {
  const auto unit = from.price_unit_nanos();
  if (unit <= 0) return fail(errc::bad_unit, "Trades.price_unit_nanos " + std::to_string(unit));
  std::int64_t time = 0;
  std::uint64_t units = 0;
  std::uint32_t sequence = 0;
  for (std::size_t i = 0; i < trades.size(); ++i) {
    const auto row = static_cast<int>(i);
    auto& t = trades[i];
    if (__builtin_add_overflow(time, from.ts_event_delta_ns(row), &time))
      return fail(errc::overflow, at("Trades.ts_event_delta_ns", i));
    units += static_cast<std::uint64_t>(from.price_delta(row));
    if (!columns::from_units(static_cast<std::int64_t>(units), unit, t.price))
      return fail(errc::overflow, at("Trades.price_delta", i));
    if (!columns::advance_counter(from.sequence_delta(row), sequence))
      return fail(errc::overflow, at("Trades.sequence_delta", i));
    if (from.aggressor(row) > last_side) return fail(errc::bad_value, at("Trades.aggressor", i));
    if (from.flags(row) > UINT8_MAX) return fail(errc::bad_value, at("Trades.flags", i));
    t.ts_event = {time};
    t.size = from.size_lots(row);
    t.sequence = sequence;
    t.aggressor = static_cast<market::book_side>(from.aggressor(row));
    t.flags = static_cast<std::uint8_t>(from.flags(row));
  }
  return {};
}

}  // namespace

std::string encode_book(const book_frame& frame, const frame_info& info) {
  BookEvents message;
  const auto unit = unit_of(frame);
  write_header(counted(info, frame.events.size()), *message.mutable_header());
  message.set_symbol(frame.symbol.str());
  message.set_instrument_id(frame.instrument_id);
  message.set_tick_nanos(frame.tick.value);
  message.set_event_open(frame.event_open);
  message.set_price_unit_nanos(unit);
  write_times(frame.events, sized(message.mutable_ts_event_delta_ns(), frame.events.size()));
  write_book_prices(frame, unit, message);
  write_book_columns(frame.events, message);
  return serialize(message);
}

result<frame_info, errc> decode_book(std::string_view bytes, book_frame& into) {
  BookEvents message;
  auto header = open_frame(bytes, message, feed_bounds, [](const auto& m) { return m.ts_event_delta_ns_size(); });
  if (!header) return header;
  into.events.clear();
  into.symbol = {};
  into.instrument_id = 0;
  into.tick = price(0);
  into.event_open = false;
  if (header->heartbeat) return header;
  auto symbol = read_symbol(message.symbol(), "BookEvents");
  if (!symbol) return std::unexpected(std::move(symbol.error()));
  if (message.tick_nanos() < 0)
    return fail(errc::bad_value, "BookEvents.tick_nanos " + std::to_string(message.tick_nanos()));
  if (auto ok = check_book_columns(message, header->record_count); !ok) return std::unexpected(std::move(ok.error()));
  into.events.resize(header->record_count);
  if (auto ok = read_book_prices(message, into.events); !ok) return std::unexpected(std::move(ok.error()));
  if (auto ok = read_book_columns(message, into.events); !ok) return std::unexpected(std::move(ok.error()));
  into.symbol = std::move(*symbol);
  into.instrument_id = message.instrument_id();
  into.tick = price(message.tick_nanos());
  into.event_open = message.event_open();
  return header;
}

std::string encode_trades(const trade_frame& frame, const frame_info& info) {
  feed::v1::Trades message;
  const auto n = frame.trades.size();
  const auto unit = unit_of(frame.trades);
  write_header(counted(info, n), *message.mutable_header());
  message.set_symbol(frame.symbol.str());
  message.set_instrument_id(frame.instrument_id);
  message.set_price_unit_nanos(unit);
  write_times(frame.trades, sized(message.mutable_ts_event_delta_ns(), n));
  auto* price_delta = sized(message.mutable_price_delta(), n);
  auto* lots = sized(message.mutable_size_lots(), n);
  auto* aggressor = sized(message.mutable_aggressor(), n);
  auto* flags = sized(message.mutable_flags(), n);
  auto* sequence = sized(message.mutable_sequence_delta(), n);
  differences price_units, venue_sequence;
  for (std::size_t i = 0; i < n; ++i) {
    const auto& t = frame.trades[i];
    price_delta[i] = price_units.next(static_cast<std::uint64_t>(t.price.value / unit));
    lots[i] = t.size;
    aggressor[i] = static_cast<unsigned>(t.aggressor);
    flags[i] = t.flags;
    sequence[i] = venue_sequence.next(t.sequence);
  }
  return serialize(message);
}

result<frame_info, errc> decode_trades(std::string_view bytes, trade_frame& into) {
  feed::v1::Trades message;
  auto header = open_frame(bytes, message, feed_bounds, [](const auto& m) { return m.ts_event_delta_ns_size(); });
  if (!header) return header;
  into.trades.clear();
  into.symbol = {};
  into.instrument_id = 0;
  if (header->heartbeat) return header;
  auto symbol = read_symbol(message.symbol(), "Trades");
  if (!symbol) return std::unexpected(std::move(symbol.error()));
  if (auto ok = check_trade_columns(message, header->record_count); !ok) return std::unexpected(std::move(ok.error()));
  into.trades.resize(header->record_count);
  if (auto ok = read_trade_columns(message, into.trades); !ok) return std::unexpected(std::move(ok.error()));
  into.symbol = std::move(*symbol);
  into.instrument_id = message.instrument_id();
  return header;
}

std::string encode_refill_request(const refill_request& request) {
  feed::v1::RefillRequest message;
  message.set_symbol(request.symbol.str());
  message.set_requester(request.requester);
  message.set_from_sequence(request.from_sequence);
  message.set_subject(request.subject);
  message.set_purpose(static_cast<feed::v1::RefillRequest::Purpose>(request.purpose));
  return serialize(message);
}

result<refill_request, errc> decode_refill_request(std::string_view bytes) {
  feed::v1::RefillRequest message;
  if (auto ok = parse(bytes, message); !ok) return std::unexpected(std::move(ok.error()));
  auto symbol = read_symbol(message.symbol(), "RefillRequest");
  if (!symbol) return std::unexpected(std::move(symbol.error()));
  if (!valid_text(message.requester())) return fail(errc::bad_text, "RefillRequest.requester");
  if (message.from_sequence() == 0) return fail(errc::bad_value, "RefillRequest.from_sequence 0");
  if (!message.subject().empty() && !valid_text(message.subject()))
    return fail(errc::bad_text, "RefillRequest.subject");
  if (message.purpose() < 0 || message.purpose() > 2) return fail(errc::bad_value, "RefillRequest.purpose");
  return refill_request{.symbol = std::move(*symbol),
                        .requester = message.requester(),
                        .from_sequence = message.from_sequence(),
                        .subject = message.subject(),
                        .purpose = static_cast<refill_purpose>(message.purpose())};
}

}  // namespace isobar::wire
