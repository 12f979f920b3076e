#pragma once
#include <array>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "market/book_image.hpp"
#include "market/order_book.hpp"

namespace isobar::market {

/// The obvious order-by-order book: a map of levels, a list of orders in each, a hash map of orders. Follows the rules
/// of order_book and shares none of its code, so that it can tell when that one is wrong: oracle of the tests, rival of
/// the benches, second book of the audit. Slow and without a bound of memory beyond orders_max.
class naive_book {
 public:
  explicit naive_book(book_config c) : config_(c) {
    if (config_.tick.value <= 0) config_.tick = price(1);
  }

  book_change apply(const book_event& e);
  void distrust();

  book_trust trust() const;
  bool inside_event() const { return inside_event_; }
  std::optional<book_level> best(book_side side) const;
  bool crossed() const;
  book_level level(book_side side, tick_index tick) const;
  std::uint64_t total_size(book_side side) const;
  std::size_t total_orders(book_side side) const;
  std::size_t total_levels(book_side side) const;
  std::optional<book_order> find(order_id id) const;
  void depth(book_side side, std::size_t most, std::vector<book_level>& out) const;
  void queue(book_side side, tick_index tick, std::vector<book_order>& out) const;
  const std::array<std::uint64_t, book_refusals>& refused() const { return refused_; }

  /// The whole state, and going on from one (false: of another tick; the book is then empty and partial).
  book_image image() const;
  bool assign(const book_image& image);

 private:
  struct queued {
    order_id id{};
    std::uint32_t size = 0;
    timestamp ts_entered;
  };
  struct price_level {
    std::list<queued> queue;
    std::uint64_t size = 0;
  };
  using ladder = std::map<tick_index, price_level>;
  struct where {
    book_side side = book_side::none;
    tick_index tick = 0;
    std::list<queued>::iterator order;
  };

  void act(const book_event& e, book_change& c);
  void act_add(const book_event& e, book_change& c);
  void act_modify(const book_event& e, book_change& c);
  void act_cancel(const book_event& e, book_change& c);
  void act_fill(const book_event& e, book_change& c);
  book_change& reject(book_change& c, book_refusal why, bool lost);
  std::optional<book_refusal> unusable(const book_event& e) const;
  void insert(book_side side, tick_index tick, const queued& order);
  void erase(order_id id);
  void empty();
  ladder& of(book_side side) { return side == book_side::bid ? bids_ : asks_; }
  const ladder& of(book_side side) const { return side == book_side::bid ? bids_ : asks_; }

  book_config config_;
  ladder bids_, asks_;
  std::unordered_map<order_id, where> orders_;
  std::map<order_id, std::uint32_t> unfilled_;  ///< what fills of the open event left to be consumed
  std::array<std::uint64_t, 2> size_{};
  std::array<std::size_t, 2> count_{};
  bool trusted_ = false, in_snapshot_ = false, spoiled_ = false, just_cleared_ = false, inside_event_ = false;
  std::array<std::uint64_t, book_refusals> refused_{};
};

}  // namespace isobar::market
