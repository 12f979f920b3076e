#include "feed-ingest/domain/quote_maker.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace isobar::feed_ingest {
namespace {

using market::book_event;
using market::book_side;
using market::order_book;
namespace flag = market::event_flag;

constexpr std::size_t first_levels = 64;

void put_side(const order_book& book, book_side side, price& p, std::uint32_t& size) {
  const auto best = book.best(side);
  if (!best) return;
  p = price(best->tick * book.tick().value);
  size = static_cast<std::uint32_t>(std::min<std::uint64_t>(best->size, UINT32_MAX));
}

/// Puts the orders of one book, and the trust in it, into another that is empty.
void copy_book(const order_book& from, order_book& to) {
  const std::uint8_t flags = from.trust() == market::book_trust::snapshot ? flag::snapshot : 0;
  if (from.trust() != market::book_trust::partial)
    (void)to.apply({.ts_event = {}, .action = market::book_action::clear, .flags = flags});
  std::vector<market::book_level> levels;
  std::vector<market::book_order> orders;
  levels.reserve(first_levels);
  for (const auto side : {book_side::bid, book_side::ask}) {
    levels.clear();
    from.depth(side, SIZE_MAX, levels);
    for (const auto& level : levels) {
      orders.clear();
      from.queue(side, level.tick, orders);
      for (const auto& o : orders)
        (void)to.apply({.ts_event = o.ts_entered,
                        .price = price(o.tick * from.tick().value),
                        .order = o.id,
                        .size = o.size,
                        .action = market::book_action::add,
                        .side = side,
                        .flags = flags});
    }
  }
}

}  // namespace

std::unique_ptr<order_book> quote_maker::empty_book(price tick) const {
  return std::make_unique<order_book>(market::book_config{.tick = tick, .ladder_ticks = ladder_ticks_});
}

void quote_maker::set_tick(price tick) {
  if (tick <= price(0) || tick == tick_) return;
  // On a finer grid every price of a coarser one has its place.
  if (book_ && tick_ > price(0) && tick.value % tick_.value == 0) return;
  tick_ = tick;
  if (!book_) return;
  auto next = empty_book(tick);
  copy_book(*book_, *next);
  book_ = std::move(next);
}

void quote_maker::refine(price p) {
  if (p == market::no_price || p.value <= 0 || (tick_ > price(0) && p.value % tick_.value == 0)) return;
  set_tick(price(std::gcd(p.value, std::max<std::int64_t>(tick_.value, 0))));
}

std::optional<market::top_quote> quote_maker::changed(const market::top_quote& now) {
  if (now.bid == last_.bid && now.ask == last_.ask && now.trusted == last_.trusted) return std::nullopt;
  return last_ = now;
}

std::optional<market::top_quote> quote_maker::take(const book_event& e) {
  if (follow_) refine(e.price);
  if (!book_) book_ = empty_book(tick_);
  (void)book_->apply(e);
  if (!e.has(flag::last) || e.has(flag::snapshot)) return std::nullopt;
  market::top_quote now{.ts_event = e.ts_event, .trusted = book_->trust() == market::book_trust::whole};
  put_side(*book_, book_side::bid, now.bid, now.bid_size);
  put_side(*book_, book_side::ask, now.ask, now.ask_size);
  return changed(now);
}

std::optional<market::top_quote> quote_maker::take(const input_record& r, bool& taken) {
  if (!schema_) schema_ = r.kind;
  taken = !book_ && *schema_ == r.kind;
  if (!taken || !r.quote_ends) return std::nullopt;
  auto now = r.quote;
  if (now.bid_size == 0) now.bid = market::no_price;
  if (now.ask_size == 0) now.ask = market::no_price;
  if (now.bid == market::no_price) now.bid_size = 0;
  if (now.ask == market::no_price) now.ask_size = 0;
  return changed(now);
}

}  // namespace isobar::feed_ingest
