#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "bus/bus.hpp"
#include "service/checkpoint_store.hpp"

namespace isobar::service {

/// One worker's checkpoints in the key-value store, where the next holder of its symbol finds them, on whatever machine
/// it runs: bucket "checkpoints", "<key>.head" and chunks below the bus's largest message. Chunks are written first,
/// under names of this holder's own, and the head last, by compare-and-set: a reader finds a whole checkpoint or the
/// one before, and who no longer holds the symbol cannot touch what the next holder wrote. Damage shows by length and
/// digest.
///
/// Writes block for the time of a round trip a chunk. Bounded: two generations a worker and what an interrupted write
/// left behind until the next holder's first, bytes_max in all.
class kv_checkpoint final : public checkpoint_store {
 public:
  static constexpr std::size_t chunk_bytes_max = 512 << 10;
  static constexpr std::int64_t bytes_max = 512 << 20;  ///< of the bucket
  static constexpr std::size_t chunks_max = 1024;       ///< of one checkpoint

  /// `fence`: the lease's fencing revision. `allowed`: false once the symbol is held no more; nothing is written then.
  /// `on` outlives it.
  kv_checkpoint(bus::bus& on, std::string key, std::uint64_t fence, std::function<bool()> allowed);

  /// Reads the newest generation ahead, so that a store that cannot be reached is told from one that holds none: the
  /// text says what failed.
  std::optional<std::string> prefetch();

  std::optional<std::string> write(std::string_view content) const override;
  std::optional<isobar::result<std::string, errc>> read(int generation) const override;
  bool doubtful() const override;
  void remove() const override;
  std::string place(int generation) const override;

 private:
  struct extent {
    std::uint64_t fence = 0;
    std::uint32_t slot = 0, chunks = 0;  ///< chunks 0: there is none
    std::uint64_t length = 0, digest = 0;
    template <class Archive>
    void fields(Archive& a) {
      a(fence, slot, chunks, length, digest);
    }
  };
  struct state {
    std::shared_ptr<bus::kv_bucket> bucket;
    bool head_known = false;
    std::uint64_t head_revision = 0;
    std::array<extent, 2> generations{};  ///< newest first
    std::optional<isobar::result<std::string, errc>> ahead;
    bool has_ahead = false, swept = false;
    std::optional<std::uint64_t> losses;  ///< of the bucket, when the newest generation was written, or it was opened
  };

  std::optional<std::string> open() const;
  std::optional<std::string> load_head() const;
  std::optional<std::string> write_head(const std::array<extent, 2>& generations) const;
  isobar::result<std::string, errc> fetch(const extent& e) const;
  std::string head_key() const { return key_ + ".head"; }
  std::string chunk_prefix(const extent& e) const;
  std::string chunk_key(const extent& e, std::uint32_t chunk) const;
  void drop(const extent& e) const;
  void sweep() const;

  bus::bus& bus_;
  const std::string key_;
  const std::uint64_t fence_;
  const std::function<bool()> allowed_;
  const std::unique_ptr<state> state_;
};

}  // namespace isobar::service
