#include "radar-physics/transport/book_call.hpp"

namespace isobar::radar_physics {
namespace {

using market::book_side;

void write_orders(const market::order_book& book, book_side side, market::tick_index tick, std::size_t& left,
                  radar::v1::BookLevel& to) {
  std::vector<market::book_order> queue;
  book.queue(side, tick, queue);
  for (const market::book_order& o : queue) {
    if (left == 0) return;
    --left;
    auto& order = *to.add_orders();
    order.set_order_id(static_cast<std::uint64_t>(o.id));
    order.set_lots(o.size);
    order.set_ts_entered_ns(o.ts_entered.ns);
  }
}

template <class Levels>
void write_side(const market::order_book& book, book_side side, std::size_t depth, bool with_orders, std::size_t& left,
                Levels& to) {
  std::vector<market::book_level> levels;
  book.depth(side, depth, levels);
  for (const market::book_level& l : levels) {
    auto& level = *to.Add();
    level.set_price_nanos(l.tick * book.tick().value);
    level.set_lots(l.size);
    level.set_order_count(l.orders);
    if (with_orders) write_orders(book, side, l.tick, left, level);
  }
}

market::quality quality_of(const market::order_book& book) {
  if (book.trust() != market::book_trust::whole) return market::quality::gap;
  return book.crossed() ? market::quality::crossed_in_feed : market::quality::ok;
}

}  // namespace

query_result<void> check(const radar::v1::GetBookRequest& request) {
  if (request.depth() > depth_max)
    return fail(query_errc::invalid_argument, "depth: above " + std::to_string(depth_max));
  return {};
}

query_result<void> write_book(const market::order_book& book, const symbol& name, timestamp last_event,
                              const radar::v1::GetBookRequest& request, radar::v1::GetBookResponse& to) {
  if (last_event == start_of_time)
    return fail(query_errc::unavailable, "symbol: nothing built yet for " + request.symbol());
  if (book.trust() == market::book_trust::snapshot)
    return fail(query_errc::unavailable, "symbol: the book of " + name.str() + " is being rebuilt");
  const std::size_t depth = request.depth() == 0 ? 10 : request.depth();
  std::size_t orders_left = orders_max;
  to.set_symbol(name.str());
  to.set_ts_event_ns(last_event.ns);
  to.set_trust(static_cast<radar::v1::BookTrust>(static_cast<int>(book.trust()) + 1));
  to.set_crossed(book.crossed());
  to.set_quality(static_cast<common::v1::Quality>(quality_of(book)));
  write_side(book, book_side::bid, depth, request.orders(), orders_left, *to.mutable_bids());
  write_side(book, book_side::ask, depth, request.orders(), orders_left, *to.mutable_asks());
  to.set_bid_lots(book.total_size(book_side::bid));
  to.set_ask_lots(book.total_size(book_side::ask));
  to.set_bid_orders(static_cast<std::uint32_t>(book.total_orders(book_side::bid)));
  to.set_ask_orders(static_cast<std::uint32_t>(book.total_orders(book_side::ask)));
  return {};
}

}  // namespace isobar::radar_physics
