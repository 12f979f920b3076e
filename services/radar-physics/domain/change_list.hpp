#pragma once
#include <span>
#include <vector>

#include "radar-physics/domain/feature_flows.hpp"

namespace isobar::radar_physics {

/// The changes of one window that its rows cannot give back, those behind the first `most` left out.
class change_list {
 public:
  /// Kept of one window at most (about 40 MiB).
  static constexpr std::size_t most = 1'000'000;

  /// False: the window has its most.
  bool keep(const flow_change& c) {
    if (list_.size() >= most) [[unlikely]]
      return false;
    list_.push_back(c);
    return true;
  }
  void clear() {
    if (list_.capacity() > roomy && list_.size() < list_.capacity() / 8) {  // a burst's memory goes back
      std::vector<flow_change>().swap(list_);
      list_.reserve(roomy);
    }
    list_.clear();
  }
  std::span<const flow_change> all() const { return list_; }
  std::size_t memory_bytes() const { return list_.capacity() * sizeof(flow_change); }

  template <class A>
  void fields(A& a) {
    a(list_);
  }

 private:
  static constexpr std::size_t roomy = 16'384;
  std::vector<flow_change> list_;
};

}  // namespace isobar::radar_physics
