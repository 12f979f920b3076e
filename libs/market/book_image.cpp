#include "market/book_image.hpp"

#include <algorithm>
#include <concepts>

namespace isobar::market {
namespace {

constexpr std::uint32_t magic = 0x4B42'5349;  // "ISBK"
constexpr std::uint32_t version = 1;
constexpr std::size_t level_bytes = 8 + 4, order_bytes = 8 + 8 + 4 + 4;

template <std::unsigned_integral Int>
void put(std::string& out, Int v) {
  for (std::size_t i = 0; i < sizeof(Int); ++i) out.push_back(static_cast<char>(v >> (8 * i) & 0xFF));
}

struct byte_reader {
  std::string_view left;
  bool ok = true;

  template <std::unsigned_integral Int>
  Int take() {
    if (left.size() < sizeof(Int)) {
      ok = false;
      left = {};
      return 0;
    }
    Int v = 0;
    for (std::size_t i = 0; i < sizeof(Int); ++i)
      v |= static_cast<Int>(static_cast<Int>(static_cast<unsigned char>(left[i])) << (8 * i));
    left.remove_prefix(sizeof(Int));
    return v;
  }
  std::int64_t take_signed() { return static_cast<std::int64_t>(take<std::uint64_t>()); }
  /// A count of things that take at least `each` bytes.
  std::size_t take_count(std::size_t each) {
    const std::size_t n = take<std::uint32_t>();
    if (n > left.size() / each) ok = false;
    return ok ? n : 0;
  }
};

bool read_level(byte_reader& in, book_image::level& l) {
  l.tick = in.take_signed();
  l.orders.resize(in.take_count(order_bytes));
  for (book_image::order& o : l.orders) {
    o.id = static_cast<order_id>(in.take<std::uint64_t>());
    o.ts_entered.ns = in.take_signed();
    o.size = in.take<std::uint32_t>();
    o.unfilled = in.take<std::uint32_t>();
    if (o.size == 0 || o.unfilled > o.size) return false;
  }
  return in.ok && !l.orders.empty();
}

bool read_side(byte_reader& in, std::vector<book_image::level>& side) {
  side.resize(in.take_count(level_bytes + order_bytes));
  for (std::size_t i = 0; i < side.size(); ++i)
    if (!read_level(in, side[i]) || (i != 0 && side[i].tick <= side[i - 1].tick)) return false;
  return in.ok;
}

bool numbers_differ(const book_image& image) {
  std::vector<order_id> ids;
  for (const auto& side : image.sides)
    for (const auto& level : side)
      for (const auto& order : level.orders) ids.push_back(order.id);
  std::ranges::sort(ids);
  return std::ranges::adjacent_find(ids) == ids.end();
}

}  // namespace

void encode(const book_image& image, std::string& out) {
  put(out, magic);
  put(out, version);
  put(out, static_cast<std::uint64_t>(image.tick.value));
  put(out, static_cast<std::uint8_t>(image.trusted | image.in_snapshot << 1 | image.spoiled << 2 |
                                     image.just_cleared << 3 | image.inside_event << 4));
  for (const std::uint64_t n : image.refused) put(out, n);
  for (const auto& side : image.sides) {
    put(out, static_cast<std::uint32_t>(side.size()));
    for (const auto& level : side) {
      put(out, static_cast<std::uint64_t>(level.tick));
      put(out, static_cast<std::uint32_t>(level.orders.size()));
      for (const auto& order : level.orders) {
        put(out, static_cast<std::uint64_t>(order.id));
        put(out, static_cast<std::uint64_t>(order.ts_entered.ns));
        put(out, order.size);
        put(out, order.unfilled);
      }
    }
  }
}

std::optional<book_image> decode_book_image(std::string_view bytes) {
  byte_reader in{bytes};
  book_image image;
  if (in.take<std::uint32_t>() != magic || in.take<std::uint32_t>() != version) return std::nullopt;
  image.tick = price(in.take_signed());
  const auto flags = in.take<std::uint8_t>();
  if (flags >= 1 << 5 || image.tick.value <= 0) return std::nullopt;
  image.trusted = flags & 1;
  image.in_snapshot = flags & 2;
  image.spoiled = flags & 4;
  image.just_cleared = flags & 8;
  image.inside_event = flags & 16;
  for (std::uint64_t& n : image.refused) n = in.take<std::uint64_t>();
  for (auto& side : image.sides)
    if (!read_side(in, side)) return std::nullopt;
  if (!in.ok || !in.left.empty() || !numbers_differ(image)) return std::nullopt;
  return image;
}

}  // namespace isobar::market
