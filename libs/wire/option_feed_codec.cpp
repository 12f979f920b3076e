#include "wire/option_feed_codec.hpp"

#include <algorithm>

#include "core/date.hpp"
#include "isobar/feed/v1/feed.pb.h"
#include "wire/feed_codec.hpp"
#include "wire/feed_columns.hpp"

namespace isobar::wire {
namespace {

using columns::counted;
using columns::differences;
using columns::open_frame;
using columns::sized;
using columns::write_times;
using market::no_price;
using market::option_feed_event;
using market::option_record;
using market::top_quote;

// A quote row is at most 50 bytes of its columns, an option event 45, a contract some 130: anything longer than these
// has too many, and is refused unparsed.
constexpr columns::frame_bounds quote_bounds{.bytes = 8u << 20, .records = max_events};
// A base frame says a quote and an open interest of each contract before the news.
constexpr columns::frame_bounds option_bounds{.bytes = 48u << 20, .records = 2 * max_listed_options + max_events};
constexpr std::size_t max_raw_symbol = 128;
constexpr std::uint32_t kinds = 4;

/// Greatest common divisor of the prices that are there; 1 when one lies at the end of 64 bits.
class common_unit {
 public:
  void add(price p) {
    if (p.value == INT64_MIN)
      odd_ = true;
    else
      finder_.add(p);
  }
  std::int64_t unit() const { return odd_ ? 1 : finder_.unit(); }

 private:
  unit_finder finder_;
  bool odd_ = false;
};

// One side of quote rows: empty without a price or without lots.
bool has_side(price p, std::uint32_t lots) { return p != no_price && lots > 0; }

std::int64_t unit_of(const std::vector<top_quote>& quotes) {
  common_unit unit;
  for (const auto& q : quotes) {
    if (has_side(q.bid, q.bid_size)) unit.add(q.bid);
    if (has_side(q.ask, q.ask_size)) unit.add(q.ask);
  }
  return unit.unit();
}

class side_writer {
 public:
  side_writer(std::int64_t unit, std::int64_t* delta, std::uint32_t* lots) : unit_(unit), delta_(delta), lots_(lots) {}
  void add(price p, std::uint32_t lots) {
    const bool any = has_side(p, lots);
    *delta_++ = any ? units_.next(static_cast<std::uint64_t>(p.value / unit_)) : 0;
    *lots_++ = any ? lots : 0;
  }

 private:
  std::int64_t unit_;
  std::int64_t* delta_;
  std::uint32_t* lots_;
  differences units_;
};

/// Inverse of side_writer, row by row; `name` is that of the price column.
class side_reader {
 public:
  side_reader(std::int64_t unit, const char* name) : unit_(unit), name_(name) {}
  result<void, errc> next(std::size_t row, std::int64_t delta, std::uint32_t lots, price& p, std::uint32_t& size) {
    p = no_price;
    size = lots;
    if (lots == 0) {
      if (delta != 0) return fail(errc::bad_value, at(name_, row) + " of an empty side");
      return {};
    }
    units_ += static_cast<std::uint64_t>(delta);
    if (!columns::from_units(static_cast<std::int64_t>(units_), unit_, p) || p == no_price)
      return fail(errc::overflow, at(name_, row));
    return {};
  }

