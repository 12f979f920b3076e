#pragma once
#include <memory>
#include <vector>

#include "feed-ingest/domain/normaliser.hpp"
#include "feed-ingest/sources/source.hpp"

/// Records made by hand, and what a normaliser makes of them.
namespace isobar::feed_ingest::testing {

inline constexpr timestamp noon{1'703'505'600'000'000'000};
inline constexpr std::uint32_t es = 17'077;

inline input_record order(timestamp at, std::uint8_t flags = market::event_flag::last,
                          market::book_action action = market::book_action::add) {
  input_record r;
  r.kind = record_kind::mbo;
  r.instrument_id = es;
  r.delivered = at;
  r.event = {.ts_event = at,
             .price = price(4'800'250'000'000),
             .order = market::order_id{7},
             .size = 1,
             .sequence = 1,
             .action = action,
             .side = market::book_side::bid,
             .flags = flags};
  r.event_time = r.event.has(market::event_flag::snapshot) ? start_of_time : at;
  if (action == market::book_action::trade) {
    r.is_trade = true;
    r.trade = {at, r.event.price, 1, 1, market::book_side::bid, flags};
  }
  return r;
}

inline input_record print(timestamp at, record_kind kind = record_kind::trades) {
  auto r = order(at, market::event_flag::last, market::book_action::trade);
  r.kind = kind;
  return r;
}

inline input_record definition(timestamp at, std::int64_t tick_nanos) {
  input_record r;
  r.kind = record_kind::definition;
  r.instrument_id = es;
  r.delivered = r.event_time = at;
  r.instrument.id = es;
  r.instrument.raw_symbol = "ESH4";
  r.instrument.tick = price(tick_nanos);
  r.instrument.ts_event = at;
  return r;
}

/// As the feeder drives one symbol of a stream.
inline std::vector<std::unique_ptr<batch>> batches_of(const std::vector<input_record>& records,
                                                      normaliser_options options) {
  normaliser core(*symbol::parse("ESH4"), options);
  std::vector<std::unique_ptr<batch>> out;
  const auto keep = [&](std::unique_ptr<batch> b) {
    if (b) out.push_back(std::move(b));
  };
  timestamp now = start_of_time;
  std::uint64_t ordinal = 0;
  for (const auto& r : records) {
    ++ordinal;
    now = std::max(now, r.event_time);
    if (core.splits(r)) keep(core.cut(ordinal - 1, true));
    if (core.due(now)) keep(core.cut(ordinal - 1));
    if (core.add(r, ordinal, now)) keep(core.cut(ordinal));
  }
  keep(core.cut(ordinal));
  return out;
}

/// Records as a source, with an error at their end when there is one.
class listed_source final : public source {
 public:
  explicit listed_source(std::vector<input_record> records, std::optional<std::string> error = {})
      : records_(std::move(records)), error_(std::move(error)) {}
  const input_record* next() override { return at_ < records_.size() ? &records_[at_++] : nullptr; }
  std::optional<std::string> error() const override { return at_ == records_.size() ? error_ : std::nullopt; }
  source_progress progress() const override { return {at_, records_.size()}; }
  record_counts skipped() const override { return {}; }

 private:
  std::vector<input_record> records_;
  std::optional<std::string> error_;
  std::size_t at_ = 0;
};

}  // namespace isobar::feed_ingest::testing
