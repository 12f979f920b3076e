#pragma once
#include <cstddef>
#include <deque>
#include <optional>

#include "market/model_rows.hpp"

namespace isobar::heatmap_builder {

/// Windows that wait, in order, for the epoch they belong to. Bounded by windows and rows; beyond either everything
/// held is given up, since a surface cannot skip windows, and a base is needed.
class held_windows {
 public:
  held_windows(std::size_t windows_max, std::size_t rows_max) : windows_max_(windows_max), rows_max_(rows_max) {}

  /// False when the bound was passed: all of them, this one too, are dropped and counted.
  bool hold(market::heatmap_rows rows) {
    rows_ += rows.rows.size();
    held_.push_back(std::move(rows));
    if (held_.size() <= windows_max_ && rows_ <= rows_max_) return true;
    dropped_ += held_.size();
    held_.clear();
    rows_ = 0;
    return false;
  }
  /// Oldest one, which leaves.
  std::optional<market::heatmap_rows> take() {
    if (held_.empty()) return std::nullopt;
    market::heatmap_rows first = std::move(held_.front());
    held_.pop_front();
    rows_ -= first.rows.size();
    return first;
  }
  /// Puts back what take() gave.
  void put_back(market::heatmap_rows rows) {
    rows_ += rows.rows.size();
    held_.push_front(std::move(rows));
  }
  /// Epoch of the oldest; 0: nothing is held.
  std::uint64_t epoch() const { return held_.empty() ? 0 : held_.front().header.epoch; }
  std::size_t size() const { return held_.size(); }
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::size_t windows_max_, rows_max_;
  std::deque<market::heatmap_rows> held_;
  std::size_t rows_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace isobar::heatmap_builder
