#include "market/order_book.hpp"

#include "market/book_image.hpp"

namespace isobar::market {

using detail::no_slot;

book_order order_book::order_at(std::uint32_t slot) const {
  const detail::order_record& o = levels_.pool().order(slot);
  const detail::level_record& l = levels_[o.level];
  return {o.id, l.side, l.tick, o.size, o.ts_entered};
}

std::optional<price> order_book::mid() const {
  const std::uint32_t bid = levels_.best(book_side::bid), ask = levels_.best(book_side::ask);
  if (bid == no_slot || ask == no_slot || crossed()) return std::nullopt;
  const std::int64_t low = scale_.price_of(levels_[bid].tick).value, high = scale_.price_of(levels_[ask].tick).value;
  const std::uint64_t spread =
      static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);  // may pass INT64_MAX
  return price(low + static_cast<std::int64_t>(spread / 2));
}

book_level order_book::level(book_side side, tick_index tick) const {
  const std::uint32_t level = levels_.find(side, tick);
  return level == no_slot ? book_level{tick} : level_at(level);
}

std::optional<book_order> order_book::find(order_id id) const {
  const std::uint32_t slot = locate(id, hash_of(id)).slot;
  if (slot == no_slot) return std::nullopt;
  return order_at(slot);
}

std::optional<order_book::queue_place> order_book::place(order_id id) const {
  const std::uint32_t slot = locate(id, hash_of(id)).slot;
  if (slot == no_slot) return std::nullopt;
  queue_place p;
  const detail::record_pool& pool = levels_.pool();
  for (std::uint32_t o = pool.order(slot).prev; o != pool.order(slot).level; o = pool.order(o).prev) {
    p.size_ahead += pool.order(o).size;
    ++p.orders_ahead;
  }
  return p;
}

void order_book::depth(book_side side, std::size_t most, std::vector<book_level>& out) const {
  for (std::uint32_t l = levels_.best(side); l != no_slot && most != 0; l = levels_.worse(l), --most)
    out.push_back(level_at(l));
}

void order_book::levels_between(book_side side, tick_index low, tick_index high, std::vector<book_level>& out) const {
  for (std::uint32_t l = levels_.at_or_above(side, low); l != no_slot && levels_[l].tick <= high;) {
    out.push_back(level_at(l));
    const tick_index tick = levels_[l].tick;
    l = tick == INT64_MAX ? no_slot : levels_.at_or_above(side, tick + 1);
  }
}

void order_book::queue(book_side side, tick_index tick, std::vector<book_order>& out) const {
  const std::uint32_t level = levels_.find(side, tick);
  if (level == no_slot) return;
  for (std::uint32_t o = levels_[level].next; o != level; o = levels_.pool().order(o).next) out.push_back(order_at(o));
}

std::size_t order_book::memory_bytes() const {
  return sizeof(*this) + index_.memory_bytes() + levels_.memory_bytes() + fills_.memory_bytes();
}

book_image order_book::image() const {
  book_image image{.tick = tick(),
                   .trusted = trusted_,
                   .in_snapshot = in_snapshot_,
                   .spoiled = spoiled_,
                   .just_cleared = just_cleared_,
                   .inside_event = inside_event_,
                   .refused = refused_,
                   .sides = {}};
  for (const book_side side : {book_side::bid, book_side::ask}) {
    auto& levels = image.sides[static_cast<std::size_t>(side)];
    for (std::uint32_t l = levels_.at_or_above(side, INT64_MIN); l != no_slot;) {
      const detail::level_record& level = levels_[l];
      auto& orders = levels.emplace_back(book_image::level{level.tick, {}}).orders;
      orders.reserve(level.orders);
      for (std::uint32_t slot = level.next; slot != l; slot = levels_.pool().order(slot).next) {
        const detail::order_record& o = levels_.pool().order(slot);
        orders.push_back({o.id, o.ts_entered, o.size, fills_.of(slot)});
      }
      l = level.tick == INT64_MAX ? no_slot : levels_.at_or_above(side, level.tick + 1);
    }
  }
  return image;
}

void order_book::save(std::string& out) const { encode(image(), out); }

bool order_book::restore(std::string_view bytes) {
  if (const std::optional<book_image> image = decode_book_image(bytes)) return assign(*image);
  assign({});
  return false;
}

}  // namespace isobar::market
