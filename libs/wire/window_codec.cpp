#include "wire/window_codec.hpp"

#include <cmath>

#include "wire/print_columns.hpp"

namespace isobar::wire {
namespace {

using market::frozen_window;
using window::v1::ContractWindow;
using window::v1::RowColumns;

std::int64_t unit_of(const frozen_window& window) {
  unit_finder finder;
  add_prints(window.prints, finder);
  for (const auto& row : window.rows) {
    finder.add(row.state.bid);
    finder.add(row.state.ask);
    finder.add(row.state.last);
  }
  return finder.unit();
}

template <class Column>
auto* sized(Column* column, std::size_t n) {
  column->Clear();
  column->Resize(static_cast<int>(n), 0);
  return column->mutable_data();
}

void write_prices(const frozen_window& window, std::int64_t unit, RowColumns& to) {
  const auto n = window.rows.size();
  auto* contract = sized(to.mutable_contract_delta(), n);
  auto* bid = sized(to.mutable_bid(), n);
  auto* ask = sized(to.mutable_ask(), n);
  auto* bid_lots = sized(to.mutable_bid_lots(), n);
  auto* ask_lots = sized(to.mutable_ask_lots(), n);
  auto* age = sized(to.mutable_quote_age_ns(), n);
  auto* sequence = sized(to.mutable_quote_sequence(), n);
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto& [index, state, traded] = window.rows[i];
    contract[i] = index - before;
    before = index;
    bid[i] = scaled(state.bid, unit);
    ask[i] = scaled(state.ask, unit);
    bid_lots[i] = static_cast<std::uint64_t>(state.bid_size.value);
    ask_lots[i] = static_cast<std::uint64_t>(state.ask_size.value);
    age[i] = age_of(state.ts_quote, window.end);
    sequence[i] = state.quote_sequence;
  }
}

void write_trades(const frozen_window& window, std::int64_t unit, RowColumns& to) {
  const auto n = window.rows.size();
  auto* last = sized(to.mutable_last(), n);
  auto* lots = sized(to.mutable_last_lots(), n);
  auto* age = sized(to.mutable_trade_age_ns(), n);
  auto* volume = sized(to.mutable_volume(), n);
  auto* interest = sized(to.mutable_open_interest(), n);
  auto* volatility = sized(to.mutable_implied_volatility(), n);
  auto* gamma = sized(to.mutable_gamma(), n);
  auto* traded_column = sized(to.mutable_traded(), n);
  bool any_volatility = false, any_gamma = false, any_traded = false;
  for (std::size_t i = 0; i < n; ++i) {
    const auto& [index, state, traded] = window.rows[i];
    last[i] = scaled(state.last, unit);
    lots[i] = static_cast<std::uint64_t>(state.last_size.value);
    age[i] = age_of(state.ts_trade, window.end);
    volume[i] = state.volume.value;
    interest[i] = state.open_interest.value;
    volatility[i] = state.implied_volatility;
    gamma[i] = state.gamma;
    traded_column[i] = static_cast<std::uint64_t>(traded.value);
    any_volatility |= state.implied_volatility != 0;
    any_gamma |= state.gamma != 0;
    any_traded |= traded.value != 0;
  }
  if (!any_volatility) to.clear_implied_volatility();
  if (!any_gamma) to.clear_gamma();
  if (!any_traded) to.clear_traded();
}

/// Every column as long as the first, optional ones as long or empty.
result<void, errc> check_lengths(const RowColumns& rows, int prints, std::uint32_t record_count) {
  const int n = rows.contract_delta_size();
  const auto fits = [n](int size) { return size == n; };
  const auto optional = [n](int size) { return size == n || size == 0; };
  const bool ok = fits(rows.bid_size()) && fits(rows.ask_size()) && fits(rows.bid_lots_size()) &&
                  fits(rows.ask_lots_size()) && fits(rows.quote_age_ns_size()) && fits(rows.quote_sequence_size()) &&
                  fits(rows.last_size()) && fits(rows.last_lots_size()) && fits(rows.trade_age_ns_size()) &&
                  fits(rows.volume_size()) && fits(rows.open_interest_size()) &&
                  optional(rows.implied_volatility_size()) && optional(rows.gamma_size()) &&
                  optional(rows.traded_size());
  if (!ok) return fail(errc::column_length, "ContractWindow: columns differ from " + std::to_string(n) + " rows");
  if (static_cast<std::uint64_t>(n) + static_cast<std::uint64_t>(prints) != record_count)
    return fail(errc::column_length, "ContractWindow: " + std::to_string(n) + " rows and " + std::to_string(prints) +
                                         " prints, header says " + std::to_string(record_count));
  if (static_cast<std::size_t>(n) > max_contracts)
    return fail(errc::too_many, "ContractWindow: " + std::to_string(n) + " rows");
  return {};
}

bool read_lots(std::uint64_t lots, quantity& out) {
  out = quantity(static_cast<std::int64_t>(lots));
  return lots <= static_cast<std::uint64_t>(INT64_MAX);
}
bool read_count(std::int64_t count, quantity& out) {
  out = quantity(count);
  return count >= -1;
}
bool read_double(double value, double& out) {
  out = value;
  return std::isfinite(value);
}

result<void, errc> read_rows(const RowColumns& from, std::int64_t unit, frozen_window& into) {
  const auto n = static_cast<std::size_t>(from.contract_delta_size());
  const bool volatility = from.implied_volatility_size() != 0, gamma = from.gamma_size() != 0,
             traded = from.traded_size() != 0;
  into.rows.resize(n);
  std::uint64_t index = 0;
  for (std::size_t r = 0; r < n; ++r) {
    const int i = static_cast<int>(r);
    auto& row = into.rows[r];
    auto& state = row.state;
    if (!advance_index(from.contract_delta(i), r == 0, index, max_contracts))
      return fail(errc::bad_order, at("ContractWindow.contract_delta", r));
    row.contract = static_cast<market::contract_index>(index);
    if (!unscale_price(from.bid(i), unit, state.bid) || !unscale_price(from.ask(i), unit, state.ask) ||
        !unscale_price(from.last(i), unit, state.last))
      return fail(errc::overflow, at("ContractWindow price", r));
    if (!from_age(from.quote_age_ns(i), into.end, state.ts_quote) ||
        !from_age(from.trade_age_ns(i), into.end, state.ts_trade))
      return fail(errc::overflow, at("ContractWindow age", r));
    state.quote_sequence = from.quote_sequence(i);
    row.traded = quantity(0);
    state.implied_volatility = state.gamma = 0;
    if (!read_lots(from.bid_lots(i), state.bid_size) || !read_lots(from.ask_lots(i), state.ask_size) ||
        !read_lots(from.last_lots(i), state.last_size) || !read_count(from.volume(i), state.volume) ||
        !read_count(from.open_interest(i), state.open_interest) ||
        (volatility && !read_double(from.implied_volatility(i), state.implied_volatility)) ||
        (gamma && !read_double(from.gamma(i), state.gamma)) || (traded && !read_lots(from.traded(i), row.traded)))
      return fail(errc::bad_value, at("ContractWindow.rows", r));
  }
  return {};
}

}  // namespace

