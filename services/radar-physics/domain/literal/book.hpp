#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "market/futures_feed.hpp"

/// The order-by-order book as the earlier system kept it (futures-medium 1.3 [L]): wrong about fills and about what a
/// repeated add does, on purpose. See literal_engine.hpp.
namespace isobar::radar_physics::literal {

using market::book_side;

/// 0 for bids, 1 for asks.
constexpr std::size_t index_of(book_side s) { return s == book_side::bid ? 0 : 1; }

struct order {
  book_side side = book_side::none;
  isobar::price price;
  std::int64_t size = 0;
  timestamp entered;  ///< at its present price
  template <class Archive>
  void fields(Archive& a) {
    a(side, price, size, entered);
  }
};

/// What one message did to one order.
struct change {
  std::optional<order> before, after;
};

struct book {
  /// Lots by price, of each side (index_of); only levels above 0.
  using sides = std::array<std::map<isobar::price, std::int64_t>, 2>;
  std::map<market::order_id, order> orders;
  sides depth;

  /// Add, cancel, modify and fill; anything else, and what the book does not know, changes nothing.
  change apply(const market::book_event& e);
  void clear();

  template <class Archive>
  void fields(Archive& a) {
    a(orders, depth);
  }

 private:
  void move_depth(book_side side, isobar::price at, std::int64_t by);
};

}  // namespace isobar::radar_physics::literal
