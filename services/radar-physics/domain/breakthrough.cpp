#include "radar-physics/domain/breakthrough.hpp"

#include <algorithm>

namespace isobar::radar_physics {

breakthrough_watch::breakthrough_watch(const radar_config& c)
    : judged_(c.buckets.judged),
      vacuum_max_(c.buckets.breakthrough_vacuum_max),
      columns_(static_cast<std::size_t>(std::max(1, c.buckets.breakthrough_columns))) {}

void breakthrough_watch::observe(const window_info& window, const radar_column& column,
                                 std::vector<breakthrough>& out) {
  out.clear();
  if (column.rows.empty() || window.rebuilt || window.gap || window.anchor_held) {
    settled_ = before_.empty();
    before_.clear();
    return;
  }
  if (before_.size() == columns_) {
    const std::int64_t from = before_.front().spot_bucket, to = column.spot_bucket;
    const int direction = to > from ? 1 : -1;
    // Nothing farther than the last picture can be judged, however far the market went.
    const std::int64_t most = static_cast<std::int64_t>(before_.front().level.size());
    const std::int64_t steps = std::min(std::abs(to - from), most);
    for (std::int64_t step = 1; step <= steps; ++step) {
      const std::int64_t bucket = from + direction * step;
      if (!broken(bucket)) continue;
      breakthrough& b = out.emplace_back();
      b = {.bucket = bucket,
           .direction = direction,
           .from_bucket = from,
           .to_bucket = to,
           .blocked_level = {},
           .vacuum = {}};
      for (const memory& m : before_) {
        b.blocked_level.push_back(m.level[m.at(bucket)]);
        b.vacuum.push_back(m.vacuum[m.at(bucket)]);
      }
    }
  }
  remember(column);
}

bool breakthrough_watch::broken(std::int64_t bucket) const {
  if (!before_.front().shows(bucket) || before_.front().level[before_.front().at(bucket)] < 5) return false;
  return std::all_of(before_.begin(), before_.end(),
                     [&](const memory& m) { return m.shows(bucket) && m.vacuum[m.at(bucket)] < vacuum_max_; });
}

void breakthrough_watch::remember(const radar_column& column) {
  if (before_.size() < columns_) before_.emplace_back();
  std::rotate(before_.begin(), before_.end() - 1, before_.end());  // the oldest one's vectors serve again
  memory& m = before_.front();
  m.spot_bucket = column.spot_bucket;
  m.first_bucket = column.spot_bucket + column.first_bucket_rel;
  m.level.clear();
  m.vacuum.clear();
  for (const radar_row& row : column.rows) {
    m.level.push_back(judged_ == evolution::snapshot ? row.blocked_level : row.solidity_level);
    m.vacuum.push_back(row.vacuum);
  }
  settled_ = before_.size() == columns_ &&
             std::all_of(before_.begin(), before_.end(), [&](const memory& x) { return x == before_.front(); });
}

}  // namespace isobar::radar_physics
