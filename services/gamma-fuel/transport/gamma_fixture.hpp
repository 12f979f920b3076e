#pragma once
// Outputs as the core gives them, with every field set, and their frames.

#include "core/date.hpp"
#include "gamma-fuel/transport/gamma_encoder.hpp"
#include "gamma-fuel/transport/gamma_store.hpp"

namespace isobar::gamma_fuel::fixture {

inline symbol es() { return *symbol::parse("ESH4"); }
inline symbol spx() { return *symbol::parse("SPX"); }
inline price points(double p) { return price(static_cast<std::int64_t>(p * 1'000'000'000)); }
/// End of the n-th window; 2024-02-01 15:00 UTC is the first's beginning.
inline timestamp end_of(std::uint64_t n) {
  return timestamp{1'706'799'600'000'000'000} + seconds(static_cast<std::int64_t>(n));
}
inline wire::frame_info info(std::uint64_t sequence, const service::frame_extent& extent) {
  return {.producer = "gamma-fuel",
          .sequence = sequence,
          .ts_first = extent.ts_first,
          .ts_last = extent.ts_last,
          .quality = extent.quality,
          .watermark = extent.watermark};
}

/// Three strikes, two expiries, numbers that differ by place.
inline gex_profile profile(std::uint64_t n = 1) {
  gex_profile p;
  p.start = end_of(n) - seconds(1);
  p.end = end_of(n);
  p.reference = points(4'906.25);
  p.underlying = points(4'900);
  p.basis = points(6.25);
  for (int i = 0; i < 3; ++i) {
    strike_exposure s;
    s.strike = points(4'900 + 5 * i);
    s.call = 100 + i;
    s.put = 50 + 10 * i;
    s.call_interest = quantity(1'000 + i);
    if (i != 1) s.put_interest = quantity(2'000 + i);
    s.imbalance = 0.25 * i;
    s.spread = 7 + i;
    s.gross_change = {.d1 = 1.0 + i, .d2 = 2.0 + i, .d3 = 3.0 + i};
    s.imbalance_change = {.d1 = 0.1, .d2 = 0.2, .d3 = 0.3 + i};
    for (std::size_t m = 0; m < sign_models; ++m)
      s.by_model[m] = {.gamma = static_cast<double>(m) * 10 + i,
                       .vanna = static_cast<double>(m) + 0.5,
                       .charm = -static_cast<double>(m),
                       .gamma_change = {.d1 = 4.0 + i, .d2 = 5, .d3 = static_cast<double>(m)}};
    p.grid.push_back(s);
  }
  for (std::size_t m = 0; m < sign_models; ++m) {
    model_profile& to = p.models[m];
    to.gamma = 1'000.0 + static_cast<double>(m);
    to.vanna = 2'000;
    to.charm = 3'000;
    to.walls.call_wall = points(4'910);
    to.walls.put_wall = points(4'900);
    if (m == 0) to.walls.zero_gamma = points(4'902.5);
    to.readings = {.bias = -20, .liquidity_flow_index = 60, .market_mode = 70, .regime = regime::amplify};
  }
  for (int i = 0; i < 2; ++i) {
    expiry_profile e;
    e.key = {.expiry = *from_yyyymmdd(20240201 + i), .root = i == 0 ? "SPXW" : "SPX"};
    e.settles_at = end_of(20'000);
    e.forward = 4'901.5;
    e.years = 0.001;
    if (i == 0) e.parity_strike = strike(4'900'000'000'000);
    e.contracts = 40;
    e.total = {.call = {300.0 + i, 60, 6}, .put = {150.0 + i, 40, 4}, .flow = {-500, 5, -1}};
    e.by_strike = {{.call = {10.0 + i, 7, 1}, .put = {1, 2, 3}, .flow = {-20, 1, 2}},
                   {.call = {20, 8, 2}, .put = {2.0 + i, 3, 4}, .flow = {0, 0, 0}},
                   {.call = {30, 9, 3}, .put = {3, 4, 5}, .flow = {40, 0, -3}}};
    p.expiries.push_back(e);
  }
  p.contracts = 80;
  p.priced = 70;
  p.left_out.no_open_interest = 4;
  p.left_out.volatility[static_cast<std::size_t>(market::no_volatility::below_intrinsic)] = 6;
  p.pins = {{points(4'900), 40, 0.8}, {points(4'905), 30, 0.6}, {points(4'910), 20, 0.4}, {points(4'915), 10, 0.2}};
  p.gravity = {.as_of = p.end,
               .best = points(4'905),
               .low = points(4'895),
               .high = std::nullopt,
               .confidence = 0.25,
               .basins = 2,
               .by_volume = true};
  p.minute_gravity = {.as_of = end_of(0), .best = points(4'900), .low = {}, .high = {}, .confidence = {}, .basins = 1};
  p.volume = volume_context{.lots = 1'234,
                            .point_of_control = points(4'905),
                            .node = points(4'910),
                            .well = points(4'900),
                            .node_distance = 0.75e-3,
                            .well_distance = -1.25e-3,
                            .in_crevasse = true};
  return p;
}

inline level_set_input levels(std::uint64_t n = 1) {
  return {end_of(n), {{"CALL_WALL", "CALL_WALL", points(4'910)}, {"VWAP", "VWAP", points(4'905.5)}}};
}

inline level_signals signals(std::uint64_t n = 1) {
  level_signals s;
  s.as_of = end_of(n);
  s.spot = points(4'906.25);
  s.bid = points(4'906.25);
  s.ask = points(4'906.5);
  s.gex_as_of = end_of(n);
  level_signal l;
  l.id = "VWAP";
  l.kind = "VWAP";
  l.price = points(4'905.5);
  l.break_direction = -1;
  l.distance = points(0.75);
  l.distance_signed = points(-0.75);
  l.touching = true;
  l.score_raw = 81;
  l.score = 80.5;
  l.signal = signal::break_through;
  l.confidence = confidence::high;
  l.state = {.id = "VWAP",
             .price = points(4'905.5),
             .defending = market::book_side::bid,
             .state = barrier::vacuum,
             .delta_liquidity = -120,
             .added = 10,
             .cancelled = 100,
             .filled = 30,
             .depth_in_zone = 55,
             .replenishment_ratio = 0.1,
             .wall_ratio = 0.9,
             .barrier_confidence = 0.8,
             .imbalance = -0.5,
             .buy = 10,
             .sell = 30,
             .trades_per_second = 4,
             .price_velocity = -1.5,
             .tape_confidence = 0.7,
             .sweep_direction = -1,
             .sweep_notional = 250'000};
  l.fuel = {.effect = regime::amplify,
            .net_dealer_gamma = -12'000,
            .net_smooth = -11'000,
            .call_wall = points(4'910),
            .put_wall = std::nullopt,
            .zero_by_flow = points(4'900),
            .volume = 300,
            .confidence = 0.6};
  l.runway = {.direction = -1, .distance = points(5.5), .next_level = "STRIKE_4900", .clear = false};
  l.prior_touches = 2;
  l.approach_bars = 5;
  l.approach_velocity = 0.25;
  l.approach_distance = 2.5;
  l.distance_to_sma_short = -3.5;
  l.confluence = 0.5;
  l.confluence_levels = 1;
  l.barrier_points = 100;
  l.fuel_points = 100;
  l.tape_points = 50;
  l.note = "Vacuum; dealers chase; sweep confirms";
  s.levels = {l};
  return s;
}

inline gamma_fuel::alert an_alert(std::uint64_t n = 1) {
  return {.as_of = end_of(n),
          .kind = alert_kind::level_approach,
          .level = "VWAP",
          .price = points(4'905.5),
          .spot = points(4'906.25),
          .text = "The market comes near VWAP 4905.5"};
}

/// A symbol's store as a worker fills it.
struct filled_store {
  std::shared_ptr<gamma_store> store;
  gamma_encoder encoder{es(), spx(), {}};
  std::uint64_t alerts = 0;

  explicit filled_store(store_limits limits = {}) : store(std::make_shared<gamma_store>(limits)) {}

  void keep(service::frame_history& to, std::uint64_t ordinal, timestamp end, std::string bytes) {
    to.add({.first_end = end,
            .last_end = end,
            .ordinal = ordinal,
            .bytes = std::make_shared<const std::string>(std::move(bytes))});
  }
  void give_profile(std::uint64_t n) {
    const auto p = profile(n);
    keep(store->expiries, n, p.end, encoder.expiries(p));
    keep(store->profiles, n, p.end, encoder.profile(p, info(n, encoder.extent(p))));
  }
  void give_signals(std::uint64_t n) {
    const auto s = signals(n);
    keep(store->signals, n, s.as_of, encoder.signals(s, info(n, encoder.extent(s))));
  }
  void give_levels(std::uint64_t n) {
    const auto l = levels(n);
    keep(store->levels, n, l.effective, encoder.levels(l, {}, info(n, encoder.extent(l, {}))));
  }
  void give_alert() {
    const auto a = an_alert(++alerts);
    keep(store->alerts, alerts, a.as_of, encoder.alert(a, info(alerts, encoder.extent(a))));
  }
  /// Everything of one window.
  void give(std::uint64_t n) {
    give_profile(n);
    give_levels(n);
    give_signals(n);
    store->publish(end_of(n), end_of(n));
  }
};

}  // namespace isobar::gamma_fuel::fixture
