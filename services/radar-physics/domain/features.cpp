#include "radar-physics/domain/features.hpp"

#include <algorithm>
#include <string_view>

namespace isobar::radar_physics {
namespace {

constexpr std::array<std::string_view, feature_vector::base> base_names{
    "f1_ask_com_disp_log",
    "f1_ask_slope_convex_log",
    "f1_ask_slope_inner_log",
    "f1_ask_at_share_delta",
    "f1_ask_near_share_delta",
    "f1_ask_reprice_away_share_rest",
    "f2_ask_pull_add_log_rest",
    "f2_ask_pull_intensity_log_rest",
    "f2_ask_at_pull_share_rest",
    "f2_ask_near_pull_share_rest",
    "f3_bid_com_disp_log",
    "f3_bid_slope_convex_log",
    "f3_bid_slope_inner_log",
    "f3_bid_at_share_delta",
    "f3_bid_near_share_delta",
    "f3_bid_reprice_away_share_rest",
    "f4_bid_pull_add_log_rest",
    "f4_bid_pull_intensity_log_rest",
    "f4_bid_at_pull_share_rest",
    "f4_bid_near_pull_share_rest",
    "f5_vacuum_expansion_log",
    "f6_vacuum_decay_log",
    "f7_vacuum_total_log",
    "f8_ask_bbo_dist_ticks",
    "f9_bid_bbo_dist_ticks",
    "u1_ask_com_disp_log",
    "u2_ask_slope_convex_log",
    "u2_ask_slope_inner_log",
    "u3_ask_at_share_decay",
    "u3_ask_near_share_decay",
    "u4_ask_reprice_away_share_rest",
    "u5_ask_pull_add_log_rest",
    "u6_ask_pull_intensity_log_rest",
    "u7_ask_at_pull_share_rest",
    "u7_ask_near_pull_share_rest",
    "u8_bid_com_approach_log",
    "u9_bid_slope_support_log",
    "u9_bid_slope_inner_log",
    "u10_bid_at_share_rise",
    "u10_bid_near_share_rise",
    "u11_bid_reprice_toward_share_rest",
    "u12_bid_add_pull_log_rest",
    "u13_bid_add_intensity_log",
    "u14_bid_far_pull_share_rest",
    "u15_up_expansion_log",
    "u16_up_flow_log",
    "u17_up_total_log",
    "u18_ask_bbo_dist_ticks",
    "u19_bid_bbo_dist_ticks",
};

std::array<std::string, feature_vector::size> all_names() {
  std::array<std::string, feature_vector::size> names;
  std::size_t next = 0;
  const auto half = [&](std::size_t first, std::size_t count) {
    for (const std::string_view prefix : {"", "d1_", "d2_", "d3_"}) {
      for (std::size_t i = 0; i < count; ++i) names[next++] = std::string(prefix).append(base_names[first + i]);
    }
  };
  half(0, 25);
  half(25, 24);
  return names;
}

/// Depth of one side from its rows, which ascend: only those near the reference are visited.
void take_depth(std::span<const medium_row> rows, tick_index reference, side_view& view) {
  const auto first = std::partition_point(rows.begin(), rows.end(),
                                          [&](const medium_row& r) { return r.tick < reference - influence_ticks; });
  for (auto row = first; row != rows.end() && row->tick <= reference + influence_ticks; ++row) {
    view.start.add(row->side, row->tick - reference, row->depth_start);
    view.end.add(row->side, row->tick - reference, row->depth_end);
  }
}

}  // namespace

const std::array<std::string, feature_vector::size>& feature_names() {
  static const std::array<std::string, feature_vector::size> names = all_names();
  return names;
}

void feature_builder::build(const window_info& window, std::span<const medium_row> rows, std::size_t bid_rows,
                            const window_flows& flows, feature_vector& out) {
  side_view ask, bid;
  blind_ = window.anchor == market::no_price;
  if (blind_) {
    feature_history nothing_before;
    nothing_before.append(features_of(ask, bid), 0, out);
    return;
  }
  const std::size_t bids = std::min(bid_rows, rows.size());
  take_depth(rows.first(bids), window.ref_tick, bid);
  take_depth(rows.subspan(bids), window.ref_tick, ask);
  ask.flow = flows.ask;
  bid.flow = flows.bid;
  history_.append(features_of(ask, bid), window.ref_tick, out);
}

void feature_builder::build(const window_info& window, std::span<const medium_row> rows, std::size_t bid_rows,
                            std::span<const market::book_change> changes, feature_vector& out) {
  window_flows flows;
  for (const market::book_change& c : changes) {
    if (c.cleared) flows = {};
    if (c.snapshot || c.side == book_side::none) continue;
    flows.take({c, rest_}, window.ref_tick);
  }
  build(window, rows, bid_rows, flows, out);
}

}  // namespace isobar::radar_physics
