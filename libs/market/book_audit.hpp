#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "market/naive_book.hpp"
#include "market/order_book.hpp"

namespace isobar::market {

/// Is it us or the feed? Runs a naive_book beside an order_book: after every record it compares what both said (the
/// change), the best prices, the totals, the trust and the levels that the record touched, and everything (every queue
/// of every level) at a period. The first difference is kept in words; from then on nothing more is compared. What is
/// wrong with the feed itself is counted beside it: prices that cross at the end of an event, orders that it never
/// added, and whatever the book refused.
///
/// Costs about ten times the book itself; meant for a suspicion, not for every day.
class book_audit {
 public:
  /// `config` as the book's. `full_period`: records between two comparisons of everything; 0: never.
  explicit book_audit(book_config config, std::uint64_t full_period = 10'000);

  /// Takes the book's state over: call it when the book does not begin empty (restore). False, and a difference, when
  /// the book cannot be taken over.
  bool start_from(const order_book& book);
  /// After `change = book.apply(e)`. False from the first difference on.
  bool check(const book_event& e, const book_change& change, const order_book& book);
  /// After book.distrust().
  void distrust() { naive_.distrust(); }
  /// Compares everything now.
  bool check_everything(const order_book& book);

  /// The first difference between the two books, in words; nothing as long as they agree.
  const std::optional<std::string>& difference() const { return difference_; }

  /// Something that the feed did, how often and where first.
  struct finding {
    std::uint64_t count = 0;
    std::uint64_t record = 0;  ///< number of the first, from 1
    timestamp ts_event;        ///< of the first
    order_id order{};          ///< of the first
  };
  /// Events that ended with the best bid at or above the best ask.
  const finding& crossed() const { return crossed_; }
  const finding& refused(book_refusal why) const { return refused_[static_cast<std::size_t>(why)]; }
  std::uint64_t records() const { return records_; }
  /// Everything above for an operator, one line each: the verdict first.
  std::string report() const;

 private:
  bool differs(std::string what);
  bool compare(const book_event& e, const book_change& change, const order_book& book);
  bool compare_levels(const book_change& change, const order_book& book);
  void look_at_feed(const book_event& e, const book_change& change, const order_book& book);

  naive_book naive_;
  std::uint64_t full_period_;
  std::uint64_t records_ = 0;
  std::uint64_t since_full_ = 0;
  timestamp now_;
  std::optional<std::string> difference_;
  finding crossed_;
  book_level crossed_bid_, crossed_ask_;
  price tick_;
  std::array<finding, book_refusals> refused_{};
};

/// "unknown order", "off tick", ...: for messages and labels of counters (with _ for the blank).
std::string_view name_of(book_refusal why);

}  // namespace isobar::market