 private:
  std::int64_t unit_;
  const char* name_;
  std::uint64_t units_ = 0;
};

result<void, errc> check_quote_columns(const feed::v1::Quotes& from, std::size_t n) {
  failure<errc> error{};
  const bool whole = columns::long_enough(from.bid_delta(), "Quotes.bid_delta", n, error) &&
                     columns::long_enough(from.ask_delta(), "Quotes.ask_delta", n, error) &&
                     columns::long_enough(from.bid_lots(), "Quotes.bid_lots", n, error) &&
                     columns::long_enough(from.ask_lots(), "Quotes.ask_lots", n, error) &&
                     columns::long_enough(from.trusted(), "Quotes.trusted", n, error);
  if (!whole) return std::unexpected(std::move(error));
  return {};
}

result<void, errc> read_quote_columns(const feed::v1::Quotes& from, std::vector<top_quote>& quotes) {
  const auto unit = from.price_unit_nanos();
  if (unit <= 0) return fail(errc::bad_unit, "Quotes.price_unit_nanos " + std::to_string(unit));
  side_reader bids(unit, "Quotes.bid_delta"), asks(unit, "Quotes.ask_delta");
  std::int64_t time = 0;
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    const auto row = static_cast<int>(i);
    auto& q = quotes[i];
    if (__builtin_add_overflow(time, from.ts_event_delta_ns(row), &time))
      return fail(errc::overflow, at("Quotes.ts_event_delta_ns", i));
    if (auto ok = bids.next(i, from.bid_delta(row), from.bid_lots(row), q.bid, q.bid_size); !ok) return ok;
    if (auto ok = asks.next(i, from.ask_delta(row), from.ask_lots(row), q.ask, q.ask_size); !ok) return ok;
    q.ts_event = {time};
    q.trusted = from.trusted(row);
  }
  return {};
}

std::int64_t unit_of(const std::vector<option_feed_event>& events) {
  common_unit unit;
  const auto add = [&](price p) {
    if (p.value >= 0) unit.add(p);
  };
  for (const auto& e : events) {
    if (e.kind == option_record::quote) {
      add(e.bid);
      add(e.ask);
    } else if (e.kind == option_record::trade) {
      add(e.last);
    }
  }
  return unit.unit();
}

/// The four value columns of one row.
struct event_values {
  std::int64_t value = 0, second = 0;
  std::uint32_t third = 0, fourth = 0;
};

std::int64_t in_units(price p, std::int64_t unit) { return p.value < 0 ? -1 : scaled(p, unit); }

event_values values_of(const option_feed_event& e, std::int64_t unit) {
  switch (e.kind) {
    case option_record::quote:
      return {in_units(e.bid, unit), in_units(e.ask, unit), e.bid_size, e.ask_size};
    case option_record::trade:
      return {in_units(e.last, unit), e.size, static_cast<std::uint32_t>(e.aggressor), 0};
    case option_record::open_interest:
      return {e.open_interest.value < 0 ? -1 : e.open_interest.value, 0, 0, 0};
    case option_record::delisted:
      break;
  }
  return {};
}

/// Fills `e`, whose kind is set; false when a value is none that this kind can have.
bool take_values(const event_values& v, std::int64_t unit, option_feed_event& e) {
  switch (e.kind) {
    case option_record::quote:
      e.bid_size = v.third;
      e.ask_size = v.fourth;
      return unscale_price(v.value, unit, e.bid) && unscale_price(v.second, unit, e.ask);
    case option_record::trade:
      if (v.second < 0 || v.second > UINT32_MAX || v.third > static_cast<unsigned>(market::book_side::none))
        return false;
      e.size = static_cast<std::uint32_t>(v.second);
      e.aggressor = static_cast<market::book_side>(v.third);
      return v.fourth == 0 && unscale_price(v.value, unit, e.last);
    case option_record::open_interest:
      e.open_interest = quantity(v.value);
      return v.value >= -1 && v.second == 0 && v.third == 0 && v.fourth == 0;
    case option_record::delisted:
      return v.value == 0 && v.second == 0 && v.third == 0 && v.fourth == 0;
  }
  return false;
}

result<void, errc> check_option_columns(const feed::v1::OptionEvents& from, std::size_t n) {
  failure<errc> error{};
  const bool whole = columns::long_enough(from.ts_event_delta_ns(), "OptionEvents.ts_event_delta_ns", n, error) &&
                     columns::long_enough(from.value(), "OptionEvents.value", n, error) &&
                     columns::long_enough(from.second(), "OptionEvents.second", n, error) &&
                     columns::long_enough(from.third(), "OptionEvents.third", n, error) &&
                     columns::long_enough(from.fourth(), "OptionEvents.fourth", n, error);
  if (!whole) return std::unexpected(std::move(error));
  return {};
}

result<void, errc> read_option_columns(const feed::v1::OptionEvents& from, std::vector<option_feed_event>& events) {
  const auto unit = from.price_unit_nanos();
  if (unit <= 0) return fail(errc::bad_unit, "OptionEvents.price_unit_nanos " + std::to_string(unit));
  std::int64_t time = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto row = static_cast<int>(i);
    auto& e = events[i];
    e = {};
    if (__builtin_add_overflow(time, from.ts_event_delta_ns(row), &time))
      return fail(errc::overflow, at("OptionEvents.ts_event_delta_ns", i));
    e.ts_event = {time};
    e.number = from.contract_kind(row) / kinds;
    e.kind = static_cast<option_record>(from.contract_kind(row) % kinds);
    if (e.number >= max_listed_options)
      return fail(errc::too_many, at("OptionEvents.contract_kind", i) + " contract " + std::to_string(e.number));
    if (!take_values({from.value(row), from.second(row), from.third(row), from.fourth(row)}, unit, e))
      return fail(errc::bad_value, at("OptionEvents.value", i));
  }
  return {};
}

