#pragma once
#include <memory>
#include <span>
#include <vector>

#include "market/order_book.hpp"

namespace isobar::radar_physics {

/// The changes of one window, those behind the first `most` left out. The book writes each where it will stay, so that
/// those that are kept are not copied.
class change_list {
 public:
  /// Kept of one window at most (about 80 MiB).
  static constexpr std::size_t most = 1'000'000;
  /// What the record does to the book. Valid until the next call; kept only by keep().
  const market::book_change& apply(market::order_book& book, const market::book_event& e) {
    if (kept_ == room_) grow();
    return *::new (static_cast<void*>(place_ + kept_)) market::book_change(book.apply(e));
  }
  /// False: the window has its most.
  bool keep() {
    if (kept_ >= most) [[unlikely]]
      return false;
    ++kept_;
    return true;
  }
  void clear() {
    if (room_ > roomy && kept_ < room_ / 8) shrink();  // a burst's memory goes back
    kept_ = 0;
  }
  std::span<const market::book_change> all() const { return {place_, kept_}; }
  std::size_t memory_bytes() const { return room_ * sizeof(market::book_change); }

  template <class A>
  void fields(A& a) {
    std::vector<market::book_change> list(place_, place_ + kept_);
    a(list);
    reserve(list.size() + 1);
    std::copy(list.begin(), list.end(), place_);
    kept_ = list.size();
  }

 private:
  static constexpr std::size_t roomy = 16'384;
  void grow() { reserve(room_ < 64 ? 128 : 2 * room_); }
  void shrink() {
    room_ = 0;
    kept_ = 0;
    reserve(roomy);
  }
  void reserve(std::size_t room) {
    if (room <= room_) return;
    auto more = std::make_unique<market::book_change[]>(room);
    std::copy(place_, place_ + kept_, more.get());
    memory_ = std::move(more);
    place_ = memory_.get();
    room_ = room;
  }

  std::unique_ptr<market::book_change[]> memory_;
  market::book_change* place_ = nullptr;
  std::size_t kept_ = 0, room_ = 0;
};

}  // namespace isobar::radar_physics
