#pragma once
#include <memory>
#include <optional>

#include "feed-ingest/domain/record.hpp"
#include "market/option_feed.hpp"
#include "market/order_book.hpp"

namespace isobar::feed_ingest {

/// Best prices of one instrument: a row whenever the best bid, the best ask or the trust in them changes (not for a
/// size alone), at the end of an event.
///
/// From order by order records through a book of its own; records of a snapshot make no row, the first live event
/// behind it does. From by-price records as long as there is no order by order one: of the first schema that tells a
/// quote, each record that ends an event or stands for itself (a trade with the quote, an interval's end). Prices of an
/// auction may be crossed: they are passed on.
class quote_maker {
 public:
  /// `tick`: best guess, 0 when there is none; `ladder_ticks`: of the book, see market::book_config; `follow`: an order
  /// between two ticks makes the tick finer, for instruments whose tick changes with the price (options).
  quote_maker(price tick, std::size_t ladder_ticks, bool follow = false)
      : tick_(tick), ladder_ticks_(ladder_ticks), follow_(follow) {}

  /// The definition's tick; 0 says nothing. A finer one rebuilds the book.
  void set_tick(price tick);
  /// An order by order record; the row that it makes, if any.
  std::optional<market::top_quote> take(const market::book_event& e);
  /// A by-price record with is_quote; `taken` says whether it belongs to the schema that counts here.
  std::optional<market::top_quote> take(const input_record& r, bool& taken);
  /// The row before; empty sides, untrusted: none yet.
  const market::top_quote& last() const { return last_; }
  std::size_t memory_bytes() const { return sizeof *this + (book_ ? sizeof *book_ + book_->memory_bytes() : 0); }

 private:
  std::optional<market::top_quote> changed(const market::top_quote& now);
  void refine(price p);
  std::unique_ptr<market::order_book> empty_book(price tick) const;

  price tick_;
  std::size_t ladder_ticks_;
  bool follow_;
  std::unique_ptr<market::order_book> book_;  ///< from the first order by order record on
  std::optional<record_kind> schema_;         ///< of the by-price records that count
  market::top_quote last_{.ts_event = start_of_time};
};

}  // namespace isobar::feed_ingest
