#pragma once
#include <optional>

#include "core/types.hpp"
#include "market/option.hpp"

namespace isobar::gamma_fuel {

/// The close of the bar that is being made, aligned to multiples of its width.
class time_bar {
 public:
  struct closed {
    timestamp end;
    price close;
  };
  /// The bar, when it has ended by `t`.
  std::optional<closed> advance(timestamp t) {
    if (close_ == market::no_price || t < end_) return std::nullopt;
    const closed c{end_, close_};
    close_ = market::no_price;
    return c;
  }
  /// After advance(). Prices of a bar that has closed are too late and change nothing.
  void add(timestamp t, price p, duration_ns width) {
    const timestamp end = window_end_of(t, width);
    if (close_ == market::no_price ? end <= end_ : end < end_) return;
    end_ = end;
    close_ = p;
  }
  template <class A>
  void fields(A& a) {
    a(end_, close_);
  }

 private:
  timestamp end_ = start_of_time;
  price close_ = market::no_price;
};

}  // namespace isobar::gamma_fuel
