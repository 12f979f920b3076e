#include "wire/print_columns.hpp"

#include <string>
#include <tuple>

namespace isobar::wire {
namespace {

using market::option_print;
using window::v1::PrintColumns;

result<void, errc> check_lengths(const PrintColumns& from, std::string_view where) {
  const int n = from.contract_size();
  if (from.age_ns_size() != n || from.price_size() != n || from.lots_size() != n || from.bid_size() != n ||
      from.ask_size() != n)
    return fail(errc::column_length, std::string(where) + ": columns differ from " + std::to_string(n) + " prints");
  if (static_cast<std::size_t>(n) > market::prints_max)
    return fail(errc::too_many, std::string(where) + ": " + std::to_string(n) + " prints");
  return {};
}

}  // namespace

void add_prints(const std::vector<option_print>& prints, unit_finder& to) {
  for (const option_print& p : prints) {
    to.add(p.price);
    to.add(p.bid);
    to.add(p.ask);
  }
}

void write_prints(const std::vector<option_print>& prints, std::int64_t unit, timestamp window_end, PrintColumns& to) {
  to.Clear();
  for (const option_print& p : prints) {
    to.add_contract(p.contract);
    to.add_age_ns(age_of(p.ts_event, window_end));
    to.add_price(scaled(p.price, unit));
    to.add_lots(static_cast<std::uint64_t>(p.size.value));
    to.add_bid(scaled(p.bid, unit));
    to.add_ask(scaled(p.ask, unit));
  }
}

result<void, errc> read_prints(const PrintColumns& from, std::int64_t unit, timestamp window_end,
                               std::string_view where, std::vector<option_print>& to) {
  to.clear();
  if (auto ok = check_lengths(from, where); !ok) return ok;
  to.resize(static_cast<std::size_t>(from.contract_size()));
  for (std::size_t r = 0; r < to.size(); ++r) {
    const int i = static_cast<int>(r);
    option_print& p = to[r];
    p.contract = from.contract(i);
    p.size = quantity(static_cast<std::int64_t>(from.lots(i)));
    if (!unscale_price(from.price(i), unit, p.price) || !unscale_price(from.bid(i), unit, p.bid) ||
        !unscale_price(from.ask(i), unit, p.ask) || !from_age(from.age_ns(i), window_end, p.ts_event))
      return fail(errc::overflow, at(where, r));
    if (p.contract >= max_contracts || p.price == market::no_price || p.ts_event == start_of_time || p.size.value < 0)
      return fail(errc::bad_value, at(where, r));
    if (r > 0 && std::tie(p.ts_event, p.contract) < std::tie(to[r - 1].ts_event, to[r - 1].contract))
      return fail(errc::bad_order, at(where, r));
  }
  return {};
}

}  // namespace isobar::wire
