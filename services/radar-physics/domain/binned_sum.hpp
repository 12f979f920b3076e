#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace isobar::radar_physics {

/// A sum over the last so many bins of time, in bounded memory: what is added goes into the newest bin, and advancing
/// drops the oldest. `Value` has +=, -= and fields(); integers, so that the total is exact.
template <class Value>
class binned_sum {
 public:
  binned_sum() : binned_sum(1) {}
  explicit binned_sum(std::size_t bins) : bins_(std::max<std::size_t>(bins, 1)) {}

  void add(const Value& v) {
    bins_[newest_] += v;
    total_ += v;
  }
  /// Begins `steps` new bins. Linear in the bins at most, however many steps.
  void advance(std::int64_t steps) {
    for (auto left = std::min(steps, static_cast<std::int64_t>(bins_.size())); left > 0; --left) {
      newest_ = newest_ + 1 == bins_.size() ? 0 : newest_ + 1;
      total_ -= bins_[newest_];
      bins_[newest_] = Value{};
    }
  }
  const Value& total() const { return total_; }
  std::size_t bins() const { return bins_.size(); }

  template <class Archive>
  void fields(Archive& a) {
    std::uint64_t newest = newest_;
    a(bins_, newest, total_);
    newest_ = newest;
    if constexpr (requires { a.refuse(); }) {
      if (newest_ >= bins_.size()) a.refuse();
    }
  }

 private:
  std::vector<Value> bins_;
  std::size_t newest_ = 0;
  Value total_{};
};

}  // namespace isobar::radar_physics
