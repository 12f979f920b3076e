#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heatmap-builder/domain/board.hpp"
#include "heatmap-builder/domain/evaluate.hpp"
#include "heatmap-builder/domain/snapshot.hpp"
#include "market/model_rows.hpp"

namespace isobar::heatmap_builder {

/// What one window changed in one plane; columns ascending. Owned by the surface and valid until its next call.
struct plane_delta : tile_columns {
  std::uint32_t plane = 0;     ///< index in the board
  std::uint64_t sequence = 0;  ///< contiguous per (epoch, plane) from 1
  bool base = false;           ///< `changed` names every valid tile; others are invalid
};

/// What one window changed. Only planes with something to say; every plane when the window was a base.
struct window_delta {
  const heatmap_builder::board* board = nullptr;
  std::uint64_t revision = 0;  ///< window_end in ms since 1970
  timestamp window_start, window_end;
  market::quality quality = market::quality::ok;
  bool base = false;
  std::vector<const plane_delta*> planes;  ///< ascending by plane
  std::uint64_t tiles_evaluated = 0;
  std::uint64_t rows_rejected = 0;  ///< rows naming a contract outside the board
};

enum class apply_outcome {
  applied,
  unknown_epoch,  ///< newer than any prepared: hold the rows until the epoch arrives
  retired_epoch,  ///< older than the one in force
  base_needed,    ///< the first window seen of an epoch is not a base, or a resync is open: ask for one
  late,           ///< not after the last window applied
};
enum class prepare_outcome {
  prepared,
  known,
  retired,
  full,  ///< prepared_max newer ones are there; a newer one than those takes the oldest's place
};

struct surface_limits {
  duration_ns stale_after{0};    ///< age of a quote at which a leg is stale; zero: never (end-of-day files)
  std::size_t prepared_max = 4;  ///< epochs prepared and not yet in force
};

/// The tiles of one symbol as a state machine: rows of a window in, changed tiles out. Only tiles with a dirty leg are
/// evaluated, only tiles whose published value changed are reported. Allocates per window and dirty plane (its
/// immutable snapshot), never per quote.
class surface {
 public:
  explicit surface(surface_limits limits);
  ~surface();
  surface(surface&&) noexcept;
  surface& operator=(surface&&) noexcept;

  /// Goes on after a restart: windows up to `last` are late, and the planes of its epoch continue their sequences.
  void resume(std::shared_ptr<const surface_snapshot> last);
  /// Everything that the next window depends on, but the boards: between two calls of apply(), with an epoch in force.
  void save(std::string& to) const;
  /// Goes on from what save() wrote as if nothing had happened; `in_force` is the board of the epoch in force then.
  /// False: not of that board, or not whole; the surface is then as it was.
  bool restore(std::string_view from, std::shared_ptr<const board> in_force);
  /// Lays out an epoch ahead of its first window. It comes into force with that window.
  prepare_outcome prepare(std::shared_ptr<const board> next);
  apply_outcome apply(const market::heatmap_rows& rows);
  /// What the last applied window changed; valid until the next call of apply().
  const window_delta& delta() const { return delta_; }
  /// Until the next base window nothing is applied: the input has a gap.
  void lose_input() { base_awaited_ = true; }
  bool base_awaited() const { return base_awaited_; }
  /// Immutable picture after the last window; nothing before the first.
  const std::shared_ptr<const surface_snapshot>& snapshot() const { return snapshot_; }
  /// The epoch in force; nothing before the first window.
  const std::shared_ptr<const board>& active() const { return active_; }
  /// Published state of a plane of the epoch in force: tile values and validity by tile.
  struct published {
    std::span<const std::int64_t> mid, natural_debit, natural_credit;
    std::span<const std::uint8_t> valid;
  };
  published published_of(std::size_t plane) const;

 private:
  struct plane_state;
  void switch_to(std::shared_ptr<const board> next);
  void start_base();
  void apply_rows(const market::heatmap_rows& rows);
  void age_quotes(plane_state& p, timestamp window_end);
  void evaluate_dirty(plane_state& p, bool base);
  void publish_snapshot(const market::model_header& h);

  surface_limits limits_;
  std::shared_ptr<const board> active_;
  std::vector<std::shared_ptr<const board>> prepared_;  ///< ascending by epoch
  std::vector<std::unique_ptr<plane_state>> planes_;
  std::shared_ptr<const surface_snapshot> snapshot_;
  std::shared_ptr<const surface_snapshot> resumed_;
  window_delta delta_;
  timestamp last_window_end_ = start_of_time;
  bool base_awaited_ = true;
};

}  // namespace isobar::heatmap_builder
