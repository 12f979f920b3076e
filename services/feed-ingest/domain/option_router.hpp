#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "feed-ingest/domain/option_listing.hpp"
#include "feed-ingest/domain/router.hpp"

namespace isobar::feed_ingest {

/// From an option's number to the position of the binding whose options it is one of, as definitions tell.
class option_router {
 public:
  static constexpr std::size_t options_max = 1'000'000;  ///< numbers remembered; definitions beyond are of nobody
  explicit option_router(std::vector<binding> bindings) : bindings_(std::move(bindings)) {}

  /// router::none: of no symbol here, or not defined yet.
  std::size_t find(const input_record& r) {
    if (r.kind == record_kind::definition && r.refused == refusal::none) return define(r);
    if (last_ != router::none && r.instrument_id == last_id_) return last_;
    const auto found = routes_.find(r.instrument_id);
    if (found == routes_.end()) return router::none;
    last_id_ = r.instrument_id;
    return last_ = found->second;
  }

 private:
  /// The first binding that claims it; a number that has come to mean something else leads nowhere.
  std::size_t define(const input_record& r) {
    last_ = router::none;
    for (std::size_t i = 0; i < bindings_.size(); ++i)
      if (is_option_of(r.instrument, bindings_[i])) {
        if (routes_.size() >= options_max && !routes_.contains(r.instrument_id)) return router::none;
        routes_[r.instrument_id] = i;
        return i;
      }
    routes_.erase(r.instrument_id);
    return router::none;
  }

  std::vector<binding> bindings_;
  std::unordered_map<std::uint32_t, std::size_t> routes_;
  std::uint32_t last_id_ = 0;
  std::size_t last_ = router::none;
};

}  // namespace isobar::feed_ingest
