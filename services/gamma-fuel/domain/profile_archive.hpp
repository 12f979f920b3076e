#pragma once
#include <cstdint>
#include <vector>

#include "gamma-fuel/domain/outputs.hpp"

namespace isobar::gamma_fuel {

/// A landscape's fields, for checkpoints (core/archive.hpp): ticks between two windows speak of the last one.
template <class A>
class profile_archive {
 public:
  explicit profile_archive(A& a) : a_(a) {}

  void operator()(gex_profile& p) {
    a_(p.start, p.end, p.reference, p.underlying, p.basis, p.basis_known, p.underlying_stale, p.options_stale,
       p.market_stale, p.quality, p.by_input);
    each(p.grid, [this](strike_exposure& s) { strike(s); });
    for (model_profile& m : p.models) model(m);
    each(p.expiries, [this](expiry_profile& e) { expiry(e); });
    a_(p.contracts, p.priced);
    left_out& l = p.left_out;
    a_(l.no_open_interest, l.no_quote, l.one_sided, l.crossed, l.zero_bid_wide, l.stale, l.no_forward, l.not_in_set,
       l.volatility);
    a_(p.gravity, p.minute_gravity, p.volume);
    each(p.pins, [this](pin& x) { a_(x.strike, x.probability, x.score); });
  }

 private:
  /// A mark for each element first: the reader bounds them by the bytes that are there.
  template <class T, class Fields>
  void each(std::vector<T>& v, Fields fields) {
    std::vector<std::uint8_t> marks(v.size());
    a_(marks);
    v.resize(marks.size());
    for (T& x : v) fields(x);
  }
  void strike(strike_exposure& s) {
    a_(s.strike, s.call, s.put, s.call_interest, s.put_interest, s.flow_call, s.flow_put, s.volume_gamma, s.imbalance,
       s.spread, s.gross_change, s.imbalance_change);
    for (auto& m : s.by_model) a_(m.gamma, m.vanna, m.charm, m.gamma_change);
  }
  void model(model_profile& m) {
    walls& w = m.walls;
    a_(m.gamma, m.vanna, m.charm, w.call_wall, w.put_wall, w.call_max, w.put_max, w.absolute_max, w.zero_gamma,
       w.strike_flip, w.flip_below, w.flip_above, w.high_volume, m.readings.bias, m.readings.liquidity_flow_index,
       m.readings.market_mode, m.readings.regime);
  }
  void expiry(expiry_profile& e) {
    a_(e.key.expiry, e.key.root, e.settles_at, e.forward, e.years, e.parity_strike, e.contracts, e.total, e.by_strike);
  }

  A& a_;
};

}  // namespace isobar::gamma_fuel
