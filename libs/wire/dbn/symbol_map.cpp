#include "wire/dbn/symbol_map.hpp"

#include <charconv>

namespace isobar::wire::dbn {
namespace {

std::optional<std::uint32_t> to_id(std::string_view text) {
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return id;
}

timestamp time_or(std::uint64_t ns, timestamp otherwise) {
  return static_cast<std::int64_t>(ns) < 0 ? otherwise : timestamp{static_cast<std::int64_t>(ns)};
}

/// Midnight of a day; days beyond what a timestamp holds (before 1677, after 2262) are its ends.
timestamp midnight(date d) {
  constexpr std::int32_t days_max = INT64_MAX / 86'400'000'000'000;
  if (d.days > days_max) return end_of_time;
  return d.days < -days_max ? start_of_time : utc_midnight(d);
}

}  // namespace

void symbol_map::add(const metadata& m) {
  const bool to_ids = m.stype_out == symbol_type::instrument_id;
  const bool from_ids = m.stype_in == symbol_type::instrument_id;
  if (!to_ids && !from_ids) {
    refused_ += m.mappings.size();
    return;
  }
  for (const auto& mapping : m.mappings)
    for (const auto& i : mapping.intervals) {
      if (i.symbol.empty()) continue;  // the symbol stood for nothing on these days
      put(to_ids ? i.symbol : mapping.symbol, midnight(i.start), midnight(i.end), to_ids ? mapping.symbol : i.symbol);
    }
}

void symbol_map::add(const symbol_mapping_v2& r) {
  const auto in = text_of(r.stype_in_symbol);
  const auto out = text_of(r.stype_out_symbol);
  const std::uint32_t id = r.hd.instrument_id;
  const bool out_is_id = r.stype_out == symbol_type::instrument_id || to_id(out) == id;
  const auto known = by_id_.find(id);
  const auto unsaid = known == by_id_.end() ? start_of_time : time_or(r.hd.ts_event, start_of_time);
  put(id, time_or(r.start_ts, unsaid), time_or(r.end_ts, end_of_time), out_is_id ? in : out);
}

void symbol_map::put(std::string_view id, timestamp start, timestamp end, std::string_view symbol) {
  if (const auto number = to_id(id))
    put(*number, start, end, symbol);
  else
    ++refused_;
}

void symbol_map::put(std::uint32_t id, timestamp start, timestamp end, std::string_view symbol) {
  if (symbol.empty() || end <= start) {
    ++refused_;
    return;
  }
  // What repeats or goes on needs no place: gateways repeat mappings, files cut them into days.
  if (const auto known = by_id_.find(id); known != by_id_.end()) {
    auto& last = known->second.back();
    if (last.symbol == symbol && last.start <= start && start <= last.end) {
      last.end = std::max(last.end, end);
      return;
    }
  }
  if (intervals_ == intervals_max_) {
    ++refused_;
    return;
  }
  by_id_[id].push_back({start, end, std::string(symbol)});
  ++intervals_;
}

std::optional<std::string_view> symbol_map::find(std::uint32_t instrument_id, timestamp at) const {
  const auto known = by_id_.find(instrument_id);
  if (known == by_id_.end()) return std::nullopt;
  for (auto i = known->second.rbegin(); i != known->second.rend(); ++i)
    if (i->start <= at && at < i->end) return i->symbol;
  return std::nullopt;
}

}  // namespace isobar::wire::dbn
