#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "market/futures_feed.hpp"
#include "wire/dbn/record.hpp"
#include "wire/dbn/upgrade.hpp"

namespace isobar::wire::dbn {

/// Why a record did not become a market struct.
enum class refusal : std::uint8_t {
  none,
  action,  ///< a letter that is no action (statistics: a number that is no update action)
  side,    ///< a letter that is no side
  time,    ///< no ts_event, or one after the year 2262
  answer,  ///< status: a letter that is no yes, no or unknown
  other,   ///< not a record of that kind: another type, or a by-price record that is not a trade
};
inline constexpr std::size_t refusals = 6;
std::string_view name_of(refusal r);

/// Counts of refusals by reason, for whoever converts a stream.
struct refusal_counts {
  std::array<std::uint64_t, refusals> by_reason{};
  /// True when the record was taken.
  bool taken(refusal r) {
    ++by_reason[static_cast<std::size_t>(r)];
    return r == refusal::none;
  }
  std::uint64_t of(refusal r) const { return by_reason[static_cast<std::size_t>(r)]; }
};

namespace detail {
inline constexpr std::uint8_t no_letter = 0xFF;
struct letter_table {
  std::array<std::uint8_t, 256> of{};
};
constexpr letter_table action_letters() {
  letter_table t;
  t.of.fill(no_letter);
  t.of['A'] = static_cast<std::uint8_t>(market::book_action::add);
  t.of['M'] = static_cast<std::uint8_t>(market::book_action::modify);
  t.of['C'] = static_cast<std::uint8_t>(market::book_action::cancel);
  t.of['R'] = static_cast<std::uint8_t>(market::book_action::clear);
  t.of['T'] = static_cast<std::uint8_t>(market::book_action::trade);
  t.of['F'] = static_cast<std::uint8_t>(market::book_action::fill);
  t.of['N'] = static_cast<std::uint8_t>(market::book_action::none);
  return t;
}
constexpr letter_table side_letters() {
  letter_table t;
  t.of.fill(no_letter);
  t.of['B'] = static_cast<std::uint8_t>(market::book_side::bid);
  t.of['A'] = static_cast<std::uint8_t>(market::book_side::ask);
  t.of['N'] = static_cast<std::uint8_t>(market::book_side::none);
  return t;
}
inline constexpr letter_table actions = action_letters();
inline constexpr letter_table sides = side_letters();
}  // namespace detail

/// Fills `out`, which is unspecified when the record is refused. Prices and sizes pass as they are: what they mean for
/// a book is the book's to judge.
inline refusal to_book_event(const mbo_record& r, market::book_event& out) {
  const auto action = detail::actions.of[static_cast<unsigned char>(r.action)];
  const auto side = detail::sides.of[static_cast<unsigned char>(r.side)];
  if (static_cast<std::int64_t>(r.hd.ts_event) < 0) [[unlikely]]
    return refusal::time;
  if (action == detail::no_letter) [[unlikely]]
    return refusal::action;
  if (side == detail::no_letter) [[unlikely]]
    return refusal::side;
  out.ts_event = {static_cast<std::int64_t>(r.hd.ts_event)};
  out.price = price(r.price);
  out.order = market::order_id{r.order_id};
  out.size = r.size;
  out.sequence = r.sequence;
  out.action = static_cast<market::book_action>(action);
  out.side = static_cast<market::book_side>(side);
  out.flags = r.flags;
  out.channel = r.channel_id;
  return refusal::none;
}

/// A trade from any record that tells of one: trades, tbbo, tcbbo, and mbo, mbp-1, mbp-10, cmbp-1 with action T. Others
/// are refusal::other (subsampled bbo and cbbo repeat the last trade and are no news).
refusal to_trade_event(record r, market::trade_event& out);

refusal to_instrument(const definition_v3& r, market::instrument& out);
refusal to_statistic(const statistics_v3& r, market::statistic& out);
refusal to_trading_status(const status_record& r, market::trading_status& out);

}  // namespace isobar::wire::dbn
