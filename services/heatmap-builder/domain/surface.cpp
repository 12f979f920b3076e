#include "heatmap-builder/domain/surface.hpp"

#include <algorithm>

#include "heatmap-builder/domain/plane_state.hpp"

namespace isobar::heatmap_builder {

surface::surface(surface_limits limits) : limits_(limits) {}
surface::~surface() = default;
surface::surface(surface&&) noexcept = default;
surface& surface::operator=(surface&&) noexcept = default;

void surface::resume(std::shared_ptr<const surface_snapshot> last) {
  resumed_ = std::move(last);
  if (resumed_) last_window_end_ = resumed_->window_end;
}

prepare_outcome surface::prepare(std::shared_ptr<const board> next) {
  if (active_ && next->epoch == active_->epoch) return prepare_outcome::known;
  if (active_ && next->epoch < active_->epoch) return prepare_outcome::retired;
  const auto at = std::lower_bound(prepared_.begin(), prepared_.end(), next->epoch,
                                   [](const auto& b, std::uint64_t id) { return b->epoch < id; });
  if (at != prepared_.end() && (*at)->epoch == next->epoch) return prepare_outcome::known;
  const bool full = prepared_.size() >= limits_.prepared_max;
  if (full && at == prepared_.begin()) return prepare_outcome::full;
  prepared_.insert(at, std::move(next));
  // Windows come from the newest epochs: one that never came into force here makes room.
  if (full) prepared_.erase(prepared_.begin());
  return prepare_outcome::prepared;
}

apply_outcome surface::apply(const market::heatmap_rows& rows) {
  const market::model_header& h = rows.header;
  if (h.window_end <= last_window_end_) return apply_outcome::late;
  if (!active_ || h.epoch != active_->epoch) {
    if (active_ && h.epoch < active_->epoch) return apply_outcome::retired_epoch;
    const auto found =
        std::find_if(prepared_.begin(), prepared_.end(), [&](const auto& b) { return b->epoch == h.epoch; });
    if (found == prepared_.end()) return apply_outcome::unknown_epoch;
    if (!h.base) return apply_outcome::base_needed;
    switch_to(*found);
  } else if (base_awaited_ && !h.base) {
    return apply_outcome::base_needed;
  }
  if (h.base) start_base();
  last_window_end_ = h.window_end;

  delta_.board = active_.get();
  delta_.revision = static_cast<std::uint64_t>(floor_div(h.window_end.ns, 1'000'000));
  delta_.window_start = h.window_start;
  delta_.window_end = h.window_end;
  delta_.quality = h.quality;
  delta_.base = h.base;
  delta_.planes.clear();
  delta_.tiles_evaluated = 0;
  delta_.rows_rejected = 0;
  apply_rows(rows);
  for (const auto& p : planes_) {
    age_quotes(*p, h.window_end);
    evaluate_dirty(*p, h.base);
  }
  publish_snapshot(h);
  return apply_outcome::applied;
}

void surface::switch_to(std::shared_ptr<const board> next) {
  active_ = std::move(next);
  std::erase_if(prepared_, [this](const auto& b) { return b->epoch <= active_->epoch; });
  planes_.clear();
  for (std::uint32_t i = 0; i < active_->planes.size(); ++i)
    planes_.push_back(std::make_unique<plane_state>(active_->planes[i], i));
  if (resumed_ && resumed_->board->epoch == active_->epoch && resumed_->planes.size() == planes_.size())
    for (std::size_t i = 0; i < planes_.size(); ++i) planes_[i]->quotes.sequence = resumed_->planes[i]->sequence;
  resumed_.reset();
}

void surface::start_base() {
  base_awaited_ = false;
  for (const auto& p : planes_) {
    p->quotes.reset(p->layout->rows());
    p->next_stale_ns = INT64_MAX;
    p->touched = true;
    p->mark_all();
  }
}

void surface::apply_rows(const market::heatmap_rows& rows) {
  std::size_t plane = 0;
  for (const market::heatmap_row& r : rows.rows) {
    if (r.contract >= active_->contracts) {
      ++delta_.rows_rejected;
      continue;
    }
    while (r.contract >= active_->planes[plane].first_contract + active_->planes[plane].rows()) ++plane;
    while (r.contract < active_->planes[plane].first_contract) --plane;
    plane_state& p = *planes_[plane];
    const std::uint32_t row = r.contract - p.layout->first_contract;
    plane_quotes& q = p.quotes;
    const reason_mask status =
        leg_status(r.bid.value, r.ask.value, r.ts_quote.ns, rows.header.window_end, limits_.stale_after);
    const bool changed = q.bid[row] != r.bid.value || q.ask[row] != r.ask.value || q.status[row] != status;
    q.bid[row] = r.bid.value;
    q.ask[row] = r.ask.value;
    q.ts_quote[row] = r.ts_quote.ns;
    q.status[row] = status;
    p.touched = true;
    if (limits_.stale_after.value > 0 && !has(status, reason::missing_leg) && !has(status, reason::stale_leg))
      p.next_stale_ns = std::min(p.next_stale_ns, r.ts_quote.ns + limits_.stale_after.value);
    if (changed) p.mark_contract(row);
  }
}

void surface::age_quotes(plane_state& p, timestamp window_end) {
  if (!p.quotes.expired && p.layout->settles_at <= window_end) {
    p.quotes.expired = true;
    p.touched = true;
    p.mark_all();
  }
  if (window_end.ns <= p.next_stale_ns) return;
  // At least one quote may have aged: look at every row once and learn when the next one will.
  p.next_stale_ns = INT64_MAX;
  for (std::uint32_t row = 0; row < p.layout->rows(); ++row) {
    plane_quotes& q = p.quotes;
    const reason_mask status = leg_status(q.bid[row], q.ask[row], q.ts_quote[row], window_end, limits_.stale_after);
    if (status != q.status[row]) {
      q.status[row] = status;
      p.touched = true;
      p.mark_contract(row);
    }
    if (!has(status, reason::missing_leg) && !has(status, reason::stale_leg))
      p.next_stale_ns = std::min(p.next_stale_ns, q.ts_quote[row] + limits_.stale_after.value);
  }
}

void surface::evaluate_dirty(plane_state& p, bool base) {
  plane_delta& out = p.delta;
  out.clear();
  out.base = base;
  if (p.collect_dirty()) {
    const plane_board& layout = *p.layout;
    for (std::uint32_t row = 0; row < layout.rows(); ++row) {
      row_mask left = p.dirty[row] & layout.exists[row];
      p.dirty[row] = 0;
      delta_.tiles_evaluated += static_cast<std::uint64_t>(__builtin_popcountll(left));
      for (; left != 0; left &= left - 1) {
        const auto column = static_cast<std::uint32_t>(__builtin_ctzll(left));
        const std::uint32_t tile = row * layout.columns + column;
        const tile_value v = evaluate(layout, p.quotes, row, column);
        const bool was_valid = p.valid[tile] != 0;
        if (v.valid()) {
          if (!base && was_valid && v.mid == p.mid[tile] && v.natural_debit == p.natural_debit[tile] &&
              v.natural_credit == p.natural_credit[tile])
            continue;
          p.valid[tile] = 1;
          p.mid[tile] = v.mid;
          p.natural_debit[tile] = v.natural_debit;
          p.natural_credit[tile] = v.natural_credit;
          p.quotes.valid_tiles += was_valid ? 0 : 1;
          out.add(tile, v);
        } else if (was_valid) {
          p.valid[tile] = 0;
          --p.quotes.valid_tiles;
          if (base) continue;  // a base names what is valid; nothing else needs saying
          out.removed.push_back(tile);
          out.removed_reasons.push_back(v.reasons);
        }
      }
    }
  }
  if (!base && out.changed.empty() && out.removed.empty()) return;
  out.sequence = ++p.quotes.sequence;
  p.touched = true;
  delta_.planes.push_back(&out);
}

void surface::publish_snapshot(const market::model_header& h) {
  auto next = std::make_shared<surface_snapshot>();
  next->board = active_;
  next->revision = delta_.revision;
  next->window_end = h.window_end;
  next->quality = h.quality;
  next->spot = h.spot;
  next->planes.reserve(planes_.size());
  for (std::size_t i = 0; i < planes_.size(); ++i) {
    plane_state& p = *planes_[i];
    const bool shared = !p.touched && snapshot_ && snapshot_->board == active_;
    next->planes.push_back(shared ? snapshot_->planes[i] : std::make_shared<const plane_quotes>(p.quotes));
    p.touched = false;
  }
  snapshot_ = std::move(next);
}

surface::published surface::published_of(std::size_t plane) const {
  const plane_state& p = *planes_[plane];
  return {p.mid, p.natural_debit, p.natural_credit, p.valid};
}

}  // namespace isobar::heatmap_builder
