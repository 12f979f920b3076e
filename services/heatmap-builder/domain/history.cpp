#include "heatmap-builder/domain/history.hpp"

#include <algorithm>

namespace isobar::heatmap_builder {
namespace {

std::size_t size_of(const plane_quotes& q) { return sizeof(plane_quotes) + q.bid.size() * 25; }

/// Applies a change to a keyframe's copy: the same register writes as the surface's, then the same status rule.
void replay(plane_quotes& q, const std::vector<market::heatmap_row>& rows) {
  for (const market::heatmap_row& r : rows) {
    q.bid[r.contract] = r.bid.value;
    q.ask[r.contract] = r.ask.value;
    q.ts_quote[r.contract] = r.ts_quote.ns;
  }
}

}  // namespace

void history::append(const std::shared_ptr<const surface_snapshot>& now, const market::heatmap_rows& rows) {
  if (epochs_.empty() || epochs_.back().board != now->board) {
    epochs_.push_back({now->board, {}, {}});
    epochs_.back().planes.resize(now->planes.size());
  }
  epoch_record& e = epochs_.back();
  const bool fresh = e.windows.empty();
  e.windows.push_back({now->window_end, now->quality, now->spot});
  bytes_ += sizeof(window_record);
  std::size_t at = 0;
  for (std::size_t i = 0; i < now->planes.size(); ++i) {
    const plane_board& layout = now->board->planes[i];
    std::vector<market::heatmap_row> mine;
    while (at < rows.rows.size() && rows.rows[at].contract < layout.first_contract + layout.rows()) {
      mine.push_back(rows.rows[at++]);
      mine.back().contract -= layout.first_contract;
    }
    if (fresh || newest_->planes[i] != now->planes[i])
      append_plane(e, i, now->planes[i], now->window_end, rows.header.base, std::move(mine));
  }
  newest_ = now;
  evict(now->window_end);
}

void history::append_plane(epoch_record& e, std::size_t plane, const std::shared_ptr<const plane_quotes>& now,
                           timestamp window_end, bool base, std::vector<market::heatmap_row> rows) {
  std::deque<segment>& segments = e.planes[plane];
  if (base || segments.empty() || segments.back().changes.size() + 1 >= limits_.keyframe_every) {
    segments.push_back({window_end, now, {}});
    bytes_ += sizeof(segment) + size_of(*now);
    return;
  }
  rows.shrink_to_fit();
  bytes_ += sizeof(change) + rows.size() * sizeof(market::heatmap_row);
  segments.back().changes.push_back({window_end, now->sequence, std::move(rows)});
}

void history::evict(timestamp newest) {
  const auto too_much = [&] {
    if (windows() <= 1) return false;
    return bytes_ > limits_.bytes_max || oldest() < newest - limits_.age_max;
  };
  while (too_much()) drop_oldest_window();
}

void history::drop_oldest_window() {
  epoch_record& e = epochs_.front();
  e.windows.pop_front();
  bytes_ -= sizeof(window_record);
  const bool over = e.windows.empty();
  for (auto& segments : e.planes) {
    // A segment is needed until the next one covers the oldest window that is left.
    while (!segments.empty() &&
           (over || (segments.size() > 1 && segments[1].window_end <= e.windows.front().window_end))) {
      const segment& s = segments.front();
      bytes_ -= sizeof(segment) + size_of(*s.keyframe);
      for (const change& c : s.changes) bytes_ -= sizeof(change) + c.rows.size() * sizeof(market::heatmap_row);
      segments.pop_front();
    }
  }
  if (over) epochs_.pop_front();
}

std::shared_ptr<const surface_snapshot> history::as_of(timestamp t) const {
  if (newest_ && newest_->window_end <= t) return newest_;
  for (auto e = epochs_.rbegin(); e != epochs_.rend(); ++e) {
    const auto after = std::upper_bound(e->windows.begin(), e->windows.end(), t,
                                        [](timestamp v, const window_record& w) { return v < w.window_end; });
    if (after != e->windows.begin()) return rebuild(*e, *std::prev(after));
  }
  return nullptr;
}

std::shared_ptr<const surface_snapshot> history::at_revision(std::uint64_t revision) const {
  if (revision > static_cast<std::uint64_t>(INT64_MAX / 1'000'000) - 1) return nullptr;
  const timestamp before_next{(static_cast<std::int64_t>(revision) + 1) * 1'000'000 - 1};
  auto found = as_of(before_next);
  return found && found->revision == revision ? found : nullptr;
}

std::size_t history::windows() const {
  std::size_t n = 0;
  for (const epoch_record& e : epochs_) n += e.windows.size();
  return n;
}

timestamp history::oldest() const { return epochs_.empty() ? end_of_time : epochs_.front().windows.front().window_end; }

std::shared_ptr<const surface_snapshot> history::rebuild(const epoch_record& e, const window_record& w) const {
  auto made = std::make_shared<surface_snapshot>();
  made->board = e.board;
  made->revision = static_cast<std::uint64_t>(floor_div(w.window_end.ns, 1'000'000));
  made->window_end = w.window_end;
  made->quality = w.quality;
  made->spot = w.spot;
  for (std::size_t i = 0; i < e.planes.size(); ++i) made->planes.push_back(rebuild_plane(e, i, w.window_end));
  return made;
}

std::shared_ptr<const plane_quotes> history::rebuild_plane(const epoch_record& e, std::size_t plane,
                                                           timestamp t) const {
  const plane_board& layout = e.board->planes[plane];
  const auto& segments = e.planes[plane];
  const auto after = std::upper_bound(segments.begin(), segments.end(), t,
                                      [](timestamp v, const segment& s) { return v < s.window_end; });
  const segment& s = *std::prev(after);
  auto made = std::make_shared<plane_quotes>(*s.keyframe);
  timestamp last = s.window_end;
  for (const change& c : s.changes) {
    if (c.window_end > t) break;
    replay(*made, c.rows);
    made->sequence = c.sequence;
    last = c.window_end;
  }
  if (last == s.window_end) return s.keyframe;
  for (std::uint32_t row = 0; row < layout.rows(); ++row)
    made->status[row] = leg_status(made->bid[row], made->ask[row], made->ts_quote[row], last, stale_after_);
  made->expired = layout.settles_at <= last;
  tile_columns all;
  valid_tiles(layout, *made, all);
  made->valid_tiles = static_cast<std::uint32_t>(all.changed.size());
  return made;
}

}  // namespace isobar::heatmap_builder
