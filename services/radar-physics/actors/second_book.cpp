#include "radar-physics/actors/second_book.hpp"

namespace isobar::radar_physics {

void second_book::start_from(const market::order_book& book) {
  std::string state;
  book.save(state);
  if (!book_.restore(state) || !audit_.start_from(book_))
    difference_ = "the book of the checkpoint cannot be taken over";
}

void second_book::apply(std::span<const market::book_event> records) {
  for (const market::book_event& e : records) (void)audit_.check(e, book_.apply(e), book_);
}

void second_book::distrust() {
  book_.distrust();
  audit_.distrust();
}

void second_book::compare(const market::order_book& engine) {
  if (difference()) return;
  for (const market::book_side side : {market::book_side::bid, market::book_side::ask}) {
    const bool same = engine.best(side) == book_.best(side) && engine.total_size(side) == book_.total_size(side) &&
                      engine.total_orders(side) == book_.total_orders(side);
    if (!same)
      difference_ = "the engine's book differs: " + std::to_string(engine.total_size(side)) + " lots in " +
                    std::to_string(engine.total_orders(side)) + " orders, " + std::to_string(book_.total_size(side)) +
                    " in " + std::to_string(book_.total_orders(side));
  }
  if (engine.trust() != book_.trust()) difference_ = "the engine's book is not trusted as far as the second one";
}

}  // namespace isobar::radar_physics
