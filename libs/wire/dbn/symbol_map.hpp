#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/types.hpp"
#include "wire/dbn/metadata.hpp"
#include "wire/dbn/record.hpp"

namespace isobar::wire::dbn {

/// Which symbol an instrument id stood for at a time, from a file's metadata and from the mapping records of a stream.
/// Venues use ids again from day to day: no answer is better than yesterday's. Not thread-safe.
class symbol_map {
 public:
  /// Takes up at most that many intervals; more are counted as refused.
  explicit symbol_map(std::size_t intervals_max = 4'000'000) : intervals_max_(intervals_max) {}

  /// Mappings from symbols to ids or from ids to symbols; days are UTC.
  void add(const metadata& m);
  /// A mapping record of a live stream (as_symbol_mapping). Later ones win where intervals overlap. Without a start it
  /// holds from its ts_event, or from ever when nothing is known of the id.
  void add(const symbol_mapping_v2& r);

  /// The symbol, valid until the next add(); nothing for an id unknown at that time.
  std::optional<std::string_view> find(std::uint32_t instrument_id, timestamp at) const;

  std::size_t instruments() const { return by_id_.size(); }
  std::size_t intervals() const { return intervals_; }
  /// Mappings not taken up: ids that are no number, neither side an id, or over the bound.
  std::uint64_t refused() const { return refused_; }

 private:
  struct interval {
    timestamp start, end;  // [start, end)
    std::string symbol;
  };
  void put(std::string_view id, timestamp start, timestamp end, std::string_view symbol);
  void put(std::uint32_t id, timestamp start, timestamp end, std::string_view symbol);

  std::unordered_map<std::uint32_t, std::vector<interval>> by_id_;
  std::size_t intervals_max_;
  std::size_t intervals_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace isobar::wire::dbn
