#include "heatmap-builder/transport/messages.hpp"

#include "heatmap-builder/transport/tile_encoder.hpp"
#include "market/root.hpp"

namespace isobar::heatmap_builder {
namespace {

void to_proto(const market::expiry_key& key, common::v1::ExpiryKey& to) {
  to.set_root(key.root);
  to.set_expiry_yyyymmdd(to_yyyymmdd(key.expiry));
}

heatmap::v1::Right to_proto(market::right r) {
  return r == market::right::call ? heatmap::v1::RIGHT_CALL : heatmap::v1::RIGHT_PUT;
}

template <class Values, class Column>
void add_steps(const Values& ascending, Column& column) {
  column.Reserve(static_cast<int>(ascending.size()));
  std::uint32_t before = 0;
  for (const std::uint32_t v : ascending) {
    column.AddAlreadyReserved(v - before);
    before = v;
  }
}

}  // namespace

void to_proto(const surface_snapshot& s, bool resyncing, const std::string& assumptions, heatmap::v1::SurfaceInfo& to) {
  const board& b = *s.board;
  to.set_symbol(b.symbol.str());
  to.set_epoch_id(b.epoch);
  to.set_geometry_hash(b.geometry_hash);
  to.set_revision(s.revision);
  to.set_as_of_ns(s.window_end.ns);
  to.set_watermark_ns(s.window_end.ns);
  to.set_quality(static_cast<common::v1::Quality>(resyncing ? market::quality::resyncing : s.quality));
  to.set_assumptions(assumptions);
  to.set_spot_nanos(s.spot == market::no_price ? 0 : s.spot.value);
  to.set_valid_tiles(s.valid_tiles());
  to.set_listed_tiles(b.listed_tiles);
  for (const plane_board& p : b.planes) to_proto(p.key, *to.add_expiries());
  for (const strike_width w : b.widths) to.add_width_nanos(w.value);
}

void to_proto(const surface_snapshot& s, std::size_t plane, bool base, const tile_columns& columns,
              heatmap::v1::TileDelta& to) {
  const board& b = *s.board;
  auto& header = *to.mutable_header();
  header.set_version(1);
  header.set_producer("heatmap-builder");
  header.set_sequence(s.planes[plane]->sequence);
  header.set_ts_first_ns(s.window_end.ns);
  header.set_ts_last_ns(s.window_end.ns);
  header.set_record_count(static_cast<std::uint32_t>(columns.changed.size() + columns.removed.size()));
  header.set_quality(static_cast<common::v1::Quality>(s.quality));
  header.set_watermark_ns(s.window_end.ns);
  to.set_symbol(b.symbol.str());
  to.set_epoch_id(b.epoch);
  to_proto(b.planes[plane].key, *to.mutable_expiry());
  to.set_revision(s.revision);
  to.set_window_end_ns(s.window_end.ns);
  to.set_base(base);

  const std::size_t n = columns.changed.size();
  std::vector<std::int64_t> over(n), under(n);
  for (std::size_t i = 0; i < n; ++i) {
    over[i] = columns.natural_debit[i] - columns.mid[i];
    under[i] = columns.mid[i] - columns.natural_credit[i];
  }
  const std::int64_t unit = common_unit({&over, &under, &columns.mid});
  to.set_value_unit_nanos(unit);
  add_steps(columns.changed, *to.mutable_tile_delta());
  for (std::size_t i = 0; i < n; ++i) {
    to.add_mid(columns.mid[i] / unit);
    to.add_natural_debit_over_mid(over[i] / unit);
    to.add_natural_credit_under_mid(under[i] / unit);
  }
  add_steps(columns.removed, *to.mutable_removed_delta());
  for (const reason_mask m : columns.removed_reasons) to.add_removed_reasons(m);
}

void to_proto(const surface_snapshot& s, const tile_name& name, const tile_value& value, const tile_measures& measures,
              std::optional<double> theoretical, heatmap::v1::Tile& to) {
  const plane_board& p = s.board->planes[name.plane];
  to_proto(p.key, *to.mutable_expiry());
  to.set_strategy(static_cast<heatmap::v1::Strategy>(name.kind));
  to.set_right(to_proto(name.side));
  to.set_strike_nanos(name.anchor.value);
  to.set_width_nanos(name.width.value);
  to.set_dte(market::days_to_expiry(p.key.expiry, s.window_end));
  to.set_valid(value.valid());
  for (int r = 1; r < 8; ++r)
    if ((value.reasons >> r) & 1) to.add_invalid_reasons(static_cast<heatmap::v1::InvalidReason>(r));
  to.set_mid_debit_nanos(value.mid);
  to.set_natural_debit_nanos(value.natural_debit);
  to.set_natural_credit_nanos(value.natural_credit);
  if (measures.max_profit) to.set_max_profit_nanos(*measures.max_profit);
  if (measures.max_loss) to.set_max_loss_nanos(*measures.max_loss);
  for (const std::int64_t k : measures.break_even) to.add_break_even_nanos(k);
  if (measures.reward_to_risk) to.set_reward_to_risk(*measures.reward_to_risk);
  if (measures.debit_percent_of_width) to.set_debit_percent_of_width(*measures.debit_percent_of_width);
  if (measures.adjacent_change_percent) to.set_adjacent_change_percent(*measures.adjacent_change_percent);
  if (measures.convexity_score) to.set_convexity_score(*measures.convexity_score);
  if (theoretical) to.set_theoretical_debit(*theoretical);
}

void to_proto(const leg_explanation& leg, timestamp as_of, heatmap::v1::Leg& to) {
  to.set_ticker(market::to_ticker(leg.contract));
  to.set_ratio(leg.ratio);
  to.set_strike_nanos(leg.contract.strike.value);
  to.set_right(to_proto(leg.contract.right));
  if (leg.bid) to.set_bid_nanos(leg.bid->value);
  if (leg.ask) to.set_ask_nanos(leg.ask->value);
  if (leg.ts_quote) {
    to.set_ts_quote_ns(leg.ts_quote->ns);
    to.set_quote_age_ns((as_of - *leg.ts_quote).value);
  }
  to.set_listed(leg.listed);
}

tile_name name_of(const board& b, std::size_t plane, std::uint32_t tile) {
  const plane_board& p = b.planes[plane];
  const tile_place place = p.place_of(tile);
  return {plane, place.side, place.kind, p.strikes[place.position],
          place.kind == strategy::single ? strike_width{} : b.widths[place.width]};
}

}  // namespace isobar::heatmap_builder
