#pragma once
#include <string>
#include <vector>

#include "core/types.hpp"

/// What other services say of a future and its worker takes beside the feed: dealer gamma, gate, levels to watch.
namespace isobar::market {

/// Dealer gamma by strike as of a window (deltas per point, never negative).
struct gex_input {
  struct strike_row {
    price strike;
    double call = 0, put = 0;
    bool operator==(const strike_row&) const = default;
    template <class Archive>
    void fields(Archive& a) {
      a(strike, call, put);
    }
  };
  timestamp window_end;
  std::vector<strike_row> strikes;  ///< ascending
  bool operator==(const gex_input&) const = default;
  template <class Archive>
  void fields(Archive& a) {
    a(window_end, strikes);
  }
};

/// Probability that the next move is up, made at one window's end for the window that follows.
struct gate_input {
  timestamp window_end;
  double p_up = 0.5;
  std::string model;
  bool operator==(const gate_input&) const = default;
  template <class Archive>
  void fields(Archive& a) {
    a(window_end, p_up, model);
  }
};

/// A price worth watching.
struct watched_level {
  std::string id, kind;
  isobar::price price;
  bool operator==(const watched_level&) const = default;
};
/// Replaces the set before.
struct level_set_input {
  timestamp effective;
  std::vector<watched_level> levels;  ///< ascending by id
  bool operator==(const level_set_input&) const = default;
};

}  // namespace isobar::market
