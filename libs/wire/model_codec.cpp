#include "wire/model_codec.hpp"

#include <cmath>

#include "wire/print_columns.hpp"

namespace isobar::wire {
namespace {

void write_window(const market::model_header& from, const frame_info& info, std::size_t rows, std::int64_t unit,
                  common::v1::FrameHeader& header, model::v1::WindowRef& to) {
  auto filled = info;
  filled.sequence = from.window_sequence;
  filled.quality = from.quality;
  filled.ts_first = from.window_start;
  filled.ts_last = from.window_end;
  filled.record_count = static_cast<std::uint32_t>(rows);
  write_header(filled, header);
  to.set_symbol(from.symbol.str());
  to.set_epoch_id(from.epoch);
  to.set_window_sequence(from.window_sequence);
  to.set_window_start_ns(from.window_start.ns);
  to.set_window_end_ns(from.window_end.ns);
  to.set_base(from.base);
  to.set_spot_nanos(write_spot(from.spot));
  to.set_price_unit_nanos(unit);
}

result<void, errc> read_window(const model::v1::WindowRef& from, const frame_info& header, int rows,
                               market::model_header& to) {
  auto symbol = read_symbol(from.symbol(), "WindowRef");
  if (!symbol) return std::unexpected(symbol.error());
  if (from.price_unit_nanos() <= 0) return fail(errc::bad_unit, "WindowRef.price_unit_nanos");
  if (from.window_start_ns() >= from.window_end_ns()) return fail(errc::bad_value, "WindowRef: ends before it starts");
  if (static_cast<std::size_t>(rows) > max_contracts) return fail(errc::too_many, std::to_string(rows) + " rows");
  if (static_cast<std::uint32_t>(rows) != header.record_count)
    return fail(errc::column_length,
                std::to_string(rows) + " rows, header says " + std::to_string(header.record_count));
  to = {.symbol = std::move(*symbol),
        .epoch = from.epoch_id(),
        .window_sequence = from.window_sequence(),
        .window_start = {from.window_start_ns()},
        .window_end = {from.window_end_ns()},
        .base = from.base(),
        .spot = read_spot(from.spot_nanos()),
        .quality = header.quality};
  return {};
}

/// What the models of contract rows share: parse, header, window, lengths, then one call per row.
template <class Message, class Rows, class ReadRow>
result<frame_info, errc> decode_rows(std::string_view bytes, Message& message, Rows& into,
                                     bool (*lengths)(const Message&), ReadRow read_row) {
  into.rows.clear();
  auto header = parse_frame(bytes, message);
  if (!header || header->heartbeat) return header;
  const int n = message.contract_delta_size();
  if (!lengths(message)) return fail(errc::column_length, message.GetTypeName() + ": columns differ in length");
  if (auto ok = read_window(message.window(), *header, n, into.header); !ok) return std::unexpected(ok.error());
  std::uint64_t index = 0;
  into.rows.resize(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    const auto r = static_cast<std::size_t>(i);
    if (!advance_index(message.contract_delta(i), i == 0, index, max_contracts))
      return fail(errc::bad_order, at("contract_delta", r));
    into.rows[r].contract = static_cast<market::contract_index>(index);
    if (!read_row(i, into.rows[r])) return fail(errc::bad_value, at(message.GetTypeName(), r));
  }
  return header;
}

template <class Message, class Rows>
void write_indices(const Rows& rows, Message& to) {
  market::contract_index before = 0;
  for (const auto& row : rows) {
    to.add_contract_delta(row.contract - before);
    before = row.contract;
  }
}

}  // namespace

void to_proto(const market::heatmap_rows& rows, const frame_info& info, model::v1::HeatmapRows& to) {
  to.Clear();
  unit_finder finder;
  for (const auto& row : rows.rows) {
    finder.add(row.bid);
    finder.add(row.ask);
  }
  write_window(rows.header, info, rows.rows.size(), finder.unit(), *to.mutable_header(), *to.mutable_window());
  write_indices(rows.rows, to);
  for (const auto& row : rows.rows) {
    to.add_bid(scaled(row.bid, finder.unit()));
    to.add_ask(scaled(row.ask, finder.unit()));
    to.add_quote_age_ns(age_of(row.ts_quote, rows.header.window_end));
  }
}

void to_proto(const market::gex_rows& rows, const frame_info& info, model::v1::GexRows& to) {
  to.Clear();
  unit_finder finder;
  for (const auto& row : rows.rows) {
    finder.add(row.bid);
    finder.add(row.ask);
  }
  write_window(rows.header, info, rows.rows.size(), finder.unit(), *to.mutable_header(), *to.mutable_window());
  write_indices(rows.rows, to);
  bool any_volatility = false, any_gamma = false;
  for (const auto& row : rows.rows) {
    to.add_bid(scaled(row.bid, finder.unit()));
    to.add_ask(scaled(row.ask, finder.unit()));
    to.add_quote_age_ns(age_of(row.ts_quote, rows.header.window_end));
    to.add_open_interest(row.open_interest.value);
    to.add_implied_volatility(row.implied_volatility);
    to.add_gamma(row.gamma);
    any_volatility |= row.implied_volatility != 0;
    any_gamma |= row.gamma != 0;
  }
  if (!any_volatility) to.clear_implied_volatility();
  if (!any_gamma) to.clear_gamma();
}

void to_proto(const market::volume_profile_rows& rows, const frame_info& info, model::v1::VolumeProfileRows& to) {
  to.Clear();
  unit_finder finder;
  for (const auto& row : rows.rows) finder.add(row.last);
  write_window(rows.header, info, rows.rows.size(), finder.unit(), *to.mutable_header(), *to.mutable_window());
  write_indices(rows.rows, to);
  for (const auto& row : rows.rows) {
    to.add_traded(static_cast<std::uint64_t>(row.traded.value));
    to.add_last(scaled(row.last, finder.unit()));
  }
}

void to_proto(const market::flow_rows& rows, const frame_info& info, model::v1::FlowRows& to) {
  to.Clear();
  unit_finder finder;
  add_prints(rows.rows, finder);
  write_window(rows.header, info, rows.rows.size(), finder.unit(), *to.mutable_header(), *to.mutable_window());
  write_prints(rows.rows, finder.unit(), rows.header.window_end, *to.mutable_prints());
  to.set_prints_dropped(rows.dropped);
}

std::string encode_model(const market::heatmap_rows& rows, const frame_info& info) {
  model::v1::HeatmapRows message;
  to_proto(rows, info, message);
  return serialize(message);
}
std::string encode_model(const market::gex_rows& rows, const frame_info& info) {
  model::v1::GexRows message;
  to_proto(rows, info, message);
  return serialize(message);
}
std::string encode_model(const market::volume_profile_rows& rows, const frame_info& info) {
  model::v1::VolumeProfileRows message;
  to_proto(rows, info, message);
  return serialize(message);
}
std::string encode_model(const market::flow_rows& rows, const frame_info& info) {
  model::v1::FlowRows message;
  to_proto(rows, info, message);
  return serialize(message);
}

result<frame_info, errc> decode_model(std::string_view bytes, market::heatmap_rows& into) {
  model::v1::HeatmapRows m;
  return decode_rows<model::v1::HeatmapRows>(
      bytes, m, into,
      [](const model::v1::HeatmapRows& c) {
        const int n = c.contract_delta_size();
        return c.bid_size() == n && c.ask_size() == n && c.quote_age_ns_size() == n;
      },
      [&](int i, market::heatmap_row& row) {
        const auto unit = m.window().price_unit_nanos();
        return unscale_price(m.bid(i), unit, row.bid) && unscale_price(m.ask(i), unit, row.ask) &&
               from_age(m.quote_age_ns(i), into.header.window_end, row.ts_quote);
      });
}

result<frame_info, errc> decode_model(std::string_view bytes, market::gex_rows& into) {
  model::v1::GexRows m;
  return decode_rows<model::v1::GexRows>(
      bytes, m, into,
      [](const model::v1::GexRows& c) {
        const int n = c.contract_delta_size();
        return c.bid_size() == n && c.ask_size() == n && c.quote_age_ns_size() == n && c.open_interest_size() == n &&
               (c.implied_volatility_size() == n || c.implied_volatility_size() == 0) &&
               (c.gamma_size() == n || c.gamma_size() == 0);
      },
      [&](int i, market::gex_row& row) {
        row.open_interest = quantity(m.open_interest(i));
        row.implied_volatility = m.implied_volatility_size() ? m.implied_volatility(i) : 0;
        row.gamma = m.gamma_size() ? m.gamma(i) : 0;
        const auto unit = m.window().price_unit_nanos();
        return unscale_price(m.bid(i), unit, row.bid) && unscale_price(m.ask(i), unit, row.ask) &&
               from_age(m.quote_age_ns(i), into.header.window_end, row.ts_quote) && row.open_interest.value >= -1 &&
               std::isfinite(row.implied_volatility) && std::isfinite(row.gamma);
      });
}

result<frame_info, errc> decode_model(std::string_view bytes, market::volume_profile_rows& into) {
  model::v1::VolumeProfileRows m;
  return decode_rows<model::v1::VolumeProfileRows>(
      bytes, m, into,
      [](const model::v1::VolumeProfileRows& c) {
        const int n = c.contract_delta_size();
        return c.traded_size() == n && c.last_size() == n;
      },
      [&](int i, market::volume_row& row) {
        row.traded = quantity(static_cast<std::int64_t>(m.traded(i)));
        return m.traded(i) <= static_cast<std::uint64_t>(INT64_MAX) &&
               unscale_price(m.last(i), m.window().price_unit_nanos(), row.last);
      });
}

result<frame_info, errc> decode_model(std::string_view bytes, market::flow_rows& into) {
  into.rows.clear();
  into.dropped = 0;
  model::v1::FlowRows m;
  auto header = parse_frame(bytes, m);
  if (!header || header->heartbeat) return header;
  if (auto ok = read_window(m.window(), *header, m.prints().contract_size(), into.header); !ok)
    return std::unexpected(ok.error());
  if (auto ok =
          read_prints(m.prints(), m.window().price_unit_nanos(), into.header.window_end, "FlowRows.prints", into.rows);
      !ok)
    return std::unexpected(ok.error());
  into.dropped = m.prints_dropped();
  return header;
}

}  // namespace isobar::wire