void write_contract(const market::listed_option& from, feed::v1::OptionContract& to) {
  to.set_number(from.number);
  to.set_raw_symbol(from.raw_symbol);
  to.set_root(from.id.root);
  to.set_expiry_yyyymmdd(to_yyyymmdd(from.id.expiry));
  to.set_call(from.id.right == market::right::call);
  to.set_strike_nanos(from.id.strike.value);
  to.set_settles_at_ns(from.settles_at.ns);
  to.set_multiplier_nanos(from.multiplier);
  to.set_american(from.american);
}

bool is_name(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

result<market::listed_option, errc> read_contract(const feed::v1::OptionContract& from) {
  if (from.number() >= max_listed_options)
    return fail(errc::too_many, "OptionContract.number " + std::to_string(from.number()));
  if (!is_name(from.raw_symbol(), max_raw_symbol))
    return fail(errc::bad_text, "OptionContract.raw_symbol of " + std::to_string(from.raw_symbol().size()) + " bytes");
  if (!is_name(from.root(), max_text))
    return fail(errc::bad_text, "OptionContract.root of " + std::to_string(from.root().size()) + " bytes");
  const auto expiry = from_yyyymmdd(from.expiry_yyyymmdd());
  if (!expiry) return fail(errc::bad_value, "OptionContract.expiry_yyyymmdd " + std::to_string(from.expiry_yyyymmdd()));
  if (from.strike_nanos() < 0)
    return fail(errc::bad_value, "OptionContract.strike_nanos " + std::to_string(from.strike_nanos()));
  if (from.multiplier_nanos() < 0)
    return fail(errc::bad_value, "OptionContract.multiplier_nanos " + std::to_string(from.multiplier_nanos()));
  return market::listed_option{.number = from.number(),
                               .raw_symbol = from.raw_symbol(),
                               .id = {.root = from.root(),
                                      .expiry = *expiry,
                                      .right = from.call() ? market::right::call : market::right::put,
                                      .strike = strike(from.strike_nanos())},
                               .settles_at = {from.settles_at_ns()},
                               .multiplier = from.multiplier_nanos(),
                               .american = from.american()};
}

result<void, errc> read_contracts(const feed::v1::OptionEvents& from, std::vector<market::listed_option>& to) {
  if (static_cast<std::size_t>(from.contracts_size()) > max_listed_options)
    return fail(errc::too_many, "OptionEvents.contracts: " + std::to_string(from.contracts_size()));
  to.reserve(static_cast<std::size_t>(from.contracts_size()));
  for (const auto& c : from.contracts()) {
    auto read = read_contract(c);
    if (!read) return std::unexpected(std::move(read.error()));
    to.push_back(std::move(*read));
  }
  return {};
}

}  // namespace

