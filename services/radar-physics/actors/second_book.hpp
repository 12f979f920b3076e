#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "market/book_audit.hpp"

namespace isobar::radar_physics {

/// Is it us or the feed? Builds the book a second and a third time (market::book_audit) from the records that the
/// engine takes, and compares the engine's own with it whenever it is asked to. Costs about ten times the book; for a
/// suspicion.
class second_book {
 public:
  explicit second_book(price tick) : book_({.tick = tick}), audit_({.tick = tick}) {}

  /// Takes over where the engine goes on from a checkpoint.
  void start_from(const market::order_book& book);
  void apply(std::span<const market::book_event> records);
  void distrust();
  /// Compares best prices and totals of the engine's book.
  void compare(const market::order_book& engine);
  /// The first difference between books, in words: "us"; nothing as long as they agree.
  const std::optional<std::string>& difference() const { return difference_ ? difference_ : audit_.difference(); }
  /// What is wrong with the feed itself, for an operator.
  std::string report() const { return audit_.report(); }

 private:
  market::order_book book_;
  market::book_audit audit_;
  std::optional<std::string> difference_;
};

}  // namespace isobar::radar_physics
