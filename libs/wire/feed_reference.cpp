#include "wire/feed_reference.hpp"

#include <algorithm>

#include "wire/feed_codec.hpp"

namespace isobar::wire {
namespace {

using market::no_price;
using market::trading_status;

// The longest raw symbol of DBN has 70 bytes.
constexpr std::size_t max_name = 128;
constexpr std::int64_t no_amount = INT64_MAX;

bool valid_name(std::string_view text) {
  return text.size() <= max_name && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

result<void, errc> check(const feed::v1::Instrument& from) {
  struct named {
    std::string_view name;
    const std::string& text;
  };
  for (const auto& [name, text] :
       {named{"raw_symbol", from.raw_symbol()}, named{"asset", from.asset()}, named{"exchange", from.exchange()},
        named{"currency", from.currency()}, named{"underlying", from.underlying()}})
    if (!valid_name(text))
      return fail(errc::bad_text, "Instrument." + std::string(name) + " of " + std::to_string(text.size()) + " bytes");
  if (from.instrument_class().size() > 1 || !valid_name(from.instrument_class()))
    return fail(errc::bad_value, "Instrument.instrument_class");
  if (from.tick_nanos() < 0) return fail(errc::bad_value, "Instrument.tick_nanos " + std::to_string(from.tick_nanos()));
  if (from.multiplier_nanos() < 0)
    return fail(errc::bad_value, "Instrument.multiplier_nanos " + std::to_string(from.multiplier_nanos()));
  return {};
}

trading_status::answer answer_of(bool known, bool yes) {
  return !known ? trading_status::answer::unknown : yes ? trading_status::answer::yes : trading_status::answer::no;
}

/// Encodes a frame whose records are messages.
template <class Message, class Frame, class Records>
Message started(const Frame& frame, const Records& records, const frame_info& info) {
  Message message;
  auto header = info;
  header.record_count = static_cast<std::uint32_t>(records.size());
  write_header(header, *message.mutable_header());
  message.set_symbol(frame.symbol.str());
  return message;
}

/// Decodes header, symbol and records of such a frame.
template <class Frame, class Message, class Column, class Record>
result<framed<Frame>, errc> read_records(std::string_view bytes, Message& message, Column column,
                                         std::vector<Record> Frame::* records, std::string_view name) {
  auto header = parse_frame(bytes, message);
  if (!header) return std::unexpected(std::move(header.error()));
  framed<Frame> out{.header = std::move(*header), .body = {}};
  if (out.header.heartbeat) return out;
  auto symbol = read_symbol(message.symbol(), name);
  if (!symbol) return std::unexpected(std::move(symbol.error()));
  const auto& from = column(message);
  if (static_cast<std::size_t>(from.size()) > max_events)
    return fail(errc::too_many, std::string(name) + ": " + std::to_string(from.size()) + " records");
  if (out.header.record_count != static_cast<std::uint32_t>(from.size()))
    return fail(errc::column_length, std::string(name) + ": header.record_count " +
                                         std::to_string(out.header.record_count) + ", " + std::to_string(from.size()) +
                                         " records");
  out.body.symbol = std::move(*symbol);
  (out.body.*records).reserve(static_cast<std::size_t>(from.size()));
  for (const auto& record : from) {
    auto read = from_proto(record);
    if (!read) return std::unexpected(std::move(read.error()));
    (out.body.*records).push_back(std::move(*read));
  }
  return out;
}

}  // namespace

void to_proto(const market::instrument& from, feed::v1::Instrument& to) {
  to.set_id(from.id);
  to.set_raw_symbol(from.raw_symbol);
  to.set_asset(from.asset);
  to.set_exchange(from.exchange);
  to.set_currency(from.currency);
  if (from.instrument_class != 0) to.set_instrument_class(std::string(1, from.instrument_class));
  to.set_tick_nanos(from.tick.value);
  to.set_multiplier_nanos(from.multiplier);
  to.set_activation_ns(from.activation.ns);
  to.set_expiration_ns(from.expiration.ns);
  to.set_underlying_id(from.underlying_id);
  to.set_underlying(from.underlying);
  to.set_strike_nanos(from.option_strike.value);
  to.set_ts_event_ns(from.ts_event.ns);
  to.set_deleted(from.deleted);
}

result<market::instrument, errc> from_proto(const feed::v1::Instrument& from) {
  if (auto ok = check(from); !ok) return std::unexpected(std::move(ok.error()));
  return market::instrument{.id = from.id(),
                            .raw_symbol = from.raw_symbol(),
                            .asset = from.asset(),
                            .exchange = from.exchange(),
                            .currency = from.currency(),
                            .instrument_class = from.instrument_class().empty() ? '\0' : from.instrument_class()[0],
                            .tick = price(from.tick_nanos()),
                            .multiplier = from.multiplier_nanos(),
                            .activation = {from.activation_ns()},
                            .expiration = {from.expiration_ns()},
                            .underlying_id = from.underlying_id(),
                            .underlying = from.underlying(),
                            .option_strike = strike(from.strike_nanos()),
                            .ts_event = {from.ts_event_ns()},
                            .deleted = from.deleted()};
}

void to_proto(const trading_status& from, feed::v1::StatusChange& to) {
  using enum trading_status::answer;
  to.set_ts_event_ns(from.ts_event.ns);
  to.set_action(from.action);
  to.set_reason(from.reason);
  to.set_trading_event(from.trading_event);
  if (from.trading != unknown) to.set_trading(from.trading == yes);
  if (from.quoting != unknown) to.set_quoting(from.quoting == yes);
  if (from.short_sell_restricted != unknown) to.set_short_sell_restricted(from.short_sell_restricted == yes);
}

result<trading_status, errc> from_proto(const feed::v1::StatusChange& from) {
  if (from.action() > UINT16_MAX) return fail(errc::bad_value, "StatusChange.action " + std::to_string(from.action()));
  if (from.reason() > UINT16_MAX) return fail(errc::bad_value, "StatusChange.reason " + std::to_string(from.reason()));
  if (from.trading_event() > UINT16_MAX)
    return fail(errc::bad_value, "StatusChange.trading_event " + std::to_string(from.trading_event()));
  return trading_status{
      .ts_event = {from.ts_event_ns()},
      .action = static_cast<std::uint16_t>(from.action()),
      .reason = static_cast<std::uint16_t>(from.reason()),
      .trading_event = static_cast<std::uint16_t>(from.trading_event()),
      .trading = answer_of(from.has_trading(), from.trading()),
      .quoting = answer_of(from.has_quoting(), from.quoting()),
      .short_sell_restricted = answer_of(from.has_short_sell_restricted(), from.short_sell_restricted())};
}

void to_proto(const market::statistic& from, feed::v1::Statistic& to) {
  to.set_ts_event_ns(from.ts_event.ns);
  to.set_ts_ref_ns(from.ts_ref.ns);
  to.set_type(from.type);
  if (from.price != no_price) to.set_price_nanos(from.price.value);
  if (from.amount != no_amount) to.set_amount_lots(from.amount);
  to.set_sequence(from.sequence);
  to.set_deleted(from.deleted);
}

result<market::statistic, errc> from_proto(const feed::v1::Statistic& from) {
  if (from.type() > UINT16_MAX) return fail(errc::bad_value, "Statistic.type " + std::to_string(from.type()));
  if (from.has_price_nanos() && from.price_nanos() == no_price.value)
    return fail(errc::bad_value, "Statistic.price_nanos");
  if (from.has_amount_lots() && from.amount_lots() == no_amount) return fail(errc::bad_value, "Statistic.amount_lots");
  return market::statistic{.ts_event = {from.ts_event_ns()},
                           .ts_ref = {from.ts_ref_ns()},
                           .type = static_cast<std::uint16_t>(from.type()),
                           .price = from.has_price_nanos() ? price(from.price_nanos()) : no_price,
                           .amount = from.has_amount_lots() ? from.amount_lots() : no_amount,
                           .sequence = from.sequence(),
                           .deleted = from.deleted()};
}

std::string encode_definitions(const definition_frame& frame, const frame_info& info) {
  auto message = started<feed::v1::Definitions>(frame, frame.instruments, info);
  for (const auto& record : frame.instruments) to_proto(record, *message.add_instruments());
  return serialize(message);
}

result<framed<definition_frame>, errc> decode_definitions(std::string_view bytes) {
  feed::v1::Definitions message;
  return read_records<definition_frame>(
      bytes, message, [](const auto& m) -> auto& { return m.instruments(); }, &definition_frame::instruments,
      "Definitions");
}

std::string encode_statistics(const statistics_frame& frame, const frame_info& info) {
  auto message = started<feed::v1::Statistics>(frame, frame.statistics, info);
  message.set_instrument_id(frame.instrument_id);
  for (const auto& record : frame.statistics) to_proto(record, *message.add_statistics());
  return serialize(message);
}

result<framed<statistics_frame>, errc> decode_statistics(std::string_view bytes) {
  feed::v1::Statistics message;
  auto out = read_records<statistics_frame>(
      bytes, message, [](const auto& m) -> auto& { return m.statistics(); }, &statistics_frame::statistics,
      "Statistics");
  if (out) out->body.instrument_id = message.instrument_id();
  return out;
}

std::string encode_status(const status_frame& frame, const frame_info& info) {
  auto message = started<feed::v1::StatusChanges>(frame, frame.changes, info);
  message.set_instrument_id(frame.instrument_id);
  for (const auto& record : frame.changes) to_proto(record, *message.add_changes());
  return serialize(message);
}

result<framed<status_frame>, errc> decode_status(std::string_view bytes) {
  feed::v1::StatusChanges message;
  auto out = read_records<status_frame>(
      bytes, message, [](const auto& m) -> auto& { return m.changes(); }, &status_frame::changes, "StatusChanges");
  if (out) out->body.instrument_id = message.instrument_id();
  return out;
}

}  // namespace isobar::wire
