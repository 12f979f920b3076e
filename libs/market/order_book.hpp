#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "market/book/level_store.hpp"
#include "market/book/order_index.hpp"
#include "market/book/pending_fills.hpp"
#include "market/book/tick_scale.hpp"
#include "market/book_change.hpp"

namespace isobar::market {

struct book_image;

struct book_config {
  price tick{250'000'000};             ///< smallest price step; zero or less (unknown) counts as 1
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
  partial,   ///< history began in the middle, or orders were refused or lost: until the next snapshot or clear
  snapshot,  ///< being rebuilt by records with the snapshot flag
  whole,
};

/// Order-by-order book of one instrument: FIFO queues per price level, integer ticks, O(1) order lookup. Bids and asks
/// live in a contiguous ladder of ticks around the market, far levels in an ordered outer store. Not thread-safe: the
/// worker of the symbol owns it. Rules: decisions 7 to 11 and futures-medium 1.3; where they are silent:
///
/// * Trust. A book starts partial. A clear without the snapshot flag makes it whole (empty, and known to be); a
/// snapshot
///   makes it whole with its end. It becomes partial by distrust(), by a record with maybe_bad_book (other than a
///   clear, which wipes what was bad) and by the refusals that say so (book_refusal): a cancel, modify or duplicate add
///   that a whole book cannot place proves that a record was lost. Fills of unknown orders prove nothing (CME prints
///   some). A snapshot in which that happens ends partial. The next snapshot or clear heals.
/// * Snapshot mode. The first record with the flag clears the book, unless the record before it (or it itself) was a
///   clear. The first record without the flag ends it; so does LAST when another snapshot follows. Fills and trades
///   with the flag are history and do nothing.
/// * Fills. One fill and the cancel or modify that answers it are a pair: several fills of an order before the answer
///   add up, the answer consumes all of it, LAST forgets what was not answered.
/// * Priority. An order goes to the end of its queue when its price changes or lots are added to it: a larger size, and
///   the refill of an iceberg even when the size stays (on the real ES session fills then meet the head of the queue
///   more often). ts_entered changes only with the price.
/// * Modify keeps the side of the add. Cancels go by number alone; their price and side are not looked at.
class order_book {
 public:
  explicit order_book(book_config c);

  /// What apply() looks an order up by; whoever has it already passes it on.
  using hash = detail::order_index::hash;
  static hash hash_of(order_id id) { return detail::order_index::hash_of(id); }

  /// Takes one record. Amortised constant time, no allocation in steady state.
  book_change apply(const book_event& e) { return apply(e, hash_of(e.order)); }
  book_change apply(const book_event& e, hash h);
  /// The same inlined: fills `c` and calls `then(c)` in the branch of each action (order_book_apply.hpp).
  template <class Then>
  void apply(const book_event& e, hash h, book_change& c, Then&& then);
  /// Takes a batch; `sink(event, change)` after each record. Looks ahead in the batch: several times faster when the
  /// book is too large for the caches.
  template <class Sink>
  void apply(std::span<const book_event> batch, Sink&& sink);

  /// Hashes the orders of a batch for those who apply it one by one and, unless the book is small, asks the memory for
  /// them a stride of records ahead. In a large one loads that hang on each other are asked for a stride apart: the
  /// index's bucket, the order, its level and neighbours.
  class scout {
   public:
    /// Books up to `near_slots` orders and levels of 32 bytes are small: 1 MiB, when the cache is the book's alone.
    scout(const order_book& book, std::span<const book_event> batch, std::size_t near_slots = 1 << 15);
    /// The record's hash; to be called for each record, in order, before it is applied.
    order_book::hash before(std::size_t at) {
      if (at % stride == 0) look(at);
      return hash_[at % hashes];
    }

   private:
    static constexpr std::size_t stride = 16;
    static constexpr std::size_t hashes = 2 * stride;  ///< two strides are under way
    enum class reach : std::uint8_t { near, middle, far };
    static reach reach_of(const order_book& book, std::size_t near_slots);
    void look(std::size_t at);
    void hash(std::size_t at);
    void guess(std::size_t at);
    void ask(std::size_t at) const;
    void look_beyond(std::size_t at) const;

    const order_book& book_;
    std::span<const book_event> batch_;
    reach reach_;
    std::array<order_book::hash, hashes> hash_;
    std::array<std::uint32_t, stride> slot_{};  ///< where the orders of the next stride may be
  };