void window_encoder::encode(const frozen_window& window, const frame_info& info, std::string& to) {
  auto header = info;
  header.sequence = window.sequence;
  header.quality = window.quality;
  header.ts_first = window.start;
  header.ts_last = window.end;
  header.record_count = static_cast<std::uint32_t>(window.rows.size() + window.prints.size());
  write_header(header, *message_.mutable_header());
  const auto unit = unit_of(window);
  message_.set_symbol(window.symbol.str());
  message_.set_epoch_id(window.epoch);
  message_.set_window_start_ns(window.start.ns);
  message_.set_window_end_ns(window.end.ns);
  message_.set_base(window.base);
  message_.set_spot_nanos(write_spot(window.spot));
  message_.set_ts_chain_ns(window.ts_chain.ns);
  message_.set_price_unit_nanos(unit);
  write_prices(window, unit, *message_.mutable_rows());
  write_trades(window, unit, *message_.mutable_rows());
  message_.clear_prints();
  if (!window.prints.empty()) write_prints(window.prints, unit, window.end, *message_.mutable_prints());
  message_.set_prints_dropped(window.prints_dropped);
  serialize(message_, to);
}

std::string window_encoder::encode(const frozen_window& window, const frame_info& info) {
  std::string bytes;
  encode(window, info, bytes);
  return bytes;
}

result<frame_info, errc> window_decoder::decode(std::string_view bytes, frozen_window& into) {
  into.rows.clear();
  into.prints.clear();
  into.prints_dropped = 0;
  auto header = parse_frame(bytes, message_);
  if (!header || header->heartbeat) return header;
  auto symbol = read_symbol(message_.symbol(), "ContractWindow");
  if (!symbol) return std::unexpected(symbol.error());
  if (message_.price_unit_nanos() <= 0)
    return fail(errc::bad_unit, "ContractWindow.price_unit_nanos " + std::to_string(message_.price_unit_nanos()));
  if (message_.window_start_ns() >= message_.window_end_ns())
    return fail(errc::bad_value, "ContractWindow: window ends before it starts");
  if (auto ok = check_lengths(message_.rows(), message_.prints().contract_size(), header->record_count); !ok)
    return std::unexpected(ok.error());
  into.symbol = std::move(*symbol);
  into.epoch = message_.epoch_id();
  into.sequence = header->sequence;
  into.start = {message_.window_start_ns()};
  into.end = {message_.window_end_ns()};
  into.base = message_.base();
  into.spot = read_spot(message_.spot_nanos());
  into.ts_chain = {message_.ts_chain_ns()};
  into.quality = header->quality;
  into.prints_dropped = message_.prints_dropped();
  if (auto ok = read_rows(message_.rows(), message_.price_unit_nanos(), into); !ok) return std::unexpected(ok.error());
  if (auto ok =
          read_prints(message_.prints(), message_.price_unit_nanos(), into.end, "ContractWindow.prints", into.prints);
      !ok)
    return std::unexpected(ok.error());
  return header;
}

std::string encode_window(const frozen_window& window, const frame_info& info) {
  return window_encoder().encode(window, info);
}

result<framed<frozen_window>, errc> decode_window(std::string_view bytes) {
  framed<frozen_window> out;
  auto header = window_decoder().decode(bytes, out.body);
  if (!header) return std::unexpected(header.error());
  out.header = std::move(*header);
  return out;
}

std::string encode_resync(const resync_request& request) {
  window::v1::ResyncRequest message;
  message.set_symbol(request.symbol.str());
  message.set_requester(request.requester);
  return serialize(message);
}

result<resync_request, errc> decode_resync(std::string_view bytes) {
  window::v1::ResyncRequest message;
  if (auto ok = parse(bytes, message); !ok) return std::unexpected(ok.error());
  auto symbol = read_symbol(message.symbol(), "ResyncRequest");
  if (!symbol) return std::unexpected(symbol.error());
  if (!valid_text(message.requester())) return fail(errc::bad_text, "ResyncRequest.requester");
  return resync_request{.symbol = std::move(*symbol), .requester = message.requester()};
}

}  // namespace isobar::wire
