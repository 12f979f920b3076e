#pragma once
// The domains of three services in one loop, as the actors would call them, and a consumer that knows a surface only
// from its deltas.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "brute_force.hpp"
#include "decomposer/domain/heatmap.hpp"
#include "heatmap-builder/domain/surface.hpp"
#include "ws-hydrator/domain/hydrator.hpp"

namespace isobar::replay {

/// What a subscriber of the tile frames holds: values by tile, put together from deltas alone.
class delta_reader {
 public:
  struct plane {
    std::vector<heatmap_builder::tile_value> tiles;
    std::vector<bool> valid;
    std::uint64_t sequence = 0;
  };
  void apply(const heatmap_builder::window_delta& w) {
    if (w.board != board_) {
      board_ = w.board;
      planes_.assign(w.board->planes.size(), {});
      for (std::size_t i = 0; i < planes_.size(); ++i) clear(i);
    }
    for (const heatmap_builder::plane_delta* d : w.planes) {
      plane& p = planes_[d->plane];
      EXPECT_EQ(d->sequence, p.sequence + 1);
      p.sequence = d->sequence;
      if (d->base) clear(d->plane);
      for (std::size_t i = 0; i < d->changed.size(); ++i) {
        p.valid[d->changed[i]] = true;
        p.tiles[d->changed[i]] = {d->mid[i], d->natural_debit[i], d->natural_credit[i], 0};
      }
      for (const std::uint32_t tile : d->removed) p.valid[tile] = false;
    }
  }
  const plane& at(std::size_t i) const { return planes_[i]; }

 private:
  void clear(std::size_t i) {
    planes_[i].tiles.assign(board_->planes[i].tile_count(), {});
    planes_[i].valid.assign(board_->planes[i].tile_count(), false);
  }
  const heatmap_builder::board* board_ = nullptr;
  std::vector<plane> planes_;
};

/// hydrator -> decomposer -> surface. `on_window` is called after each window that the surface took.
class surface_pipeline {
 public:
  using observer = std::function<void(surface_pipeline&)>;
  surface_pipeline(const symbol& of, heatmap_builder::surface_limits limits, observer on_window)
      : hydrator_(of, {}, [this](const market::frozen_window& w) { take(w); }),
        surface_(limits),
        on_window_(std::move(on_window)) {}

  void announce(const market::epoch& e) {
    if (e.state == market::epoch::state::preparing) {
      auto board = heatmap_builder::board::make(e);
      ASSERT_TRUE(board) << board.error().evidence;
      surface_.prepare(*board);
    }
    const auto taken = hydrator_.apply(e);
    ASSERT_TRUE(taken) << taken.error().evidence;
  }
  ws_hydrator::hydrator& hydrator() { return hydrator_; }
  const heatmap_builder::surface& surface() const { return surface_; }
  const delta_reader& reader() const { return reader_; }

 private:
  void take(const market::frozen_window& w) {
    ASSERT_EQ(surface_.apply(decomposer::heatmap_model::project(w)), heatmap_builder::apply_outcome::applied);
    ASSERT_EQ(surface_.delta().rows_rejected, 0u);
    reader_.apply(surface_.delta());
    on_window_(*this);
  }
  ws_hydrator::hydrator hydrator_;
  heatmap_builder::surface surface_;
  delta_reader reader_;
  observer on_window_;
};

struct comparison {
  std::size_t windows = 0, tiles = 0, valid = 0;
};

/// Every tile of the surface against brute force: existence, reasons, values, as a reader of the deltas sees it, as
/// published and as the snapshot says it. Stops at the first difference of a plane.
inline void expect_equal(const surface_pipeline& have, const truth& want, comparison& tally) {
  const auto& snapshot = *have.surface().snapshot();
  ASSERT_EQ(snapshot.window_end.ns, want.now);
  ASSERT_EQ(snapshot.board->planes.size(), want.planes.size());
  ++tally.windows;
  for (std::size_t i = 0; i < snapshot.board->planes.size(); ++i) {
    const auto& p = snapshot.board->planes[i];
    const std::string name = market::to_string(p.key);
    const auto found = want.planes.find(name);
    ASSERT_NE(found, want.planes.end()) << name;
    const auto published = have.surface().published_of(i);
    const auto& read = have.reader().at(i);
    std::size_t existing = 0;
    for (std::uint32_t tile = 0; tile < p.tile_count(); ++tile) {
      const auto place = p.place_of(tile);
      const auto what = static_cast<shape>(place.kind);
      const auto t = want.tile(found->second, what, place.side == market::right::put, p.strikes[place.position].value,
                               what == shape::single ? 0 : p.width_nanos[place.width]);
      const auto where = [&] {
        return name + " tile " + std::to_string(tile) + " at " + to_iso(snapshot.window_end) + ", strike " +
               std::to_string(p.strikes[place.position].value);
      };
      ASSERT_EQ(t.has_value(), p.tile_exists(tile)) << where();
      if (!t) {
        ASSERT_FALSE(published.valid[tile] || read.valid[tile]) << where();
        continue;
      }
      ++existing;
      const bool valid = t->reasons == 0;
      const auto v = heatmap_builder::evaluate(p, *snapshot.planes[i], tile);
      ASSERT_EQ(v.reasons, t->reasons) << where();
      ASSERT_EQ(published.valid[tile] != 0, valid) << where();
      ASSERT_EQ(read.valid[tile], valid) << where();
      if (!valid) continue;
      ++tally.valid;
      const heatmap_builder::tile_value expected{t->mid, t->natural_debit, t->natural_credit, 0};
      const heatmap_builder::tile_value stands{published.mid[tile], published.natural_debit[tile],
                                               published.natural_credit[tile], 0};
      ASSERT_TRUE(v == expected && stands == expected && read.tiles[tile] == expected) << where();
    }
    ASSERT_EQ(existing, p.listed_tiles) << name;
    tally.tiles += existing;
  }
}

}  // namespace isobar::replay
