#include "market/book_audit.hpp"

#include "core/decimal.hpp"

namespace isobar::market {
namespace {

std::string text(std::uint64_t n) { return std::to_string(n); }
std::string text(order_id id) { return std::to_string(static_cast<std::uint64_t>(id)); }
std::string text(timestamp t) { return std::to_string(t.ns) + " ns"; }
std::string_view text(book_side side) {
  return side == book_side::bid ? "bid" : side == book_side::ask ? "ask" : "no side";
}
std::string_view text(book_trust trust) {
  return trust == book_trust::whole ? "whole" : trust == book_trust::snapshot ? "in a snapshot" : "partial";
}
std::string text(const book_level& l) {
  return "tick " + std::to_string(l.tick) + ": " + text(l.size) + " lots in " + text(l.orders) + " orders";
}
std::string text(const std::optional<book_level>& l) { return l ? text(*l) : "empty"; }
std::string text(const book_change& c) {
  return std::string(text(c.side)) + " tick " + std::to_string(c.old_tick) + " -> " + std::to_string(c.new_tick) +
         ", size " + text(c.old_size) + " -> " + text(c.new_size) + ", added " + text(c.added) + ", pulled " +
         text(c.pulled) + ", filled " + text(c.filled) + ", traded " + text(c.traded) + ", entered " +
         text(c.ts_entered) + ", " + std::string(name_of(c.refused));
}

void note(book_audit::finding& f, std::uint64_t record, const book_event& e) {
  if (f.count++ == 0) f = {1, record, e.ts_event, e.order};
}

}  // namespace

std::string_view name_of(book_refusal why) {
  switch (why) {
    case book_refusal::none:
      return "none";
    case book_refusal::unknown_order:
      return "unknown_order";
    case book_refusal::duplicate_order:
      return "duplicate_order";
    case book_refusal::no_side:
      return "no_side";
    case book_refusal::unpriced:
      return "unpriced";
    case book_refusal::off_tick:
      return "off_tick";
    case book_refusal::no_size:
      return "no_size";
    case book_refusal::full:
      return "full";
    case book_refusal::by_price:
      return "by_price";
    case book_refusal::oversized:
      return "oversized";
  }
  return "none";
}

book_audit::book_audit(book_config config, std::uint64_t full_period)
    : naive_(config), full_period_(full_period), tick_(order_book(config).tick()) {}

bool book_audit::start_from(const order_book& book) {
  if (naive_.assign(book.image())) return true;
  return differs("the book has a tick of " + std::to_string(book.tick().value) + ", the second book of " +
                 std::to_string(tick_.value));
}

bool book_audit::check(const book_event& e, const book_change& change, const order_book& book) {
  ++records_;
  now_ = e.ts_event;
  look_at_feed(e, change, book);
  if (difference_ || !compare(e, change, book)) return false;
  if (full_period_ == 0 || ++since_full_ < full_period_) return true;
  since_full_ = 0;
  return check_everything(book);
}

void book_audit::look_at_feed(const book_event& e, const book_change& change, const order_book& book) {
  if (change.refused != book_refusal::none) note(refused_[static_cast<std::size_t>(change.refused)], records_, e);
  if (!change.event_end || !book.crossed()) return;
  if (crossed_.count == 0) {
    crossed_bid_ = *book.best(book_side::bid);
    crossed_ask_ = *book.best(book_side::ask);
  }
  note(crossed_, records_, e);
}

bool book_audit::differs(std::string what) {
  if (!difference_) difference_ = "record " + text(records_) + " at " + text(now_) + ": " + std::move(what);
  return false;
}

bool book_audit::compare(const book_event& e, const book_change& change, const order_book& book) {
  const book_change second = naive_.apply(e);
  if (second != change)
    return differs("order " + text(e.order) + ": the book says " + text(change) + "; the second book says " +
                   text(second));
  if (book.trust() != naive_.trust())
    return differs("the book is " + std::string(text(book.trust())) + ", the second book " +
                   std::string(text(naive_.trust())));
  for (const book_side side : {book_side::bid, book_side::ask}) {
    if (book.best(side) != naive_.best(side))
      return differs("best " + std::string(text(side)) + " is " + text(book.best(side)) + "; in the second book " +
                     text(naive_.best(side)));
    if (book.total_size(side) != naive_.total_size(side) || book.total_orders(side) != naive_.total_orders(side) ||
        book.total_levels(side) != naive_.total_levels(side))
      return differs("the " + std::string(text(side)) + " side has " + text(book.total_size(side)) + " lots, " +
                     text(book.total_orders(side)) + " orders, " + text(book.total_levels(side)) +
                     " levels; in the second book " + text(naive_.total_size(side)) + ", " +
                     text(naive_.total_orders(side)) + ", " + text(naive_.total_levels(side)));
  }
  return compare_levels(change, book);
}

bool book_audit::compare_levels(const book_change& change, const order_book& book) {
  for (const auto& [side, tick] :
       {std::pair(change.old_side, change.old_tick), std::pair(change.side, change.new_tick)}) {
    if (side != book_side::bid && side != book_side::ask) continue;
    if (book.level(side, tick) != naive_.level(side, tick))
      return differs(std::string(text(side)) + " " + text(book.level(side, tick)) + "; in the second book " +
                     text(naive_.level(side, tick)));
  }
  return true;
}

bool book_audit::check_everything(const order_book& book) {
  if (difference_) return false;
  const book_image ours = book.image(), second = naive_.image();
  if (ours == second) return true;
  for (std::size_t side = 0; side < 2; ++side)
    for (std::size_t i = 0; i < std::max(ours.sides[side].size(), second.sides[side].size()); ++i) {
      const bool both = i < ours.sides[side].size() && i < second.sides[side].size();
      if (both && ours.sides[side][i] == second.sides[side][i]) continue;
      const auto& level = i < ours.sides[side].size() ? ours.sides[side][i] : second.sides[side][i];
      return differs(std::string(side == 0 ? "bid" : "ask") + " tick " + std::to_string(level.tick) +
                     ": the queues differ");
    }
  return differs("the states beside the orders differ");
}

std::string book_audit::report() const {
  std::string out = difference_ ? "US: the two books differ. " + *difference_ + "\n"
                                : "not us: two books agree on " + text(records_) + " records\n";
  const auto line = [&](const finding& f, const std::string& what) {
    if (f.count == 0) return;
    out +=
        "the feed: " + text(f.count) + " x " + what + ", first in record " + text(f.record) + " at " + text(f.ts_event);
    if (f.order != order_id{}) out += ", order " + text(f.order);
    out += '\n';
  };
  const auto shown = [this](const book_level& l) { return format_nanos(l.tick * tick_.value) + " x " + text(l.size); };
  line(crossed_, "crossed at the end of an event (" + shown(crossed_bid_) + " / " + shown(crossed_ask_) + ")");
  for (std::size_t why = 1; why < book_refusals; ++why)
    line(refused_[why], std::string(name_of(static_cast<book_refusal>(why))));
  return out;
}

}  // namespace isobar::market
