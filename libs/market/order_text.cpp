#include "market/order_text.hpp"

#include "core/decimal.hpp"

namespace isobar::market {

namespace {

std::string day_text(date day) {
  static constexpr const char* months[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                           "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  const auto two_digits = [](unsigned n) {
    return std::string{static_cast<char>('0' + n / 10 % 10), static_cast<char>('0' + n % 10)};
  };
  const auto [year, month, in_month] = to_civil(day);
  return two_digits(in_month) + ' ' + months[month - 1] + ' ' + two_digits(static_cast<unsigned>(year % 100));
}

std::string strike_text(strike k) { return format_nanos(k.value); }

std::string strikes_text(const strategy_order& o) {
  switch (o.kind) {
    case order_kind::single:
      break;
    case order_kind::vertical:
      return strike_text(o.anchor) + '/' +
             strike_text(o.right == right::call ? o.anchor + o.width : o.anchor - o.width);
    case order_kind::butterfly:
      return strike_text(o.anchor - o.width) + '/' + strike_text(o.anchor) + '/' + strike_text(o.anchor + o.width);
  }
  return strike_text(o.anchor);
}

const char* kind_text(order_kind kind) {
  switch (kind) {
    case order_kind::single:
      break;
    case order_kind::vertical:
      return "VERTICAL ";
    case order_kind::butterfly:
      return "BUTTERFLY ";
  }
  return "";
}

}  // namespace

std::optional<std::string> order_text(const strategy_order& order) {
  const auto root = find_root(order.expiry.root);
  if (!root) return std::nullopt;
  const bool buys = order.side == order_side::buy;

  std::string text = buys ? "BUY +" : "SELL -";
  text += std::to_string(order.quantity) + ' ' + kind_text(order.kind) + std::string(root->order_symbol) + ' ' +
          std::to_string(root->multiplier) + (root->weekly_tag ? " (Weeklys) " : " ") + day_text(order.expiry.expiry) +
          ' ' + strikes_text(order) + (order.right == right::call ? " CALL" : " PUT");
  if (order.limit && *order.limit != no_price) {
    const price limit = round_to_tick(*order.limit, *root, buys ? rounding::up : rounding::down);
    text += " @" + format_nanos(limit.value, 2) + " LMT";
  }
  return text;
}

}  // namespace isobar::market