  book_trust trust() const {
    return in_snapshot_ ? book_trust::snapshot : trusted_ ? book_trust::whole : book_trust::partial;
  }
  /// The vendor met a gap (or the feed did): partial until the next snapshot or clear.
  void distrust();
  /// Inside an event: records since the last LAST.
  bool inside_event() const { return inside_event_; }

  /// Highest bid or lowest ask; nothing when the side is empty.
  std::optional<book_level> best(book_side side) const {
    const std::uint32_t level = levels_.best(side);
    if (level == detail::no_slot) return std::nullopt;
    return level_at(level);
  }
  /// Both sides present and best bid >= best ask.
  bool crossed() const {
    const std::uint32_t bid = levels_.best(book_side::bid), ask = levels_.best(book_side::ask);
    return bid != detail::no_slot && ask != detail::no_slot && levels_[bid].tick >= levels_[ask].tick;
  }
  /// (bid + ask) / 2, exact, in 1e-9; nothing unless both sides are present and not crossed (decisions 8).
  std::optional<price> mid() const;
  /// The level, of size 0 when it is not there.
  book_level level(book_side side, tick_index tick) const;
  std::uint64_t total_size(book_side side) const { return total_size_[static_cast<std::size_t>(side)]; }
  std::size_t total_orders(book_side side) const { return total_orders_[static_cast<std::size_t>(side)]; }
  std::size_t total_levels(book_side side) const { return levels_.count(side); }
  std::optional<book_order> find(order_id id) const;
  struct queue_place {
    std::uint64_t size_ahead = 0;  ///< lots before the order at its level
    std::uint32_t orders_ahead = 0;
    bool operator==(const queue_place&) const = default;
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
  const std::array<std::uint64_t, book_refusals>& refused() const { return refused_; }
  price tick() const { return scale_.tick(); }
  std::size_t memory_bytes() const;
  /// How often the ladder was moved to follow the market.
  std::uint64_t recentred() const { return levels_.recentred(); }

  /// The whole state, for checkpoints: orders level by level in queue order, trust and event state. restore() replaces
  /// everything; false when the bytes are not a checkpoint of this version, of another tick or with more orders than
  /// the bound (the book is then empty and partial).
  void save(std::string& out) const;
  bool restore(std::string_view bytes);
  /// The same as a value.
  book_image image() const;
  bool assign(const book_image& image);

 private:
  auto id_of() const {
    return [this](std::uint32_t slot) { return levels_.pool().order(slot).id; };
  }
  [[gnu::always_inline]] detail::order_index::place locate(order_id id, hash h) const {
    return index_.find(id, h, id_of());
  }
  struct rebuilding {
    bool snapshot = false, cleared = false;  ///< as in book_change
  };
  rebuilding before_action(const book_event& e);
  void finish(const book_event& e, book_change& c);
  void add(const book_event& e, hash h, book_change& c);
  void modify(const book_event& e, hash h, book_change& c);
  void cancel(const book_event& e, hash h, book_change& c);
  void fill(const book_event& e, hash h, book_change& c);
  void trade(const book_event& e, book_change& c);
  void refuse(book_change& c, book_refusal why);
  bool by_price(const book_event& e, book_change& c);
  bool priced(const book_event& e, book_change& c, tick_index& tick);
  void describe(std::uint32_t slot, book_change& c) const;

  std::uint32_t make_order(order_id id, hash h, timestamp ts_entered, std::uint32_t size);
  void enqueue(std::uint32_t slot, std::uint32_t level);
  void unlink(std::uint32_t slot);
  void drop(const detail::order_index::place& at);
  void resize(std::uint32_t slot, std::uint32_t size);
  void clear();

  void leave_fill(std::uint32_t slot, std::uint32_t lots);

  book_level level_at(std::uint32_t level) const {
    const detail::level_record& l = levels_[level];
    return {l.tick, l.size, l.orders};
  }
  book_order order_at(std::uint32_t slot) const;

  detail::tick_scale scale_;
  std::size_t orders_max_;
  detail::order_index index_;
  detail::level_store levels_;
  std::array<std::uint64_t, 2> total_size_{};
  std::array<std::size_t, 2> total_orders_{};
  detail::pending_fills fills_;
  bool trusted_ = false, in_snapshot_ = false, spoiled_ = false, just_cleared_ = false, inside_event_ = false;
  std::array<std::uint64_t, book_refusals> refused_{};
};

template <class Sink>
void order_book::apply(std::span<const book_event> batch, Sink&& sink) {
  scout ahead(*this, batch);
  for (std::size_t i = 0; i < batch.size(); ++i) sink(batch[i], apply(batch[i], ahead.before(i)));
}

}  // namespace isobar::market
