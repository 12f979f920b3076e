#include "plain_pipeline.hpp"

#include <algorithm>

#include "wire/chain_codec.hpp"
#include "wire/epoch_codec.hpp"
#include "wire/model_codec.hpp"
#include "wire/numeric_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::bench {
namespace {

constexpr duration_ns step = milliseconds(20);           // the hydrator's simulator source
constexpr duration_ns chain_stride = milliseconds(250);  // chain-ingest's

std::string model_subject(std::string_view model, const std::string& venue, const symbol& s) {
  if (model == "heatmap") return subjects::model_heatmap(venue, s);
  if (model == "gex") return subjects::model_gex(venue, s);
  if (model == "flow") return subjects::model_flow(venue, s);
  return subjects::model_volume_profile(venue, s);
}

ws_hydrator::hydrator_options synthetic() {
  ws_hydrator::hydrator_options o;
  o.source_quality = market::quality::synthetic;
  return o;
}

}  // namespace

plain_pipeline::plain_pipeline(plain_options options)
    : options_(std::move(options)),
      chain_market_(options_.market),
      quote_market_(options_.market),
      ingest_({.symbol = options_.market.symbol, .expiries_max = 0, .window_em_mult = {}}),
      epochs_(options_.epochs),
      hydrator_(options_.market.symbol, synthetic(), [this](const market::frozen_window& w) { take_window(w); }),
      windows_(32u << 20),
      surface_({}),
      history_({}, {0}) {
  const symbol& s = options_.market.symbol;
  window_subject_ = subjects::window_frame(options_.venue, s);
  tiles_subject_ = subjects::heatmap_tiles(options_.venue, s);
  gradient_subject_ = subjects::heatmap_gradient(options_.venue, s);
  colors_subject_ = subjects::color_cells(options_.venue, s);
  for (const auto name : decomposer::models::names) model_subjects_.push_back(model_subject(name, options_.venue, s));
}

void plain_pipeline::run() {
  const timestamp end = options_.market.start + options_.market.duration;
  timestamp next_chain = options_.market.start;
  while (!quote_market_.finished()) {
    while (next_chain <= quote_market_.now() && next_chain < end) {
      while (chain_market_.now() < next_chain) {
        discarded_.clear();
        chain_market_.advance(std::min(next_chain, chain_market_.now() + chain_stride), discarded_);
      }
      publish_chain();
      next_chain = next_chain + options_.chain_interval;
      advance_chain_watermark(next_chain < end ? next_chain : end_of_time);
    }
    events_.clear();
    feed_.clear();
    quote_market_.advance(quote_market_.now() + step, events_);
    for (const market::option_event& e : events_) feed_.push_back(ws_hydrator::to_feed_event(e));
    hydrator_.apply(std::span<const ws_hydrator::feed_event>(feed_));
    hydrator_.advance_quotes(quote_market_.now());
  }
  hydrator_.advance_quotes(end_of_time);
}

const std::string& plain_pipeline::keep(const std::string& subject, std::string bytes) {
  frames_.push_back({subject, std::make_shared<const std::string>(std::move(bytes))});
  return *frames_.back().bytes;
}

void plain_pipeline::publish_chain() {
  auto chain = ingest_.apply({chain_market_.snapshot(), {}});
  ISOBAR_ASSERT(chain.has_value());
  wire::frame_info info{.producer = "chain-ingest", .sequence = ++chain_sequence_};
  info.ts_first = info.ts_last = info.watermark = (*chain)->ts_event;
  info.quality = market::quality::synthetic;
  take_chain_frame(wire::encode_chain(**chain, info));
}

void plain_pipeline::take_chain_frame(const std::string& bytes) {
  auto for_epochs = wire::decode_chain(bytes), for_hydrator = wire::decode_chain(bytes);
  ISOBAR_ASSERT(for_epochs && for_hydrator);
  const timestamp watermark = for_hydrator->header.watermark;
  hydrator_.apply(std::make_shared<const market::chain_snapshot>(std::move(for_hydrator->body)));
  hydrator_.advance_chains(watermark);
  auto chain = std::make_shared<const market::chain_snapshot>(std::move(for_epochs->body));
  perform(epochs_.on_chain({std::move(chain), market::quality::synthetic, watermark}).todo);
}

