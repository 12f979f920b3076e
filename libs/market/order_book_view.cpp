#include "market/order_book.hpp"

#include "market/book_image.hpp"

namespace isobar::market {

using detail::no_slot;

book_level order_book::level_at(std::uint32_t level) const {
  const detail::level_record& l = levels_[level];
  return {l.tick, l.size, l.orders};
}

book_order order_book::order_at(std::uint32_t slot) const {
  const order_record& o = orders_[slot];
  const detail::level_record& l = levels_[o.level];
  return {o.id, l.side, l.tick, o.size, o.ts_entered};
}

std::optional<book_level> order_book::best(book_side side) const {
  const std::uint32_t level = levels_.best(side);
  if (level == no_slot) return std::nullopt;
  return level_at(level);
}

bool order_book::crossed() const {
  const std::uint32_t bid = levels_.best(book_side::bid), ask = levels_.best(book_side::ask);
  return bid != no_slot && ask != no_slot && levels_[bid].tick >= levels_[ask].tick;
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
  const std::uint32_t slot = locate(id).slot;
  if (slot == no_slot) return std::nullopt;
  return order_at(slot);
}

std::optional<order_book::queue_place> order_book::place(order_id id) const {
  const std::uint32_t slot = locate(id).slot;
  if (slot == no_slot) return std::nullopt;
  queue_place p;
  for (std::uint32_t o = orders_[slot].prev; o != no_slot; o = orders_[o].prev) {
    p.size_ahead += orders_[o].size;
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
  for (std::uint32_t o = levels_[level].head; o != no_slot; o = orders_[o].next) out.push_back(order_at(o));
}

std::size_t order_book::memory_bytes() const {
  return sizeof(*this) + index_.memory_bytes() + orders_.capacity() * sizeof(order_record) + levels_.memory_bytes() +
         fills_.capacity() * sizeof(pending_fill) + fill_of_.capacity() * sizeof(std::uint32_t);
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
      for (std::uint32_t o = level.head; o != no_slot; o = orders_[o].next) {
        const std::uint32_t fill = fills_.empty() ? 0 : fill_of_[o];
        orders.push_back({orders_[o].id, orders_[o].ts_entered, orders_[o].size, fill ? fills_[fill - 1].left : 0});
      }
      l = level.tick == INT64_MAX ? no_slot : levels_.at_or_above(side, level.tick + 1);
    }
  }
  return image;
}

bool order_book::assign(const book_image& image) {
  clear();
  trusted_ = in_snapshot_ = spoiled_ = just_cleared_ = inside_event_ = false;
  refused_ = {};
  std::size_t orders = 0;
  for (const auto& levels : image.sides)
    for (const auto& level : levels) {
      orders += level.orders.size();
      if (!scale_.holds(level.tick)) return false;
    }
  if (image.tick != tick() || orders > orders_max_) return false;
  for (const book_side side : {book_side::bid, book_side::ask})
    for (const auto& level : image.sides[static_cast<std::size_t>(side)])
      for (const book_image::order& o : level.orders) {
        const std::uint32_t slot = take_slot();
        orders_[slot].id = o.id;
        orders_[slot].ts_entered = o.ts_entered;
        orders_[slot].size = o.size;
        index_.insert(locate(o.id), o.id, slot);
        enqueue(slot, levels_.find_or_make(side, level.tick));
        leave_fill(slot, o.unfilled);
      }
  trusted_ = image.trusted;
  in_snapshot_ = image.in_snapshot;
  spoiled_ = image.spoiled;
  just_cleared_ = image.just_cleared;
  inside_event_ = image.inside_event;
  refused_ = image.refused;
  return true;
}

void order_book::save(std::string& out) const { encode(image(), out); }

bool order_book::restore(std::string_view bytes) {
  if (const std::optional<book_image> image = decode_book_image(bytes)) return assign(*image);
  assign({});
  return false;
}

}  // namespace isobar::market
