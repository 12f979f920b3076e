#pragma once
#include <cstdint>
#include <vector>

#include "radar-physics/domain/outputs.hpp"
#include "radar-physics/domain/radar_config.hpp"

namespace isobar::radar_physics {

/// Finds fully blocked buckets that the market went through although they had not eroded (seed 001, 7.2; decisions 16):
/// labels for training, not errors.
///
/// When the spot bucket moves from a to b between two columns, every bucket after a up to and including b is judged,
/// nearest first: one that is entered counts, so that a wall taken bucket by bucket is seen once, when the market comes
/// into it. It is a breakthrough when its level was 5 in the last column before the move and its vacuum stayed under
/// `breakthrough_vacuum_max` in each of the `breakthrough_columns` columns before; a bucket that one of these columns
/// did not show is not judged, for its erosion is not known. `judged` says whose level: the snapshot's or the stateful
/// medium's.
///
/// Columns of windows whose book was rebuilt, had a gap or gave no mid of its own (crossed or one-sided) end the
/// history: a market that moved meanwhile went through nothing that was seen.
class breakthrough_watch {
 public:
  explicit breakthrough_watch(const radar_config& c);

  /// Replaces `out`.
  void observe(const window_info& window, const radar_column& column, std::vector<breakthrough>& out);
  /// Columns that are remembered are all alike: another like them changes nothing.
  bool settled() const { return settled_; }

  template <class Archive>
  void fields(Archive& a) {
    a(before_, settled_);
  }

 private:
  struct memory {
    std::int64_t spot_bucket = 0, first_bucket = 0;
    std::vector<std::uint8_t> level;
    std::vector<double> vacuum;
    bool operator==(const memory&) const = default;
    template <class Archive>
    void fields(Archive& a) {
      a(spot_bucket, first_bucket, level, vacuum);
    }
    bool shows(std::int64_t bucket) const {
      return bucket >= first_bucket && bucket - first_bucket < static_cast<std::int64_t>(level.size());
    }
    std::size_t at(std::int64_t bucket) const { return static_cast<std::size_t>(bucket - first_bucket); }
  };

  bool broken(std::int64_t bucket) const;
  void remember(const radar_column& column);

  evolution judged_;
  double vacuum_max_;
  std::size_t columns_;
  std::vector<memory> before_;  ///< newest first, at most columns_
  bool settled_ = false;
};

}  // namespace isobar::radar_physics