void plain_pipeline::advance_chain_watermark(timestamp t) {
  hydrator_.advance_chains(t);
  perform(epochs_.on_chain({nullptr, market::quality::synthetic, t}).todo);
}

void plain_pipeline::perform(epoch_manager::effects todo) {
  for (const auto& effect : todo) {
    if (const auto* p = std::get_if<epoch_manager::publish_epoch>(&effect)) {
      wire::frame_info info{.producer = "epoch-manager", .sequence = ++epoch_sequence_};
      info.ts_first = info.ts_last = p->ts_event;
      info.quality = p->quality;
      info.watermark = p->watermark;
      take_epoch_frame(wire::encode_epoch(p->record, info), p->watermark);
    } else if (const auto* h = std::get_if<epoch_manager::publish_heartbeat>(&effect)) {
      hydrator_.advance_epochs(h->watermark);
    }
  }
}

void plain_pipeline::take_epoch_frame(const std::string& bytes, timestamp watermark) {
  const auto for_builder = wire::decode_epoch(bytes), for_hydrator = wire::decode_epoch(bytes);
  ISOBAR_ASSERT(for_builder && for_hydrator);
  auto board = heatmap_builder::board::make(for_builder->body.epoch);
  ISOBAR_ASSERT(board.has_value());
  surface_.prepare(*board);
  ISOBAR_ASSERT(hydrator_.apply(for_hydrator->body.epoch).has_value());
  hydrator_.advance_epochs(watermark);
}

void plain_pipeline::take_window(const market::frozen_window& w) {
  std::string bytes = window_encoder_.encode(w, {.producer = "ws-hydrator", .watermark = w.end});
  windows_.push(w);
  const std::string& frame = keep(window_subject_, std::move(bytes));
  epochs_.on_quotes(w.end);
  decompose(frame);
}

void plain_pipeline::decompose(const std::string& bytes) {
  const auto header = window_decoder_.decode(bytes, window_);
  ISOBAR_ASSERT(header.has_value());
  wire::frame_info info{.producer = "decomposer"};
  info.watermark = header->watermark;
  std::shared_ptr<const std::string> heatmap;
  decomposer::models::each([&]<class Model>(std::size_t i) {
    keep(model_subjects_[i], wire::encode_model(Model::project(window_), info));
    if (i == 0) heatmap = frames_.back().bytes;
  });
  build(*heatmap);
}

void plain_pipeline::build(const std::string& bytes) {
  ISOBAR_ASSERT(wire::decode_model(bytes, rows_).has_value());
  ISOBAR_ASSERT(surface_.apply(rows_) == heatmap_builder::apply_outcome::applied);
  const heatmap_builder::window_delta& d = surface_.delta();
  if (gradient_board_ != d.board) {
    gradient_board_ = d.board;
    gradients_.clear();
    for (std::uint32_t i = 0; i < d.board->planes.size(); ++i) gradients_.emplace_back(d.board->planes[i], i);
  }
  history_.append(surface_.snapshot(), rows_);
  for (const heatmap_builder::plane_delta* plane : d.planes) {
    tile_encoder_.encode(d, *plane, scratch_);
    if (first_tiles_ == std::chrono::steady_clock::time_point{}) first_tiles_ = std::chrono::steady_clock::now();
    keep(tiles_subject_, scratch_);
    const auto* g = gradients_[plane->plane].apply(*plane, surface_.published_of(plane->plane));
    if (!g) continue;
    tile_encoder_.encode_gradient(d, *g, scratch_);
    colorize(std::string(keep(gradient_subject_, scratch_)));
  }
}

void plain_pipeline::colorize(const std::string& bytes) {
  const auto decoded = wire::decode_numeric(bytes);
  ISOBAR_ASSERT(decoded.has_value());
  wire::frame_info info = decoded->header;
  info.producer = "colorizer";
  colorizer::to_proto(decoded->body, options_.scale, info, colors_);
  keep(colors_subject_, wire::serialize(colors_));
}

}  // namespace isobar::bench
