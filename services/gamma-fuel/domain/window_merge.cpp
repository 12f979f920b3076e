#include "gamma-fuel/domain/window_merge.hpp"

#include "core/archive.hpp"

namespace isobar::gamma_fuel {
namespace {

template <class A>
void write_trade(A& a, underlying_trade& t) {
  a(t.ts_event, t.price, t.size, t.sequence, t.aggressor, t.flags);
}

/// The alternative of index `i`, made when it is not there.
template <std::size_t I = 0, class Variant>
bool choose(Variant& v, std::size_t i) {
  if constexpr (I < std::variant_size_v<Variant>) {
    if (i != I) return choose<I + 1>(v, i);
    if (v.index() != I) v.template emplace<I>();
    return true;
  } else {
    return false;
  }
}

}  // namespace

std::string_view name_of(input i) {
  constexpr std::array<std::string_view, inputs> names{"chain",  "flow",   "rows",   "option_feed",
                                                       "quotes", "trades", "levels", "volume"};
  return names[static_cast<std::size_t>(i)];
}

template <class A>
void merge_item::fields(A& a) {
  auto kind = static_cast<std::uint8_t>(what.index());
  a(at, kind);
  if (!choose(what, kind)) {
    if constexpr (requires { a.refuse(); }) a.refuse();
    return;
  }
  if (auto* e = std::get_if<option_event>(&what)) a(*e);
  if (auto* l = std::get_if<listing>(&what)) a(l->contract, l->what);
  if (auto* u = std::get_if<underlying_price>(&what)) a(u->quote);
  if (auto* s = std::get_if<symbol_price>(&what)) a(s->quote);
  if (auto* t = std::get_if<underlying_trade>(&what)) write_trade(a, *t);
  if (auto* q = std::get_if<market::quality>(&what)) a(*q);
  if (auto* v = std::get_if<traded_volume>(&what)) a(v->price, v->lots);
}
template void merge_item::fields(archive_writer& a);
template void merge_item::fields(archive_reader& a);

window_merge::outcome window_merge::push(input from, merge_item item) {
  const auto i = static_cast<std::size_t>(from);
  const bool market = from == input::quotes || from == input::trades;
  if (queues_[i].size() >= (market ? limits_.market_items : limits_.option_items)) return outcome::full;
  const bool backwards = item.at < newest_[i];
  if (backwards) item.at = newest_[i];
  newest_[i] = item.at;
  queues_[i].push_back(std::move(item));
  return backwards ? outcome::backwards : outcome::taken;
}

merge_item* window_merge::next(timestamp t, input& from) {
  std::size_t best = inputs;
  timestamp at = t;
  for (std::size_t i = 0; i < inputs; ++i) {
    if (queues_[i].empty() || queues_[i].front().at >= at) continue;
    best = i;
    at = queues_[i].front().at;
  }
  if (best == inputs) return nullptr;
  from = static_cast<input>(best);
  return &queues_[best].front();
}

timestamp window_merge::first() const {
  timestamp out = end_of_time;
  for (const auto& q : queues_)
    if (!q.empty()) out = std::min(out, q.front().at);
  return out;
}

}  // namespace isobar::gamma_fuel
