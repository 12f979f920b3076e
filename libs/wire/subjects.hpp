#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/symbol.hpp"
#include "market/option.hpp"
#include "wire/frame.hpp"

/// Every bus subject and key-value key: proto/subjects.yaml in code. Venue and symbol are registry words ("SIM",
/// "I:SPX"), escaped by core's subject_token.
namespace isobar::subjects {

enum class kind : std::uint8_t {
  chain_snapshot,
  epoch_switch,
  epoch_ack,
  window_frame,
  window_resync,
  model_heatmap,
  model_gex,
  model_volume_profile,
  model_flow,
  heatmap_tiles,
  heatmap_gradient,
  color_cells,
  feed_book,
  feed_trades,
  feed_quotes,
  feed_options,
  feed_definition,
  feed_statistics,
  feed_status,
  feed_resync,
  feed_refill,
  chain_refill,
  epoch_refill,
  gex_surface,
  gex_profile,
  gate_next,
  level_set,
  level_signals,
  level_alert,
  radar_surfaces,
  radar_column,
  radar_features,
  radar_breakthrough,
  radar_levels,
  control_progress,
};

struct subject_entry {
  subjects::kind kind;
  std::string_view pattern;  ///< as in the file: "isobar.chain.{venue}.{symbol}.snapshot"
  std::string_view message;  ///< full protobuf name
};

/// In the order of `kind` and of the file; tests/contract compares.
inline constexpr std::array all_subjects{
    subject_entry{kind::chain_snapshot, "isobar.chain.{venue}.{symbol}.snapshot", "isobar.chain.v1.ChainSnapshot"},
    subject_entry{kind::epoch_switch, "isobar.epoch.{venue}.{symbol}.switch", "isobar.epoch.v1.Epoch"},
    subject_entry{kind::epoch_ack, "isobar.epoch.{venue}.{symbol}.ack", "isobar.epoch.v1.EpochAck"},
    subject_entry{kind::window_frame, "isobar.window.{venue}.{symbol}.frame", "isobar.window.v1.ContractWindow"},
    subject_entry{kind::window_resync, "isobar.window.{venue}.{symbol}.resync", "isobar.window.v1.ResyncRequest"},
    subject_entry{kind::model_heatmap, "isobar.model.{venue}.{symbol}.heatmap", "isobar.model.v1.HeatmapRows"},
    subject_entry{kind::model_gex, "isobar.model.{venue}.{symbol}.gex", "isobar.model.v1.GexRows"},
    subject_entry{kind::model_volume_profile, "isobar.model.{venue}.{symbol}.volume_profile",
                  "isobar.model.v1.VolumeProfileRows"},
    subject_entry{kind::model_flow, "isobar.model.{venue}.{symbol}.flow", "isobar.model.v1.FlowRows"},
    subject_entry{kind::heatmap_tiles, "isobar.heatmap.{venue}.{symbol}.tiles", "isobar.heatmap.v1.TileDelta"},
    subject_entry{kind::heatmap_gradient, "isobar.heatmap.{venue}.{symbol}.gradient", "isobar.surface.v1.NumericDelta"},
    subject_entry{kind::color_cells, "isobar.color.{venue}.{symbol}.cells", "isobar.color.v1.ColorDelta"},
    subject_entry{kind::feed_book, "isobar.feed.{venue}.{symbol}.book", "isobar.feed.v1.BookEvents"},
    subject_entry{kind::feed_trades, "isobar.feed.{venue}.{symbol}.trades", "isobar.feed.v1.Trades"},
    subject_entry{kind::feed_quotes, "isobar.feed.{venue}.{symbol}.quotes", "isobar.feed.v1.Quotes"},
    subject_entry{kind::feed_options, "isobar.feed.{venue}.{symbol}.options", "isobar.feed.v1.OptionEvents"},
    subject_entry{kind::feed_definition, "isobar.feed.{venue}.{symbol}.definition", "isobar.feed.v1.Definitions"},
    subject_entry{kind::feed_statistics, "isobar.feed.{venue}.{symbol}.statistics", "isobar.feed.v1.Statistics"},
    subject_entry{kind::feed_status, "isobar.feed.{venue}.{symbol}.status", "isobar.feed.v1.StatusChanges"},
    subject_entry{kind::feed_resync, "isobar.feed.{venue}.{symbol}.resync", "isobar.feed.v1.RefillRequest"},
    subject_entry{kind::feed_refill, "isobar.feed.{venue}.{symbol}.refill", "isobar.feed.v1.BookEvents"},
    subject_entry{kind::chain_refill, "isobar.chain.{venue}.{symbol}.refill", "isobar.chain.v1.ChainSnapshot"},
    subject_entry{kind::epoch_refill, "isobar.epoch.{venue}.{symbol}.refill", "isobar.epoch.v1.Epoch"},
    subject_entry{kind::gex_surface, "isobar.gex.{venue}.{symbol}.surface", "isobar.gex.v1.GexSurface"},
    subject_entry{kind::gex_profile, "isobar.gex.{venue}.{symbol}.profile", "isobar.gex.v1.GexProfile"},
    subject_entry{kind::gate_next, "isobar.gate.{venue}.{symbol}.next", "isobar.gate.v1.Gate"},
    subject_entry{kind::level_set, "isobar.level.{venue}.{symbol}.set", "isobar.level.v1.LevelSet"},
    subject_entry{kind::level_signals, "isobar.level.{venue}.{symbol}.signals", "isobar.level.v1.LevelSignals"},
    subject_entry{kind::level_alert, "isobar.level.{venue}.{symbol}.alert", "isobar.level.v1.Alert"},
    subject_entry{kind::radar_surfaces, "isobar.radar.{venue}.{symbol}.surfaces", "isobar.radar.v1.MediumSurface"},
    subject_entry{kind::radar_column, "isobar.radar.{venue}.{symbol}.column", "isobar.radar.v1.RadarColumn"},
    subject_entry{kind::radar_features, "isobar.radar.{venue}.{symbol}.features", "isobar.radar.v1.FeatureVector"},
    subject_entry{kind::radar_breakthrough, "isobar.radar.{venue}.{symbol}.breakthrough",
                  "isobar.radar.v1.Breakthrough"},
    subject_entry{kind::radar_levels, "isobar.radar.{venue}.{symbol}.levels", "isobar.radar.v1.LevelStates"},
    subject_entry{kind::control_progress, "isobar.control.{venue}.{symbol}.progress", "isobar.control.v1.Progress"},
};

/// True when the frames of a subject carry one contiguous sequence ("order: header.sequence" in the file), so that a
/// missing one can be named.
constexpr bool sequenced(kind k) {
  switch (k) {
    case kind::epoch_ack:
    case kind::window_resync:
    case kind::heatmap_tiles:
    case kind::heatmap_gradient:
    case kind::color_cells:
    case kind::feed_resync:
    case kind::feed_refill:
    case kind::chain_refill:
    case kind::epoch_refill:
    case kind::control_progress:
      return false;
    default:
      return true;
  }
}

/// The subject of one kind: "isobar.chain.sim.spx.snapshot".
std::string subject(kind k, std::string_view venue, const symbol& s);
/// Wildcard over the symbols of one venue: "isobar.chain.sim.*.snapshot".
std::string every_symbol(kind k, std::string_view venue);
/// Wildcard over venues and symbols: "isobar.chain.*.*.snapshot".
std::string every_venue(kind k);

std::string chain_snapshot(std::string_view venue, const symbol& s);
std::string epoch_switch(std::string_view venue, const symbol& s);
std::string epoch_ack(std::string_view venue, const symbol& s);
std::string window_frame(std::string_view venue, const symbol& s);
std::string window_resync(std::string_view venue, const symbol& s);
std::string model_heatmap(std::string_view venue, const symbol& s);
std::string model_gex(std::string_view venue, const symbol& s);
std::string model_volume_profile(std::string_view venue, const symbol& s);
std::string model_flow(std::string_view venue, const symbol& s);
std::string heatmap_tiles(std::string_view venue, const symbol& s);
std::string heatmap_gradient(std::string_view venue, const symbol& s);
std::string color_cells(std::string_view venue, const symbol& s);
std::string feed_book(std::string_view venue, const symbol& s);
std::string feed_trades(std::string_view venue, const symbol& s);
std::string feed_quotes(std::string_view venue, const symbol& s);
std::string feed_options(std::string_view venue, const symbol& s);
std::string feed_definition(std::string_view venue, const symbol& s);
std::string feed_statistics(std::string_view venue, const symbol& s);
std::string feed_status(std::string_view venue, const symbol& s);
std::string feed_resync(std::string_view venue, const symbol& s);
std::string feed_refill(std::string_view venue, const symbol& s);
std::string chain_refill(std::string_view venue, const symbol& s);
std::string epoch_refill(std::string_view venue, const symbol& s);
std::string gex_surface(std::string_view venue, const symbol& s);
std::string gex_profile(std::string_view venue, const symbol& s);
std::string gate_next(std::string_view venue, const symbol& s);
std::string level_set(std::string_view venue, const symbol& s);
std::string level_signals(std::string_view venue, const symbol& s);
std::string level_alert(std::string_view venue, const symbol& s);
std::string radar_surfaces(std::string_view venue, const symbol& s);
std::string radar_column(std::string_view venue, const symbol& s);
std::string radar_features(std::string_view venue, const symbol& s);
std::string radar_breakthrough(std::string_view venue, const symbol& s);
std::string radar_levels(std::string_view venue, const symbol& s);
std::string control_progress(std::string_view venue, const symbol& s);

struct parsed_subject {
  subjects::kind kind;
  std::string venue;  ///< letters in lower case
  isobar::symbol symbol;
  bool operator==(const parsed_subject&) const = default;
};
/// Inverse of subject(); bad_subject names the text.
result<parsed_subject, wire::errc> parse(std::string_view text);

// Key-value buckets.
inline constexpr std::string_view chains_bucket = "chains";
inline constexpr std::string_view epochs_bucket = "epochs";
inline constexpr std::string_view heatmap_bucket = "heatmap";
inline constexpr std::string_view radar_bucket = "radar";
inline constexpr std::string_view gex_bucket = "gex";

struct bucket_entry {
  std::string_view bucket;
  std::string_view key;      ///< pattern as in the file
  std::string_view message;  ///< full protobuf name
};
inline constexpr std::array all_keys{
    bucket_entry{chains_bucket, "{venue}.{symbol}.latest", "isobar.chain.v1.ChainSnapshot"},
    bucket_entry{epochs_bucket, "{venue}.{symbol}.active", "isobar.epoch.v1.Epoch"},
    bucket_entry{epochs_bucket, "{venue}.{symbol}.{epoch_id}", "isobar.epoch.v1.Epoch"},
    bucket_entry{heatmap_bucket, "{venue}.{symbol}.model", "isobar.heatmap.v1.GetSurfaceResponse"},
    bucket_entry{heatmap_bucket, "{venue}.{symbol}.model.{epoch_id}", "isobar.heatmap.v1.GetSurfaceResponse"},
    bucket_entry{heatmap_bucket, "{venue}.{symbol}.model.{epoch_id}.{expiry}", "isobar.heatmap.v1.GetSurfaceResponse"},
    bucket_entry{radar_bucket, "{venue}.{symbol}.latest", "isobar.radar.v1.GetRadarResponse"},
    bucket_entry{gex_bucket, "{venue}.{symbol}.latest", "isobar.gex.v1.GexProfile"},
};

/// subject_token with '=' for '%': NATS allows no '%' in keys, and '=' cannot come from subject_token.
std::string key_token(std::string_view text);
/// The venue's token: subject_token without regard to case.
std::string venue_token(std::string_view venue);

std::string latest_chain_key(std::string_view venue, const symbol& s);
std::string active_epoch_key(std::string_view venue, const symbol& s);
std::string epoch_key(std::string_view venue, const symbol& s, std::uint64_t epoch_id);
std::string model_key(std::string_view venue, const symbol& s);
std::string model_key(std::string_view venue, const symbol& s, std::uint64_t epoch_id);
std::string model_key(std::string_view venue, const symbol& s, std::uint64_t epoch_id,
                      const market::expiry_key& expiry);
std::string latest_radar_key(std::string_view venue, const symbol& s);
std::string latest_gex_key(std::string_view venue, const symbol& s);

}  // namespace isobar::subjects
