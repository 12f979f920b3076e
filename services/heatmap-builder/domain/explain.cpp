#include "heatmap-builder/domain/explain.hpp"

#include "core/decimal.hpp"

namespace isobar::heatmap_builder {
namespace {

struct named_leg {
  isobar::strike k;
  std::int32_t ratio;
};

std::vector<named_leg> legs_of(const tile_name& t) {
  const bool call = t.side == market::right::call;
  const isobar::strike up = t.anchor + t.width, down = t.anchor - t.width;
  switch (t.kind) {
    case strategy::single:
      return {{t.anchor, 1}};
    case strategy::vertical:
      return {{t.anchor, 1}, {call ? up : down, -1}};
    case strategy::butterfly:
      return {{call ? down : up, 1}, {t.anchor, -2}, {call ? up : down, 1}};
  }
  return {};
}

std::string leg_name(market::right r, isobar::strike k) {
  return std::string(r == market::right::call ? "C(" : "P(") + format_nanos(k.value) + ")";
}

std::string formula_of(const tile_name& t) {
  std::string out;
  for (const named_leg& leg : legs_of(t)) {
    const std::int32_t n = leg.ratio < 0 ? -leg.ratio : leg.ratio;
    if (!out.empty()) out += leg.ratio < 0 ? " - " : " + ";
    if (n != 1) out += std::to_string(n) + " ";
    out += leg_name(t.side, leg.k);
  }
  return out;
}

leg_explanation explain_leg(const plane_board& p, const quote_columns& q, const tile_name& t, const named_leg& leg) {
  leg_explanation out;
  out.contract = {p.key.root, p.key.expiry, t.side, leg.k};
  out.ratio = leg.ratio;
  out.status = mask_of(reason::missing_leg);
  const auto position = p.find(leg.k);
  if (!position) return out;
  const std::uint32_t row = 2 * *position + static_cast<std::uint32_t>(t.side);
  out.listed = p.listed[row] != 0;
  if (!out.listed) return out;
  out.status = q.status[row];
  if (q.bid[row] != market::no_price.value) out.bid = price(q.bid[row]);
  if (q.ask[row] != market::no_price.value) out.ask = price(q.ask[row]);
  if (q.ts_quote[row] != start_of_time.ns) out.ts_quote = timestamp{q.ts_quote[row]};
  return out;
}

void note_legs(const tile_explanation& e, duration_ns stale_after, std::vector<std::string>& notes) {
  for (const leg_explanation& leg : e.legs) {
    const std::string name = leg_name(leg.contract.right, leg.contract.strike);
    if (!leg.listed)
      notes.push_back(name + " is not listed.");
    else if (has(leg.status, reason::missing_leg))
      notes.push_back(name + " has no two-sided quote.");
    if (has(leg.status, reason::crossed_leg)) notes.push_back(name + " is crossed: its bid is above its ask.");
    if (has(leg.status, reason::stale_leg))
      notes.push_back(name + " was quoted more than " + format_nanos(stale_after.value) +
                      " s before the window's end.");
  }
}

void note_value(const plane_board& p, const tile_name& t, const tile_value& v, std::vector<std::string>& notes) {
  if (has(v.reasons, reason::no_net_debit))
    notes.push_back("The mid debit " + format_nanos(v.mid) + " is zero or less.");
  if (has(v.reasons, reason::above_width))
    notes.push_back("The mid debit " + format_nanos(v.mid) + " is above the width " + format_nanos(t.width.value) +
                    ".");
  if (has(v.reasons, reason::expired))
    notes.push_back(to_string(p.key) + " has settled at " + to_iso(p.settles_at) + ".");
}

}  // namespace

tile_explanation explain(const surface_snapshot& s, const tile_name& name, duration_ns stale_after,
                         const std::optional<theory_input>& theory) {
  const plane_board& p = s.board->planes[name.plane];
  const quote_columns& q = *s.planes[name.plane];
  tile_explanation out;
  out.formula = formula_of(name);
  bool listed = true;
  for (const named_leg& leg : legs_of(name)) {
    out.legs.push_back(explain_leg(p, q, name, leg));
    listed = listed && out.legs.back().listed;
  }
  if (listed) {
    tile_place place{*p.find(name.anchor), name.side, name.kind, 0};
    while (name.kind != strategy::single && p.width_nanos[place.width] != name.width.value) ++place.width;
    out.tile = p.tile_at(place);
    out.value = evaluate(p, q, *out.tile);
  } else {
    out.value.reasons = mask_of(reason::missing_leg);
  }
  out.notes.push_back(
      "A leg's mid is (bid + ask) / 2 in 1e-9 points, rounded down; the mid debit is the sum of ratio x mid.");
  out.notes.push_back("The natural debit buys at the ask and sells at the bid; the natural credit is the reverse.");
  note_legs(out, stale_after, out.notes);
  note_value(p, name, out.value, out.notes);
  out.notes.push_back(stale_after.value > 0 ? "Quotes older than " + format_nanos(stale_after.value) + " s are stale."
                                            : "Quotes do not get stale: no limit is set.");
  out.notes.push_back(to_string(p.key) + " settles " + (p.settles == market::settlement::am ? "AM" : "PM") + " at " +
                      to_iso(p.settles_at) + "; days to expiry count New York calendar days.");
  if (theory)
    out.notes.push_back(
        "The theoretical debit is Black-Scholes on the spot with the skew of the volatility regime: base volatility " +
        format_nanos(static_cast<std::int64_t>(theory->base * 1e9), 6) + " from quotes near the money, " +
        format_nanos(static_cast<std::int64_t>(theory->years * 1e9), 9) + " years to settlement, rate " +
        format_nanos(static_cast<std::int64_t>(theory->rate * 1e9), 4) + ", no dividend.");
  return out;
}

std::optional<std::string> order_for(const plane_board& layout, const tile_name& name, const tile_value& value,
                                     market::order_side side) {
  if (!value.valid()) return std::nullopt;
  return market::order_text({.kind = static_cast<market::order_kind>(static_cast<int>(name.kind) - 1),
                             .side = side,
                             .expiry = layout.key,
                             .right = name.side,
                             .anchor = name.anchor,
                             .width = name.width,
                             .limit = price(value.mid)});
}

}  // namespace isobar::heatmap_builder
