#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "market/futures_feed.hpp"

namespace isobar::market::detail {

/// "No slot": end of a list, empty cell.
inline constexpr std::uint32_t no_slot = UINT32_MAX;

/// Order number -> slot in the pool. A hash table of buckets that are one cache line each: twelve slots with a byte of
/// hash beside each, compared all at once. A number that finds its bucket full goes to the next with room, and every
/// bucket that it passed counts it: a search ends at the first bucket that nobody passed, removal moves nothing, and
/// the table never decays. Venues count orders up, so `neighbours` consecutive numbers share a bucket: new orders come
/// into lines that are warm, old ones that live long do not crowd. (Against one cell a number, scattered: two fifths of
/// the cache misses, and no branch that depends on how long a run of cells is; 7 of 31 ns a record for the book alone.)
class order_index {
 public:
  /// Where a number is, or that it is nowhere.
  struct place {
    std::size_t home = 0, bucket = 0;
    std::uint32_t lane = 0;
    std::uint32_t slot = no_slot;
  };

  /// What a number is hashed to, whatever the size of the table: callers may keep it. The high bits give the bucket,
  /// the lowest byte is the tag beside the slot.
  enum class hash : std::uint64_t {};
  /// Fibonacci hashing, high half folded in first. The tag tells neighbours apart.
  static hash hash_of(order_id id) {
    const auto n = static_cast<std::uint64_t>(id);
    std::uint64_t x = n / neighbours;
    x = (x ^ x >> 32) * 0x9E37'79B9'7F4A'7C15u;
    const auto tag = static_cast<std::uint8_t>((x >> 24) * neighbours + n % neighbours);
    return hash{(x & ~std::uint64_t{0xFF}) | std::max<std::uint8_t>(tag, free + 1)};
  }

  /// `h` is the number's hash, `id_of(slot)` gives the number that a slot holds.
  template <class IdOf>
  [[gnu::always_inline]] place find(order_id id, hash h, IdOf&& id_of) const {
    if (buckets_.empty()) [[unlikely]]
      return {};
    const std::size_t home = home_of(h);
    for (std::size_t b = home;; b = (b + 1) & mask_) {
      const bucket& at = buckets_[b];
      for (std::uint32_t hits = lanes(at, tag_of(h)); hits != 0; hits &= hits - 1) {
        const auto lane = static_cast<std::uint32_t>(std::countr_zero(hits));
        if (id_of(at.slot[lane]) == id) return {home, b, lane, at.slot[lane]};
      }
      if (at.passed == 0) return {home, b, 0, no_slot};
    }
  }

  /// Takes a number that find() did not have.
  template <class IdOf>
  [[gnu::always_inline]] void insert(hash h, std::uint32_t slot, IdOf&& id_of) {
    if (size_ == room_) [[unlikely]]
      grow(id_of);
    put(h, slot);
    ++size_;
  }

  void erase(const place& at) {
    buckets_[at.bucket].tag[at.lane] = free;
    for (std::size_t b = at.home; b != at.bucket; b = (b + 1) & mask_) --buckets_[b].passed;
    --size_;
  }

  /// Forgets everything, keeps the memory.
  void clear() {
    if (size_ != 0) std::fill(buckets_.begin(), buckets_.end(), bucket{});
    size_ = 0;
  }

  /// For those who look ahead in a table that has had a number. Always inline: GCC 12 takes a function that only
  /// prefetches for one without effect and drops its calls.
  [[gnu::always_inline]] void prefetch(hash h) const { __builtin_prefetch(buckets_.data() + home_of(h)); }
  /// A slot of the bucket whose byte of hash agrees, without looking into the pool: a guess to prefetch by; any other
  /// when there is none. Without a branch, for a third of a feed's records are new orders and nothing foretells which.
  std::uint32_t guess(hash h) const {
    const bucket& at = buckets_[home_of(h)];
    return at.slot[static_cast<std::size_t>(std::countr_zero(lanes(at, tag_of(h)) | 1u << (width - 1)))];
  }

  std::size_t size() const { return size_; }
  std::size_t cells() const { return buckets_.size() * width; }
  std::size_t memory_bytes() const { return buckets_.capacity() * sizeof(bucket); }

 private:
  static constexpr std::size_t width = 12;
  static constexpr std::uint64_t neighbours = 4;
  static constexpr std::uint8_t free = 0;

  struct alignas(64) bucket {
    std::array<std::uint8_t, width> tag{};  ///< of the slot in the same lane; free: none
    std::uint32_t passed = 0;               ///< numbers behind it that would be here if there had been room
    std::array<std::uint32_t, width> slot{};
  };
  static_assert(sizeof(bucket) == 64);

  std::size_t home_of(hash h) const { return static_cast<std::size_t>(h) >> shift_; }
  static std::uint8_t tag_of(hash h) { return static_cast<std::uint8_t>(h); }

  /// A bit for every lane that holds `tag`.
  static std::uint32_t lanes(const bucket& b, std::uint8_t tag) {
#ifdef __SSE2__
    const __m128i tags = _mm_load_si128(reinterpret_cast<const __m128i*>(&b));
    const __m128i same = _mm_cmpeq_epi8(tags, _mm_set1_epi8(static_cast<char>(tag)));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(same)) & ((1u << width) - 1);
#else
    std::uint32_t hits = 0;
    for (std::size_t lane = 0; lane < width; ++lane) hits |= std::uint32_t{b.tag[lane] == tag} << lane;
    return hits;
#endif
  }

  void put(hash h, std::uint32_t slot) {
    for (std::size_t b = home_of(h);; b = (b + 1) & mask_) {
      bucket& at = buckets_[b];
      const std::uint32_t room = lanes(at, free);
      if (room == 0) {
        ++at.passed;
        continue;
      }
      const auto lane = static_cast<std::size_t>(std::countr_zero(room));
      at.tag[lane] = tag_of(h);
      at.slot[lane] = slot;
      return;
    }
  }
  template <class IdOf>
  void grow(IdOf&& id_of) {
    const std::size_t bigger = buckets_.empty() ? 64 : 2 * buckets_.size();
    const std::vector<bucket> old = std::exchange(buckets_, std::vector<bucket>(bigger));
    mask_ = bigger - 1;
    shift_ = 64 - std::countr_zero(bigger);
    room_ = bigger * 8;  // two thirds: one number in twenty lies beside its home
    for (const bucket& b : old)
      for (std::size_t lane = 0; lane < width; ++lane)
        if (b.tag[lane] != free) put(hash_of(id_of(b.slot[lane])), b.slot[lane]);
  }

  std::vector<bucket> buckets_;
  std::size_t mask_ = 0;
  int shift_ = 0;
  std::size_t size_ = 0;
  std::size_t room_ = 0;  ///< numbers that fit before it grows
};

}  // namespace isobar::market::detail
