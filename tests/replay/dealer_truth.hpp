#pragma once
// A simulated session whose dealers are known, through windows and model inputs into a gamma landscape, and the
// figures that hold sign models against the truth.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "decomposer/domain/flow.hpp"
#include "decomposer/domain/gex.hpp"
#include "gamma-fuel/domain/dealer_flow.hpp"
#include "gamma-fuel/domain/landscape.hpp"
#include "sim/dealer_session.hpp"
#include "ws-hydrator/domain/hydrator.hpp"

namespace isobar::replay {

/// Lots by what was made of them.
struct signing {
  std::int64_t right = 0, wrong = 0, unknown = 0;
  std::int64_t lots() const { return right + wrong + unknown; }
};

/// The epoch that lists what the chain lists, in force from the chain's window.
inline market::epoch epoch_of(const market::chain_snapshot& chain) {
  market::epoch e;
  e.symbol = e.board.symbol = chain.symbol;
  e.id = 1;
  e.effective_from = {floor_div(chain.ts_event.ns, 200'000'000) * 200'000'000};
  e.reasons = {market::epoch::reason::first};
  for (const market::expiry_chain& x : chain.expiries) {
    market::expiry_plane p;
    p.key = x.key, p.settles = x.settles, p.settles_at = x.settles_at, p.multiplier = x.multiplier;
    for (const market::chain_contract& c : x.contracts)
      if (p.strikes.empty() || p.strikes.back() != c.strike) {
        p.strikes.push_back(c.strike);
        p.listed.push_back(3);
      }
    e.board.planes.push_back(std::move(p));
  }
  e.board.widths = {strike_width(5 * nanos_per_unit)};
  e.board.finish();
  e.hash = e.board.hash();
  return e;
}

/// Session -> hydrator -> decomposer -> option board, dealer flow, landscape, as the services would call them.
class truth_pipeline {
 public:
  truth_pipeline(const sim::dealer_session& s, gamma_fuel::gamma_config c)
      : session_(s), epoch_(epoch_of(s.opening)), board_(c), flow_(c), shape_(c) {
    for (std::size_t i = 0; i < s.trades.size(); ++i)
      truth_[{s.trades[i].id, s.trades[i].ts_event}] = s.trades[i].buys ? 1 : -1;
    for (market::contract_index i = 0; i < epoch_.board.contract_count(); ++i) {
      const market::expiry_plane& p = epoch_.board.plane_of(i);
      board_.list({epoch_.board.id_of(i), p.settles_at, p.multiplier, false});
    }
    run();
  }
  const gamma_fuel::gex_profile& profile() const { return profile_; }
  const signing& signs() const { return signing_; }
  std::uint64_t prints() const { return prints_; }
  /// Fuel at a level as of the end.
  gamma_fuel::fuel_reading fuel_at(price level) {
    return flow_.at("level", level, session_.closing.ts_event, board_, profile_);
  }
  std::uint64_t trades_without_gamma() const { return flow_.trades_without_gamma(); }

 private:
  void run() {
    ws_hydrator::hydrator h(session_.opening.symbol, {}, [this](const market::frozen_window& w) { take(w); });
    if (!h.apply(epoch_)) return;
    h.apply(std::make_shared<const market::chain_snapshot>(session_.opening));
    h.advance_epochs(end_of_time);
    h.advance_chains(end_of_time);
    h.apply(std::span<const market::option_event>(session_.events));
    h.advance_quotes(end_of_time);
    const price level = session_.closing.spot;
    const timestamp end = session_.closing.ts_event;
    shape_.build(end - seconds(1), end, {.reference = level, .underlying = level}, board_, profile_);
  }
  price level_at(timestamp t) const {
    const auto& all = session_.levels;
    const auto next = std::upper_bound(all.begin(), all.end(), t, [](timestamp x, const auto& l) { return x < l.ts; });
    return (next == all.begin() ? all.front() : *std::prev(next)).spot;
  }
  /// Trades before its quotes: what a trade meets is priced as of the window before.
  void take(const market::frozen_window& w) {
    timestamp newest = start_of_time;
    using gamma_fuel::option_event_kind;
    for (const market::option_print& p : decomposer::flow_model::project(w).rows) {
      ++prints_;
      const gamma_fuel::option_event e{.ts_event = p.ts_event,
                                       .contract = p.contract,
                                       .kind = option_event_kind::trade,
                                       .bid = p.bid,
                                       .ask = p.ask,
                                       .last = p.price,
                                       .size = p.size};
      board_.apply(e);
      const int sign = flow_.trade(e, board_.row(p.contract));
      board_.take_customer_trade(p.contract, sign * p.size.value);
      const int truth = truth_.at({epoch_.board.id_of(p.contract), p.ts_event});
      (sign == 0 ? signing_.unknown : sign == truth ? signing_.right : signing_.wrong) += p.size.value;
    }
    for (const market::gex_row& r : decomposer::gex_model::project(w).rows) {
      newest = std::max(newest, r.ts_quote);
      board_.apply({.ts_event = r.ts_quote,
                    .contract = r.contract,
                    .kind = option_event_kind::quote,
                    .bid = r.bid,
                    .ask = r.ask});
      board_.apply({.ts_event = r.ts_quote,
                    .contract = r.contract,
                    .kind = option_event_kind::open_interest,
                    .open_interest = r.open_interest});
    }
    if (newest != start_of_time) board_.price(newest, to_double(level_at(newest)));
  }

  const sim::dealer_session& session_;
  market::epoch epoch_;
  gamma_fuel::option_board board_;  ///< numbers are the epoch's contract indices
  gamma_fuel::dealer_flow flow_;
  gamma_fuel::landscape shape_;
  gamma_fuel::gex_profile profile_;
  std::map<std::pair<market::option_id, timestamp>, int> truth_;  ///< a contract trades once at an instant
  signing signing_;
  std::uint64_t prints_ = 0;
};

/// How near a model comes to the truth over the strikes of the grid.
struct nearness {
  double correlation = 0;  ///< Pearson's, by strike
  double error = 0;        ///< sum of |model - truth| / sum of |truth|
  double total = 0, truth = 0;
};

inline nearness compare(const gamma_fuel::gex_profile& p, gamma_fuel::sign_model m,
                        const std::vector<sim::strike_amount>& truth) {
  std::map<std::int64_t, double> by_strike;
  for (const sim::strike_amount& s : truth) by_strike[s.strike.value] = s.amount;
  double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0, off = 0, size = 0;
  for (const gamma_fuel::strike_exposure& s : p.grid) {
    const double model = s.by_model[static_cast<std::size_t>(m)].gamma, real = by_strike[s.strike.value];
    n += 1, x += model, y += real, xx += model * model, yy += real * real, xy += model * real;
    off += std::abs(model - real), size += std::abs(real);
  }
  const double spread = std::sqrt((xx - x * x / n) * (yy - y * y / n));
  return {spread > 0 ? (xy - x * y / n) / spread : 0, size > 0 ? off / size : 0, x, y};
}

}  // namespace isobar::replay
