#include "radar-physics/transport/radar_encoder.hpp"

namespace isobar::radar_physics {
namespace {

template <class Column, class Rows, class Value>
void fill(Column& to, const Rows& rows, Value value) {
  to.Clear();
  to.Reserve(static_cast<int>(rows.size()));
  for (const auto& row : rows) to.AddAlreadyReserved(value(row));
}

template <class Column, class Rows, class Member>
void narrow(Column& to, const Rows& rows, Member member) {
  fill(to, rows, [member](const auto& row) { return static_cast<float>(row.*member); });
}

template <class Column, class Rows, class Member>
void copy(Column& to, const Rows& rows, Member member) {
  fill(to, rows, [member](const auto& row) { return row.*member; });
}

template <class Column, class Values>
void copy_all(Column& to, const Values& values) {
  to.Clear();
  to.Add(values.begin(), values.end());
}

void write(const medium_bands& from, radar::v1::Bands& to) {
  copy_all(*to.mutable_above_wall_strength(), from.above.wall_strength);
  copy_all(*to.mutable_above_wall_erosion(), from.above.wall_erosion);
  copy_all(*to.mutable_above_vacuum(), from.above.vacuum);
  copy_all(*to.mutable_below_wall_strength(), from.below.wall_strength);
  copy_all(*to.mutable_below_wall_erosion(), from.below.wall_erosion);
  copy_all(*to.mutable_below_vacuum(), from.below.vacuum);
  to.set_above_score(from.above.score);
  to.set_below_score(from.below.score);
  to.set_vacuum_total_score(from.vacuum_total_score);
}

void write(const std::vector<medium_row>& rows, std::size_t bid_rows, radar::v1::MediumSurface& to) {
  std::int32_t before = 0;
  std::size_t i = 0;
  fill(*to.mutable_rel_tick_delta(), rows, [&](const medium_row& r) {
    if (i++ == bid_rows) before = 0;
    const std::int32_t step = r.rel_ticks - before;
    before = r.rel_ticks;
    return step;
  });
  copy(*to.mutable_depth_start_lots(), rows, &medium_row::depth_start);
  copy(*to.mutable_depth_end_lots(), rows, &medium_row::depth_end);
  copy(*to.mutable_added_lots(), rows, &medium_row::added);
  copy(*to.mutable_pulled_lots(), rows, &medium_row::pulled);
  copy(*to.mutable_filled_lots(), rows, &medium_row::filled);
  copy(*to.mutable_depth_rest_lots(), rows, &medium_row::depth_rest);
  copy(*to.mutable_pulled_rest_lots(), rows, &medium_row::pulled_rest);
  copy(*to.mutable_d1_depth(), rows, &medium_row::d1_depth);
  copy(*to.mutable_d2_depth(), rows, &medium_row::d2_depth);
  copy(*to.mutable_d3_depth(), rows, &medium_row::d3_depth);
  narrow(*to.mutable_pull_intensity_rest(), rows, &medium_row::pull_intensity_rest);
  narrow(*to.mutable_pull_add_log(), rows, &medium_row::pull_add_log);
  narrow(*to.mutable_d1_pull_add_log(), rows, &medium_row::d1_pull_add_log);
  narrow(*to.mutable_d2_pull_add_log(), rows, &medium_row::d2_pull_add_log);
  narrow(*to.mutable_d3_pull_add_log(), rows, &medium_row::d3_pull_add_log);
  narrow(*to.mutable_wall_strength_log(), rows, &medium_row::wall_strength_log);
  narrow(*to.mutable_wall_erosion(), rows, &medium_row::wall_erosion);
  narrow(*to.mutable_vacuum_score(), rows, &medium_row::vacuum_score);
  narrow(*to.mutable_physics_score(), rows, &medium_row::physics_score);
  narrow(*to.mutable_physics_score_signed(), rows, &medium_row::physics_score_signed);
  to.clear_rebuilt_delta();
  std::uint32_t last = 0;
  for (std::uint32_t n = 0; n < rows.size(); ++n) {
    if (!rows[n].rebuilt) continue;
    to.add_rebuilt_delta(n - last);
    last = n;
  }
}

void write(const radar_column& from, radar::v1::RadarColumn& to) {
  to.set_spot_bucket(from.spot_bucket);
  to.set_first_bucket_rel(from.first_bucket_rel);
  narrow(*to.mutable_mass(), from.rows, &radar_row::mass);
  narrow(*to.mutable_mass_norm(), from.rows, &radar_row::mass_norm);
  narrow(*to.mutable_vacuum(), from.rows, &radar_row::vacuum);
  narrow(*to.mutable_stiffness(), from.rows, &radar_row::stiffness);
  narrow(*to.mutable_resistance(), from.rows, &radar_row::resistance);
  narrow(*to.mutable_resistance_eroded(), from.rows, &radar_row::resistance_eroded);
  copy(*to.mutable_blocked_level(), from.rows, &radar_row::blocked_level);
  narrow(*to.mutable_cavitation(), from.rows, &radar_row::cavitation);
  narrow(*to.mutable_mobility(), from.rows, &radar_row::mobility);
  narrow(*to.mutable_solidity(), from.rows, &radar_row::solidity);
  copy(*to.mutable_solidity_level(), from.rows, &radar_row::solidity_level);
  to.set_gate_up(from.gate.up);
  to.set_gate_down(from.gate.down);
  to.set_gate_source(static_cast<radar::v1::GateSource>(static_cast<int>(from.gate.source) + 1));
  to.set_emphasis_above(from.emphasis_above);
  to.set_emphasis_below(from.emphasis_below);
  if (from.gex_as_of)
    to.set_gex_as_of_ns(from.gex_as_of->ns);
  else
    to.clear_gex_as_of_ns();
  to.set_gex_stale(from.gex_stale);
}

radar::v1::Side side_of(book_side s) {
  return s == book_side::bid   ? radar::v1::SIDE_BID
         : s == book_side::ask ? radar::v1::SIDE_ASK
                               : radar::v1::SIDE_UNSPECIFIED;
}

void write(const level_reading& from, radar::v1::LevelState& to) {
  to.set_id(from.level.id);
  to.set_price_nanos(from.level.price.value);
  to.set_kind(from.level.kind);
  to.set_defending(side_of(from.defending));
  const barrier_reading& b = from.barrier;
  to.set_state(static_cast<radar::v1::BarrierState>(b.state));
  to.set_delta_liquidity_lots(b.delta_liquidity);
  to.set_added_lots(b.added);
  to.set_cancelled_lots(b.cancelled);
  to.set_filled_lots(b.filled);
  to.set_depth_in_zone_lots(b.depth_in_zone);
  to.set_replenishment_ratio(b.replenishment_ratio);
  to.set_barrier_confidence(b.confidence);
  to.set_wall_ratio(b.wall_ratio);
  const tape_reading& t = from.tape;
  to.set_imbalance(t.imbalance);
  to.set_buy_lots(t.buy);
  to.set_sell_lots(t.sell);
  to.set_trades_per_second(t.trades_per_second);
  to.set_price_velocity(t.price_velocity);
  to.set_tape_confidence(t.confidence);
  if (t.sweep.direction == 0) return;
  auto& sweep = *to.mutable_sweep();
  sweep.set_direction(t.sweep.direction);
  sweep.set_notional(t.sweep.notional);
  sweep.set_prints(t.sweep.prints);
  sweep.set_first_ns(t.sweep.first.ns);
  sweep.set_last_ns(t.sweep.last.ns);
}

template <class Message>
std::string finished(Message& m, wire::frame_info& info, std::size_t records) {
  info.record_count = static_cast<std::uint32_t>(records);
  wire::write_header(info, *m.mutable_header());
  return wire::serialize(m);
}

}  // namespace

market::quality quality_of(const window_info& w) {
  if (w.trust != market::book_trust::whole) return w.gap ? market::quality::gap : market::quality::resyncing;
  if (w.gap) return market::quality::gap;
  return w.crossed ? market::quality::crossed_in_feed : market::quality::ok;
}

radar_encoder::radar_encoder(const symbol& name, const radar_config& rules)
    : symbol_(name.str()),
      assumptions_(assumptions_id(rules)),
      tick_(rules.tick.value),
      bucket_ticks_(rules.buckets.bucket_ticks) {}

void radar_encoder::write(const window_info& from, radar::v1::Window& to) const {
  to.Clear();
  to.set_symbol(symbol_);
  to.set_window_start_ns(from.start.ns);
  to.set_window_end_ns(from.end.ns);
  to.set_revision(from.revision());
  to.set_span_windows(from.span);
  to.set_valid(from.valid);
  to.set_trust(static_cast<radar::v1::BookTrust>(static_cast<int>(from.trust) + 1));
  to.set_crossed(from.crossed);
  to.set_rebuilt(from.rebuilt);
  to.set_gap(from.gap);
  to.set_anchor_held(from.anchor_held);
  to.set_late_events(from.late_events);
  if (from.anchor != market::no_price) to.set_anchor_nanos(from.anchor.value);
  to.set_tick_nanos(tick_);
  to.set_ref_tick(from.ref_tick);
  if (from.best_bid) {
    to.set_best_bid_nanos(from.best_bid->tick * tick_);
    to.set_best_bid_lots(from.best_bid->size);
  }
  if (from.best_ask) {
    to.set_best_ask_nanos(from.best_ask->tick * tick_);
    to.set_best_ask_lots(from.best_ask->size);
  }
  if (from.last_trade != market::no_price) to.set_last_trade_nanos(from.last_trade.value);
  to.set_events(from.events);
  to.set_trades(from.trades);
  to.set_traded_lots(from.traded);
  to.set_calibration(from.calibration);
  to.set_assumptions(assumptions_);
}

service::frame_extent radar_encoder::extent(const window_info& w) const {
  return {.ts_first = w.start, .ts_last = w.end, .quality = market::worst(source_, quality_of(w)), .watermark = w.end};
}

service::frame_extent radar_encoder::extent(const window_info& w, const radar_column& c) const {
  auto out = extent(w);
  if (c.gex_stale || c.gate.source == gate_source::stale_model)
    out.quality = market::worst(out.quality, market::quality::stale);
  return out;
}

service::frame_extent radar_encoder::extent(const level_outputs& out, timestamp watermark) const {
  const auto own = out.valid ? market::quality::ok : market::quality::resyncing;
  return {.ts_first = out.as_of, .ts_last = out.as_of, .quality = market::worst(source_, own), .watermark = watermark};
}

std::string radar_encoder::surface(const window_outputs& out, wire::frame_info info) {
  write(out.window, *surface_.mutable_window());
  surface_.set_bid_rows(static_cast<std::uint32_t>(out.surface.bid_rows));
  radar_physics::write(out.surface.rows, out.surface.bid_rows, surface_);
  radar_physics::write(out.surface.bands, *surface_.mutable_bands());
  return finished(surface_, info, out.surface.rows.size());
}

std::string radar_encoder::column(const window_outputs& out, wire::frame_info info) {
  write(out.window, *column_.mutable_window());
  column_.set_bucket_ticks(static_cast<std::uint32_t>(bucket_ticks_));
  radar_physics::write(out.column, column_);
  return finished(column_, info, out.column.rows.size());
}

std::string radar_encoder::features(const window_outputs& out, wire::frame_info info) {
  write(out.window, *features_.mutable_window());
  features_.set_approach_dir(out.features.approach);
  copy_all(*features_.mutable_value(), out.features.value);
  return finished(features_, info, 1);
}

std::string radar_encoder::crossing(const window_outputs& out, const breakthrough& b, wire::frame_info info) {
  radar::v1::Breakthrough m;
  write(out.window, *m.mutable_window());
  m.set_bucket(b.bucket);
  m.set_bucket_low_nanos(b.bucket * bucket_ticks_ * tick_);
  m.set_bucket_ticks(static_cast<std::uint32_t>(bucket_ticks_));
  m.set_direction(b.direction);
  copy_all(*m.mutable_blocked_level(), b.blocked_level);
  for (const double v : b.vacuum) m.add_vacuum(static_cast<float>(v));
  m.set_from_bucket(b.from_bucket);
  m.set_to_bucket(b.to_bucket);
  return finished(m, info, 1);
}

std::string radar_encoder::levels(const level_outputs& out, wire::frame_info info) {
  levels_.set_symbol(symbol_);
  levels_.set_as_of_ns(out.as_of.ns);
  levels_.set_revision(static_cast<std::uint64_t>(out.as_of.ns / 1'000'000));
  levels_.set_unchanged_ticks(out.unchanged_ticks);
  levels_.set_assumptions(assumptions_);
  levels_.set_quality(static_cast<common::v1::Quality>(info.quality));
  levels_.clear_levels();
  for (const level_reading& reading : out.levels) radar_physics::write(reading, *levels_.add_levels());
  return finished(levels_, info, out.levels.size());
}

}  // namespace isobar::radar_physics
