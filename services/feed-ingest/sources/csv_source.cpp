#include "feed-ingest/sources/csv_source.hpp"

#include "feed-ingest/sources/dbn_translation.hpp"

namespace isobar::feed_ingest {

std::expected<std::unique_ptr<csv_source>, std::string> csv_source::open(const std::string& path) {
  auto rows = wire::dbn::csv_export::open(path);
  if (!rows) return std::unexpected(rows.error().text());
  return std::unique_ptr<csv_source>(new csv_source(std::move(*rows)));
}

const input_record* csv_source::next() {
  if (!rows_.next(row_)) return nullptr;
  const auto& e = row_.event;
  record_.kind = rows_.by_price() ? record_kind::mbp_10 : record_kind::mbo;
  record_.refused = is_time(e.ts_event) ? refusal::none : refusal::bad_time;
  record_.instrument_id = row_.instrument_id;
  record_.name = row_.symbol;
  record_.delivered = row_.ts_recv;
  record_.event_time = e.has(market::event_flag::snapshot) || !is_time(e.ts_event) ? start_of_time : e.ts_event;
  record_.event = e;
  record_.is_trade = e.action == market::book_action::trade;
  if (record_.is_trade) record_.trade = {e.ts_event, e.price, e.size, e.sequence, e.side, e.flags};
  record_.is_quote = rows_.by_price();
  if (record_.is_quote) {
    const auto& top = row_.levels[0];
    record_.quote = {e.ts_event,   top.bid,      top.ask,
                     top.bid_size, top.ask_size, !e.has(market::event_flag::maybe_bad_book)};
    record_.quote_ends = record_.is_trade || e.has(market::event_flag::last);
  }
  doubt_time(record_);
  return &record_;
}

std::optional<std::string> csv_source::error() const {
  if (const auto& e = rows_.error()) return e->text();
  return std::nullopt;
}

record_counts csv_source::skipped() const {
  record_counts out;
  out.refused[static_cast<std::size_t>(refusal::bad_value)] = rows_.rejected();
  return out;
}

}  // namespace isobar::feed_ingest
