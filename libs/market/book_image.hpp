#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "market/book_change.hpp"

namespace isobar::market {

/// The whole state of a book as a value: what a checkpoint holds. Every book (order_book, naive_book) is made from one
/// and gives one, so that either goes on where the other stopped. Canonical: equal books have equal images.
struct book_image {
  struct order {
    order_id id{};
    timestamp ts_entered;
    std::uint32_t size = 0;      ///< displayed lots, positive
    std::uint32_t unfilled = 0;  ///< lots that a fill of the open event left to be consumed; at most size
    bool operator==(const order&) const = default;
  };
  struct level {
    tick_index tick = 0;
    std::vector<order> orders;  ///< in queue order, at least one
    bool operator==(const level&) const = default;
  };

  price tick{0};
  bool trusted = false;       ///< outside a snapshot: the book is whole
  bool in_snapshot = false;   ///< the last record had the snapshot flag
  bool spoiled = false;       ///< this snapshot will not be trusted
  bool just_cleared = false;  ///< the last record was a clear
  bool inside_event = false;
  std::array<std::uint64_t, book_refusals> refused{};
  std::array<std::vector<level>, 2> sides;  ///< bids, asks; ascending by tick

  bool operator==(const book_image&) const = default;
};

/// Checkpoint bytes: little-endian, versioned, no padding.
void encode(const book_image& image, std::string& out);
/// Nothing when the bytes are not exactly one image of this version: bad magic or version, cut short, bytes left over,
/// levels out of order, an order of 0 lots or with more unfilled than displayed, a number twice. Takes memory in
/// proportion to the bytes.
std::optional<book_image> decode_book_image(std::string_view bytes);

}  // namespace isobar::market
