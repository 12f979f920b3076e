#include "wire/chain_codec.hpp"

#include <cmath>

#include "wire/units.hpp"

namespace isobar::wire {
namespace {

using chain::v1::ContractColumns;
using chain::v1::ExpiryChain;
using market::chain_contract;
using market::expiry_chain;

struct units {
  std::int64_t strike;
  std::int64_t price;
};

units units_of(const std::vector<chain_contract>& contracts) {
  unit_finder strikes, prices;
  for (const auto& [k, right, state] : contracts) {
    strikes.add(k.value);
    prices.add(state.bid);
    prices.add(state.ask);
    prices.add(state.last);
  }
  return {strikes.unit(), prices.unit()};
}

void write_contracts(const expiry_chain& from, const units& unit, timestamp ts_event, ContractColumns& to) {
  const auto n = static_cast<int>(from.contracts.size());
  to.mutable_strike_delta()->Reserve(n);
  std::int64_t before = 0;
  bool any_volatility = false, any_gamma = false;
  for (const auto& [k, right, s] : from.contracts) {
    to.add_strike_delta((k.value - before) / unit.strike);
    before = k.value;
    to.mutable_right()->push_back(static_cast<char>(right));
    to.add_bid(scaled(s.bid, unit.price));
    to.add_ask(scaled(s.ask, unit.price));
    to.add_bid_lots(static_cast<std::uint64_t>(s.bid_size.value));
    to.add_ask_lots(static_cast<std::uint64_t>(s.ask_size.value));
    to.add_ts_quote_delta_ns(s.ts_quote == start_of_time ? INT64_MIN : s.ts_quote.ns - ts_event.ns);
    to.add_last(scaled(s.last, unit.price));
    to.add_last_lots(static_cast<std::uint64_t>(s.last_size.value));
    to.add_ts_trade_delta_ns(s.ts_trade == start_of_time ? INT64_MIN : s.ts_trade.ns - ts_event.ns);
    to.add_volume(s.volume.value);
    to.add_open_interest(s.open_interest.value);
    to.add_implied_volatility(s.implied_volatility);
    to.add_gamma(s.gamma);
    any_volatility |= s.implied_volatility != 0;
    any_gamma |= s.gamma != 0;
  }
  if (!any_volatility) to.clear_implied_volatility();
  if (!any_gamma) to.clear_gamma();
}

void write_expiry(const expiry_chain& from, timestamp ts_event, ExpiryChain& to) {
  const auto unit = units_of(from.contracts);
  write_key(from.key, *to.mutable_key());
  to.set_settlement(write_settlement(from.settles));
  to.set_settles_at_ns(from.settles_at.ns);
  to.set_multiplier(from.multiplier);
  to.set_atm_nanos(from.atm.value);
  to.set_half_range_nanos(from.half_range.value);
  to.set_strike_unit_nanos(unit.strike);
  to.set_price_unit_nanos(unit.price);
  write_contracts(from, unit, ts_event, *to.mutable_contracts());
}

bool same_lengths(const ContractColumns& c) {
  const int n = c.strike_delta_size();
  const auto fits = [n](int size) { return size == n; };
  const auto optional = [n](int size) { return size == n || size == 0; };
  return c.right().size() == static_cast<std::size_t>(n) && fits(c.bid_size()) && fits(c.ask_size()) &&
         fits(c.bid_lots_size()) && fits(c.ask_lots_size()) && fits(c.ts_quote_delta_ns_size()) &&
         fits(c.last_size()) && fits(c.last_lots_size()) && fits(c.ts_trade_delta_ns_size()) && fits(c.volume_size()) &&
         fits(c.open_interest_size()) && optional(c.implied_volatility_size()) && optional(c.gamma_size());
}

bool read_offset(std::int64_t offset, timestamp base, timestamp& out) {
  if (offset == INT64_MIN) {
    out = start_of_time;
    return true;
  }
  return !__builtin_add_overflow(base.ns, offset, &out.ns);
}

bool read_sizes(const ContractColumns& from, int i, market::contract_state& to) {
  constexpr auto top = static_cast<std::uint64_t>(INT64_MAX);
  if (from.bid_lots(i) > top || from.ask_lots(i) > top || from.last_lots(i) > top) return false;
  to.bid_size = quantity(static_cast<std::int64_t>(from.bid_lots(i)));
  to.ask_size = quantity(static_cast<std::int64_t>(from.ask_lots(i)));
  to.last_size = quantity(static_cast<std::int64_t>(from.last_lots(i)));
  to.volume = quantity(from.volume(i));
  to.open_interest = quantity(from.open_interest(i));
  to.implied_volatility = from.implied_volatility_size() ? from.implied_volatility(i) : 0;
  to.gamma = from.gamma_size() ? from.gamma(i) : 0;
  return to.volume.value >= -1 && to.open_interest.value >= -1 && std::isfinite(to.implied_volatility) &&
         std::isfinite(to.gamma);
}

result<void, errc> read_contracts(const ContractColumns& from, const units& unit, timestamp ts_event,
                                  std::vector<chain_contract>& to) {
  std::int64_t position = 0;
  to.reserve(static_cast<std::size_t>(from.strike_delta_size()));
  for (int i = 0; i < from.strike_delta_size(); ++i) {
    const auto row = static_cast<std::size_t>(i);
    chain_contract c;
    std::int64_t nanos = 0;
    if (__builtin_add_overflow(position, from.strike_delta(i), &position) || !unscale(position, unit.strike, nanos))
      return fail(errc::overflow, at("ChainSnapshot.strike_delta", row));
    c.strike = strike(nanos);
    const auto right = static_cast<unsigned char>(from.right()[row]);
    if (right > 1) return fail(errc::bad_value, at("ChainSnapshot.right", row));
    c.right = static_cast<market::right>(right);
    if (nanos <= 0) return fail(errc::bad_value, at("ChainSnapshot.strike_delta", row));
    if (!to.empty() && std::pair(to.back().strike, to.back().right) >= std::pair(c.strike, c.right))
      return fail(errc::bad_order, at("ChainSnapshot.strike_delta", row));
    if (!unscale_price(from.bid(i), unit.price, c.state.bid) || !unscale_price(from.ask(i), unit.price, c.state.ask) ||
        !unscale_price(from.last(i), unit.price, c.state.last))
      return fail(errc::overflow, at("ChainSnapshot price", row));
    if (!read_offset(from.ts_quote_delta_ns(i), ts_event, c.state.ts_quote) ||
        !read_offset(from.ts_trade_delta_ns(i), ts_event, c.state.ts_trade))
      return fail(errc::overflow, at("ChainSnapshot time", row));
    if (!read_sizes(from, i, c.state)) return fail(errc::bad_value, at("ChainSnapshot.contracts", row));
    to.push_back(c);
  }
  return {};
}

result<expiry_chain, errc> read_expiry(const ExpiryChain& from, timestamp ts_event) {
  auto key = read_key(from.key());
  if (!key) return std::unexpected(key.error());
  const auto settles = read_settlement(from.settlement());
  if (!settles) return std::unexpected(settles.error());
  if (from.strike_unit_nanos() <= 0 || from.price_unit_nanos() <= 0)
    return fail(errc::bad_unit, "ChainSnapshot expiry " + market::to_string(*key));
  if (from.multiplier() <= 0 || from.half_range_nanos() < 0 || from.atm_nanos() < 0)
    return fail(errc::bad_value, "ChainSnapshot expiry " + market::to_string(*key));
  if (!same_lengths(from.contracts()))
    return fail(errc::column_length, "ChainSnapshot expiry " + market::to_string(*key));
  expiry_chain to{.key = std::move(*key),
                  .settles = *settles,
                  .settles_at = {from.settles_at_ns()},
                  .multiplier = from.multiplier(),
                  .atm = strike(from.atm_nanos()),
                  .half_range = strike_width(from.half_range_nanos()),
                  .contracts = {}};
  const units unit{from.strike_unit_nanos(), from.price_unit_nanos()};
  if (auto ok = read_contracts(from.contracts(), unit, ts_event, to.contracts); !ok) return std::unexpected(ok.error());
  return to;
}

}  // namespace

void to_proto(const market::chain_snapshot& chain, const frame_info& info, chain::v1::ChainSnapshot& to) {
  to.Clear();
  auto header = info;
  header.record_count = 0;
  for (const auto& expiry : chain.expiries) header.record_count += static_cast<std::uint32_t>(expiry.contracts.size());
  write_header(header, *to.mutable_header());
  to.set_symbol(chain.symbol.str());
  to.set_source(chain.source);
  to.set_ts_event_ns(chain.ts_event.ns);
  to.set_spot_nanos(write_spot(chain.spot));
  for (const auto& expiry : chain.expiries) write_expiry(expiry, chain.ts_event, *to.add_expiries());
}

result<framed<market::chain_snapshot>, errc> from_proto(const chain::v1::ChainSnapshot& from) {
  auto header = read_header(from.header());
  if (!header) return std::unexpected(header.error());
  framed<market::chain_snapshot> out{.header = std::move(*header), .body = {}};
  if (out.header.heartbeat) return out;
  auto symbol = read_symbol(from.symbol(), "ChainSnapshot");
  if (!symbol) return std::unexpected(symbol.error());
  if (!valid_text(from.source())) return fail(errc::bad_text, "ChainSnapshot.source");
  if (static_cast<std::size_t>(from.expiries_size()) > max_planes || out.header.record_count > max_contracts)
    return fail(errc::too_many, "ChainSnapshot: " + std::to_string(from.expiries_size()) + " expiries");
  auto& chain = out.body;
  chain.symbol = std::move(*symbol);
  chain.source = from.source();
  chain.ts_event = {from.ts_event_ns()};
  chain.spot = read_spot(from.spot_nanos());
  std::size_t contracts = 0;
  for (const auto& expiry : from.expiries()) {
    auto read = read_expiry(expiry, chain.ts_event);
    if (!read) return std::unexpected(read.error());
    if (!chain.expiries.empty() && chain.expiries.back().key >= read->key)
      return fail(errc::bad_order, "ChainSnapshot expiry " + market::to_string(read->key));
    contracts += read->contracts.size();
    chain.expiries.push_back(std::move(*read));
  }
  if (contracts != out.header.record_count)
    return fail(errc::column_length, "ChainSnapshot: " + std::to_string(contracts) + " contracts, header says " +
                                         std::to_string(out.header.record_count));
  return out;
}

std::string encode_chain(const market::chain_snapshot& chain, const frame_info& info) {
  chain::v1::ChainSnapshot message;
  to_proto(chain, info, message);
  return serialize(message);
}

result<framed<market::chain_snapshot>, errc> decode_chain(std::string_view bytes) {
  chain::v1::ChainSnapshot message;
  if (auto ok = parse(bytes, message); !ok) return std::unexpected(ok.error());
  if (!message.has_header()) return fail(errc::no_header, "ChainSnapshot without header");
  return from_proto(message);
}

}  // namespace isobar::wire
