#pragma once
#include <memory>
#include <optional>

#include "core/symbol.hpp"
#include "feed-ingest/domain/batch.hpp"
#include "feed-ingest/domain/quote_maker.hpp"

namespace isobar::feed_ingest {

/// Records of one frame: what a consumer's decoder accepts at most.
inline constexpr std::size_t frame_records_max = 65'536;

struct normaliser_options {
  std::size_t frame_records = 512;                    ///< a batch is cut behind the event that reaches it
  duration_ns frame_span = milliseconds(100);         ///< of input time, between events
  duration_ns open_event_span = milliseconds(1'000);  ///< of input time, inside an event that is not closed
  bool quotes = true;                                 ///< make rows of best prices
  bool options_only = false;                          ///< no instrument of its own: options alone tell the time
  option_desk_options options{};
};

/// Turns the records of one symbol into batches. Pure: same records and options, same batches.
///
/// A batch is cut only where an event ends (a record with LAST, or the last record of a snapshot), unless the event is
/// longer than frame_records_max or lasts longer than open_event_span: then event_open says so. Trades are taken from
/// the first schema that tells of one. Nothing is dropped for its value: what is unusual is counted and passed on.
class normaliser {
 public:
  /// `tick`: what is known before a definition says it; 0: nothing.
  normaliser(isobar::symbol symbol, normaliser_options options, price tick = price(0))
      : symbol_(std::move(symbol)),
        options_(options),
        best_(tick, market::book_config{}.ladder_ticks),
        desk_(options.options) {}

  /// Call it before add() with the input time of every record of the stream, this symbol's or not: true when the batch
  /// must leave first.
  bool due(timestamp now) const { return size_ > 0 && now.ns > due_.ns; }
  /// True when the record must not join the batch: a snapshot begins or ends, the tick or the instrument's number
  /// changes.
  bool splits(const input_record& r) const;
  /// Takes or counts one record; `ordinal` is its number in the whole input, `now` the input time. True when the batch
  /// is full.
  bool add(const input_record& r, std::uint64_t ordinal, timestamp now);
  /// As add(), for a definition of an option on the symbol or a record of one: splits() does not matter to those.
  bool add_option(const input_record& r, std::uint64_t ordinal, timestamp now);
  /// The records so far, or what else is new (gaps, time); nothing when nothing is. `event_ends`: what comes next does
  /// not belong to an event that is open now.
  std::unique_ptr<batch> cut(std::uint64_t ordinal, bool event_ends = false);
  /// Input time behind which due() is true.
  timestamp due_time() const { return size_ > 0 ? due_ : end_of_time; }

  /// A gap that is known from outside: a corrupt file, a late mapping.
  void report(gap g);
  /// Nothing older than this follows (simulated time).
  void pass_time(timestamp until);

  const isobar::symbol& symbol() const { return symbol_; }
  const record_counts& counts() const { return counts_; }
  const oddities& odd() const { return odd_; }
  timestamp watermark() const { return watermark_; }
  std::size_t pending() const { return size_; }

 private:
  bool take(const input_record& r);
  bool take_option(const input_record& r);
  bool joined(timestamp now);
  void pass_option_time(timestamp t);
  void take_event(const market::book_event& e);
  bool take_trade(const input_record& r);
  refusal take_by_price(const input_record& r);
  bool take_quote(const input_record& r);
  void say(const market::top_quote& row);
  void judge_price(price p, bool required);
  void judge_time(timestamp t);
  bool refuse(refusal why);

  const isobar::symbol symbol_;
  const normaliser_options options_;
  std::unique_ptr<batch> batch_ = std::make_unique<batch>();
  std::size_t size_ = 0;       ///< of batch_
  std::uint64_t ordinal_ = 0;  ///< of the record being taken
  std::uint64_t batches_ = 0;
  timestamp due_ = end_of_time;  ///< input time at which the batch is cut
  timestamp began_ = start_of_time;
  timestamp watermark_ = start_of_time;
  timestamp told_ = start_of_time;       ///< watermark of the batch before
  timestamp last_time_ = start_of_time;  ///< event time of the last record that is no snapshot
  std::uint32_t instrument_id_ = 0;
  std::uint32_t last_sequence_ = 0;
  price tick_{0};
  bool any_sequence_ = false;
  bool any_events_ = false;  ///< in the batch
  bool event_open_ = false;
  bool last_snapshot_ = false;
  bool last_bad_book_ = false;
  std::optional<record_kind> trade_schema_;
  quote_maker best_;
  option_desk desk_;
  std::uint64_t quotes_made_ = 0;
  record_counts counts_, told_counts_;  ///< told: with the batch before
  oddities odd_;
};

}  // namespace isobar::feed_ingest