std::string encode_quotes(const quote_frame& frame, const frame_info& info) {
  feed::v1::Quotes message;
  const auto n = frame.quotes.size();
  const auto unit = unit_of(frame.quotes);
  write_header(counted(info, n), *message.mutable_header());
  message.set_symbol(frame.symbol.str());
  message.set_instrument_id(frame.instrument_id);
  message.set_price_unit_nanos(unit);
  write_times(frame.quotes, sized(message.mutable_ts_event_delta_ns(), n));
  auto* trusted = sized(message.mutable_trusted(), n);
  side_writer bids(unit, sized(message.mutable_bid_delta(), n), sized(message.mutable_bid_lots(), n));
  side_writer asks(unit, sized(message.mutable_ask_delta(), n), sized(message.mutable_ask_lots(), n));
  for (const auto& q : frame.quotes) {
    bids.add(q.bid, q.bid_size);
    asks.add(q.ask, q.ask_size);
    *trusted++ = q.trusted;
  }
  return serialize(message);
}

result<frame_info, errc> decode_quotes(std::string_view bytes, quote_frame& into) {
  feed::v1::Quotes message;
  auto header = open_frame(bytes, message, quote_bounds, [](const auto& m) { return m.ts_event_delta_ns_size(); });
  if (!header) return header;
  into.quotes.clear();
  into.symbol = {};
  into.instrument_id = 0;
  if (header->heartbeat) return header;
  auto symbol = read_symbol(message.symbol(), "Quotes");
  if (!symbol) return std::unexpected(std::move(symbol.error()));
  if (auto ok = check_quote_columns(message, header->record_count); !ok) return std::unexpected(std::move(ok.error()));
  into.quotes.resize(header->record_count);
  if (auto ok = read_quote_columns(message, into.quotes); !ok) return std::unexpected(std::move(ok.error()));
  into.symbol = std::move(*symbol);
  into.instrument_id = message.instrument_id();
  return header;
}

std::string encode_options(const option_frame& frame, const frame_info& info) {
  feed::v1::OptionEvents message;
  const auto n = frame.events.size();
  const auto unit = unit_of(frame.events);
  write_header(counted(info, n), *message.mutable_header());
  message.set_symbol(frame.symbol.str());
  message.set_base(frame.base);
  message.set_base_continues(frame.base_continues);
  for (const auto& c : frame.contracts) write_contract(c, *message.add_contracts());
  message.set_price_unit_nanos(unit);
  write_times(frame.events, sized(message.mutable_ts_event_delta_ns(), n));
  auto* contract_kind = sized(message.mutable_contract_kind(), n);
  auto* value = sized(message.mutable_value(), n);
  auto* second = sized(message.mutable_second(), n);
  auto* third = sized(message.mutable_third(), n);
  auto* fourth = sized(message.mutable_fourth(), n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto& e = frame.events[i];
    const auto v = values_of(e, unit);
    contract_kind[i] = e.number * kinds + static_cast<std::uint32_t>(e.kind);
    value[i] = v.value;
    second[i] = v.second;
    third[i] = v.third;
    fourth[i] = v.fourth;
  }
  return serialize(message);
}

result<frame_info, errc> decode_options(std::string_view bytes, option_frame& into) {
  feed::v1::OptionEvents message;
  auto header = open_frame(bytes, message, option_bounds, [](const auto& m) { return m.contract_kind_size(); });
  if (!header) return header;
  into.symbol = {};
  into.base = into.base_continues = false;
  into.contracts.clear();
  into.events.clear();
  if (header->heartbeat) return header;
  auto symbol = read_symbol(message.symbol(), "OptionEvents");
  if (!symbol) return std::unexpected(std::move(symbol.error()));
  if (auto ok = check_option_columns(message, header->record_count); !ok) return std::unexpected(std::move(ok.error()));
  if (auto ok = read_contracts(message, into.contracts); !ok) return std::unexpected(std::move(ok.error()));
  into.events.resize(header->record_count);
  if (auto ok = read_option_columns(message, into.events); !ok) return std::unexpected(std::move(ok.error()));
  into.symbol = std::move(*symbol);
  into.base = message.base();
  into.base_continues = message.base_continues();
  return header;
}

}  // namespace isobar::wire
