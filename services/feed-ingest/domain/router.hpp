#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "feed-ingest/domain/directory.hpp"

namespace isobar::feed_ingest {

/// From an instrument's number, at some time, to a position in a list of bindings.
class router {
 public:
  static constexpr std::size_t none = SIZE_MAX;
  explicit router(const std::vector<binding>& bindings) {
    for (std::size_t i = 0; i < bindings.size(); ++i)
      for (const auto& m : bindings[i].instruments) routes_[m.id].push_back({m.from, m.until, i});
  }
  /// A number that means one thing only means it outside the stated days too: vendors' days are approximate.
  std::size_t find(std::uint32_t id, timestamp at) {
    if (id == last_id_ && last_alone_) return last_;
    const auto found = routes_.find(id);
    if (found == routes_.end()) return none;
    const auto& all = found->second;
    last_id_ = id;
    last_alone_ = all.size() == 1;
    last_ = all.front().position;
    if (last_alone_) return last_;
    for (const auto& r : all)
      if (r.from <= at && at < r.until) return r.position;
    return none;
  }

 private:
  struct route {
    timestamp from, until;
    std::size_t position;
  };
  std::unordered_map<std::uint32_t, std::vector<route>> routes_;
  std::uint32_t last_id_ = 0;
  std::size_t last_ = none;
  bool last_alone_ = false;
};

}  // namespace isobar::feed_ingest
