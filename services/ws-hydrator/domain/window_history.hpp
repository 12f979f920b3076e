#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "ws-hydrator/domain/board.hpp"

namespace isobar::ws_hydrator {

/// The latest frozen windows, so that rows can be given as of a time: keyframes (every row) followed by the windows
/// after each, bounded in bytes; the oldest keyframe goes with its windows. The last one always stays.
class window_history {
 public:
  using window_ptr = std::shared_ptr<const market::frozen_window>;
  explicit window_history(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Windows must come in order of their ends.
  void push(const market::frozen_window& w);
  /// A keyframe and the windows after it, up to the newest that ends at or before `as_of`; empty: `as_of` is older than
  /// what is kept. Cheap: the windows are shared, so that merge() can run elsewhere.
  std::vector<window_ptr> until(timestamp as_of) const;
  /// Rows as of the last of the windows, as one base window.
  static market::frozen_window merge(const std::vector<window_ptr>& windows);

  std::size_t bytes() const { return bytes_; }
  std::size_t windows() const;

 private:
  struct segment {
    std::vector<window_ptr> windows;  ///< the first is a base
    std::size_t bytes = 0;
  };
  static std::size_t bytes_of(const market::frozen_window& w);
  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::deque<segment> segments_;
};

}  // namespace isobar::ws_hydrator
