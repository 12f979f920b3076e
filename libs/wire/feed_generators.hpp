#pragma once
#include "wire/feed_codec.hpp"
#include "wire/generators.hpp"

/// Random feed records: everything that the feed codecs promise to carry, with the awkward corners.
namespace isobar::wire::gen {

/// Near `middle`, seldom anywhere in 64 bits.
inline std::int64_t around(std::int64_t middle, std::int64_t spread) {
  if (in(0, 12) == 0) return *rc::gen::arbitrary<std::int64_t>();
  return middle + in(-spread, spread + 1);
}

inline isobar::symbol future() { return *symbol::parse(in(0, 2) ? "ES" : "ESH4"); }

/// Multiples of a quarter point; `any_price_at_all` adds no_price and the ends of 64 bits.
inline price feed_price(bool any_price_at_all) {
  if (!any_price_at_all) return price(in(-100, 40'000) * 250'000'000);
  switch (in(0, 6)) {
    case 0:
      return market::no_price;
    case 1:
      return price(in(0, 2) ? INT64_MIN : INT64_MAX - 1);
    case 2:
      return price(*rc::gen::arbitrary<std::int64_t>());
    default:
      return price(in(-100, 40'000) * 250'000'000);
  }
}

inline market::book_event any_book_event(bool any_price_at_all) {
  return {.ts_event = {in(0, 20)  ? noon.ns + in(-100'000, 100'000)
                       : in(0, 2) ? 0
                                  : INT64_MAX},
          .price = feed_price(any_price_at_all),
          .order = market::order_id{static_cast<std::uint64_t>(around(6'000'000'000, 1000))},
          .size = static_cast<std::uint32_t>(around(10, 9)),
          .sequence = static_cast<std::uint32_t>(around(1'000'000, 100)),
          .action = static_cast<market::book_action>(in(0, 7)),
          .side = static_cast<market::book_side>(in(0, 3)),
          .flags = static_cast<std::uint8_t>(in(0, 256)),
          .channel = static_cast<std::uint8_t>(in(0, 8) ? 0 : in(0, 256))};
}

inline book_frame any_book_frame() {
  const bool any_price_at_all = in(0, 2) == 1;
  book_frame f;
  f.symbol = future();
  f.instrument_id = static_cast<std::uint32_t>(in(0, 1'000'000));
  f.tick = price(in(0, 3) ? 250'000'000 : 0);
  f.event_open = in(0, 2) == 1;
  for (auto n = in(0, 40); n > 0; --n) f.events.push_back(any_book_event(any_price_at_all));
  return f;
}

inline trade_frame any_trade_frame() {
  const bool any_price_at_all = in(0, 2) == 1;
  trade_frame f;
  f.symbol = future();
  f.instrument_id = static_cast<std::uint32_t>(in(0, 1'000'000));
  for (auto n = in(0, 40); n > 0; --n) {
    const auto e = any_book_event(any_price_at_all);
    f.trades.push_back({e.ts_event, e.price, e.size, e.sequence, e.side, e.flags});
  }
  return f;
}

inline std::string any_name() {
  constexpr std::string_view names[] = {"", "ESH4", "ES", "XCME", "USD", "UD:1V: 12 2395928"};
  return std::string(names[in(0, 6)]);
}

inline definition_frame any_definition_frame() {
  definition_frame f{.symbol = future(), .instruments = {}};
  for (auto n = in(0, 5); n > 0; --n)
    f.instruments.push_back({.id = static_cast<std::uint32_t>(around(5602, 10)),
                             .raw_symbol = any_name(),
                             .asset = any_name(),
                             .exchange = any_name(),
                             .currency = any_name(),
                             .instrument_class = in(0, 4) ? 'F' : '\0',
                             .tick = price(in(0, 3) * 250'000'000),
                             .multiplier = in(0, 3) * 50'000'000'000,
                             .activation = in(0, 2) ? noon : start_of_time,
                             .expiration = in(0, 2) ? noon : end_of_time,
                             .underlying_id = static_cast<std::uint32_t>(in(0, 100)),
                             .underlying = any_name(),
                             .option_strike = strike(around(0, 1000)),
                             .ts_event = noon,
                             .deleted = in(0, 2) == 1});
  return f;
}

inline statistics_frame any_statistics_frame() {
  statistics_frame f{.symbol = future(), .instrument_id = 7, .statistics = {}};
  for (auto n = in(0, 5); n > 0; --n)
    f.statistics.push_back({.ts_event = noon,
                            .ts_ref = in(0, 2) ? noon : start_of_time,
                            .type = static_cast<std::uint16_t>(around(9, 5)),
                            .price = feed_price(true),
                            .amount = in(0, 2) ? around(0, 1000) : INT64_MAX,
                            .sequence = static_cast<std::uint32_t>(around(9, 5)),
                            .deleted = in(0, 2) == 1});
  return f;
}

inline status_frame any_status_frame() {
  using answer = market::trading_status::answer;
  status_frame f{.symbol = future(), .instrument_id = 7, .changes = {}};
  for (auto n = in(0, 5); n > 0; --n)
    f.changes.push_back({.ts_event = noon,
                         .action = static_cast<std::uint16_t>(around(9, 5)),
                         .reason = static_cast<std::uint16_t>(around(9, 5)),
                         .trading_event = static_cast<std::uint16_t>(around(9, 5)),
                         .trading = static_cast<answer>(in(0, 3)),
                         .quoting = static_cast<answer>(in(0, 3)),
                         .short_sell_restricted = static_cast<answer>(in(0, 3))});
  return f;
}

}  // namespace isobar::wire::gen
