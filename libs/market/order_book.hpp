#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "market/book_change.hpp"

namespace isobar::market {

struct book_config {
  price tick{250'000'000};             ///< smallest price step
  std::size_t orders_max = 4'000'000;  ///< live orders; one more is refused (full)
  std::size_t ladder_ticks = 8'192;    ///< width of the contiguous ladder, a power of two; farther levels live outside
};

/// One price level of one side.
struct book_level {
  tick_index tick = 0;
  std::uint64_t size = 0;  ///< lots
  std::uint32_t orders = 0;
  bool operator==(const book_level&) const = default;
};

/// One live order.
struct book_order {
  order_id id{};
  book_side side = book_side::none;
  tick_index tick = 0;
  std::uint32_t size = 0;  ///< displayed lots
  timestamp ts_entered;    ///< when it came to this tick; size changes leave it
  bool operator==(const book_order&) const = default;
};

/// How far the book can be believed (decisions 7).
enum class book_trust : std::uint8_t {
  partial,   ///< history began in the middle, or orders were refused: until the next snapshot or clear
  snapshot,  ///< being rebuilt by records with the snapshot flag
  whole,
};

/// Order-by-order book of one instrument: FIFO queues per price level, integer ticks, O(1) order lookup. Bids and asks
/// live in a contiguous ladder of ticks around the market, far levels in an ordered outer store. Not thread-safe: the
/// worker of the symbol owns it. Rules: decisions 7 to 11 and futures-medium 1.3.
class order_book {
 public:
  explicit order_book(book_config c);
  ~order_book();
  order_book(order_book&&) noexcept;
  order_book& operator=(order_book&&) noexcept;

  /// Takes one record. Amortised constant time, no allocation in steady state.
  book_change apply(const book_event& e);
  /// Hints that the order will be asked for soon.
  void prefetch(order_id id) const;

  book_trust trust() const;
  /// The vendor met a gap (or the feed did): partial until the next snapshot or clear.
  void distrust();
  /// Inside an event: records since the last LAST.
  bool inside_event() const;

  /// Highest bid or lowest ask; nothing when the side is empty.
  std::optional<book_level> best(book_side side) const;
  /// Both sides present and best bid >= best ask.
  bool crossed() const;
  /// (bid + ask) / 2, exact, in 1e-9; nothing unless both sides are present and not crossed (decisions 8).
  std::optional<price> mid() const;
  book_level level(book_side side, tick_index tick) const;
  std::uint64_t total_size(book_side side) const;
  std::size_t total_orders(book_side side) const;
  std::size_t total_levels(book_side side) const;
  std::optional<book_order> find(order_id id) const;
  struct queue_place {
    std::uint64_t size_ahead = 0;  ///< lots before the order at its level
    std::uint32_t orders_ahead = 0;
  };
  /// Linear in the orders ahead.
  std::optional<queue_place> place(order_id id) const;
  /// Up to `most` levels of one side, best first, appended to `out`: the by-price view.
  void depth(book_side side, std::size_t most, std::vector<book_level>& out) const;
  /// Levels of one side within [low, high] ticks, ascending, appended to `out`.
  void levels_between(book_side side, tick_index low, tick_index high, std::vector<book_level>& out) const;
  /// Orders of one level in queue order, appended to `out`.
  void queue(book_side side, tick_index tick, std::vector<book_order>& out) const;

  /// Records refused, by reason.
  const std::array<std::uint64_t, book_refusals>& refused() const;
  price tick() const;
  std::size_t memory_bytes() const;

  /// The whole state, for checkpoints: orders level by level in queue order, trust and event state. restore() replaces
  /// everything; false when the bytes are not a checkpoint of this version (the book is then empty and partial).
  void save(std::string& out) const;
  bool restore(std::string_view bytes);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::market
