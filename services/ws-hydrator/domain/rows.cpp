#include "ws-hydrator/domain/rows.hpp"

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

namespace isobar::ws_hydrator {
namespace {

// Trades of one window that are kept one by one to find repetitions; more are folded early.
constexpr std::size_t booked_max = 1u << 16;

}  // namespace

rows::rows(market::contract_index contracts)
    : quotes_(contracts),
      trades_(contracts),
      references_(contracts),
      published_(contracts),
      traded_(contracts),
      dirty_((contracts + 63u) / 64u),
      frozen_(dirty_.size()) {}

bool rows::write(market::contract_index c, const trade_register& t) {
  trade_register& stands = trades_[c];
  if (t.order <= stands.order) return false;
  stands = t;
  mark(c);
  return true;
}

bool rows::write(market::contract_index c, const reference_register& r) {
  reference_register& stands = references_[c];
  if (r.ts <= stands.ts) return false;
  const bool same = r.volume == stands.volume && r.open_interest == stands.open_interest &&
                    r.implied_volatility == stands.implied_volatility && r.gamma == stands.gamma;
  stands = r;
  if (!same) mark(c);
  return true;
}

void rows::book(market::contract_index c, const write_order& order, price at, quantity size) {
  if (booked_.size() == booked_max) fold_trades();
  const quote_register& q = quotes_[c];
  const bool stood = q.order.ts <= order.ts;
  booked_.push_back({c, order, size, at, stood ? q.bid : market::no_price, stood ? q.ask : market::no_price});
  mark(c);
}

void rows::fold_trades() {
  // Stable: of equal trades the first stands, with the quote that it met.
  std::stable_sort(booked_.begin(), booked_.end(), [](const booked_trade& a, const booked_trade& b) {
    return std::tie(a.order.ts, a.contract, a.order.rank, a.size, a.at) <
           std::tie(b.order.ts, b.contract, b.order.rank, b.size, b.at);
  });
  for (std::size_t i = 0; i < booked_.size(); ++i) {
    const booked_trade& t = booked_[i];
    const bool again =
        i > 0 && t.order.rank > 1 && booked_[i - 1].contract == t.contract && booked_[i - 1].order == t.order;
    if (again) {
      ++folded_.repeated;
      continue;
    }
    traded_[t.contract] += t.size.value;
    if (kept_.size() < market::prints_max)
      kept_.push_back(t);
    else
      ++folded_.dropped;
  }
  booked_.clear();
}

void rows::take_prints(std::vector<market::option_print>& out) {
  // Several folds: each is in order, all together are not.
  std::stable_sort(kept_.begin(), kept_.end(), [](const booked_trade& a, const booked_trade& b) {
    return std::tie(a.order.ts, a.contract, a.order.rank) < std::tie(b.order.ts, b.contract, b.order.rank);
  });
  for (const booked_trade& t : kept_) out.push_back({t.contract, t.order.ts, t.at, t.size, t.bid, t.ask});
  kept_.clear();
}

market::contract_state rows::state(market::contract_index c) const {
  const quote_register& q = quotes_[c];
  const trade_register& t = trades_[c];
  const reference_register& r = references_[c];
  market::contract_state s;
  s.bid = q.bid;
  s.ask = q.ask;
  s.bid_size = quantity(q.bid_size);
  s.ask_size = quantity(q.ask_size);
  s.ts_quote = q.order.ts;
  s.quote_sequence = q.order.rank >> 1;
  s.last = t.last;
  s.last_size = t.size;
  s.ts_trade = t.order.ts;
  s.volume = r.volume;
  s.open_interest = r.open_interest;
  s.implied_volatility = r.implied_volatility;
  s.gamma = r.gamma;
  return s;
}

void rows::publish(market::contract_index c, bool base, std::vector<market::contract_row>& out) {
  const market::contract_state now = state(c);
  const bool changed = now != published_[c] || traded_[c] != 0;
  const bool any = traded_[c] != 0 || now != market::contract_state{};
  if (base ? !any : !changed) return;
  out.push_back({c, now, quantity(traded_[c])});
  published_[c] = now;
  traded_[c] = 0;
}

rows::trade_counts rows::freeze(bool base, std::vector<market::contract_row>& out,
                                std::vector<market::option_print>& prints) {
  fold_trades();
  take_prints(prints);
  std::swap(dirty_, frozen_);
  if (base) {
    for (market::contract_index c = 0; c < size(); ++c) publish(c, true, out);
  } else {
    for (std::size_t w = 0; w < frozen_.size(); ++w)
      for (std::uint64_t bits = frozen_[w]; bits != 0; bits &= bits - 1)
        publish(static_cast<market::contract_index>(64 * w + static_cast<unsigned>(std::countr_zero(bits))), false,
                out);
  }
  std::fill(frozen_.begin(), frozen_.end(), 0);
  return std::exchange(folded_, {});
}

void rows::carry_over(const rows& from, const board& from_board, const board& to_board) {
  for (market::contract_index c = 0; c < to_board.size(); ++c) {
    const contract_key key = to_board.key_of_slot(c);
    if (key.who == 0) continue;
    const auto old = from_board.find(key);
    if (!old) continue;
    quotes_[c] = from.quotes_[*old];
    trades_[c] = from.trades_[*old];
    references_[c] = from.references_[*old];
    traded_[c] = from.traded_[*old];
  }
  for (const auto* trades : {&from.kept_, &from.booked_})
    for (booked_trade t : *trades)
      if (const auto c = to_board.find(from_board.key_of_slot(t.contract))) {
        t.contract = *c;
        (trades == &from.kept_ ? kept_ : booked_).push_back(t);
        mark(*c);
      }
}

bool rows::dirty() const {
  return std::any_of(dirty_.begin(), dirty_.end(), [](std::uint64_t word) { return word != 0; });
}

}  // namespace isobar::ws_hydrator
