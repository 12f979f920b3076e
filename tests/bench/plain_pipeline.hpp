#pragma once
// The rival of the actors: the same domains and the same codecs, called one after the other in one loop on one thread.
// No bus, no mailbox, no supervision, no metrics; every frame is encoded by its producer and decoded by each of its
// consumers, as between the services.
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "chain-ingest/domain/ingest.hpp"
#include "colorizer/transport/color_codec.hpp"
#include "decomposer/domain/registry.hpp"
#include "epoch-manager/domain/epoch_machine.hpp"
#include "heatmap-builder/domain/gradient.hpp"
#include "heatmap-builder/domain/history.hpp"
#include "heatmap-builder/domain/surface.hpp"
#include "heatmap-builder/transport/tile_encoder.hpp"
#include "sim/option_market.hpp"
#include "wire/window_codec.hpp"
#include "ws-hydrator/domain/hydrator.hpp"
#include "ws-hydrator/domain/window_history.hpp"

namespace isobar::bench {

struct plain_options {
  sim::config market;
  duration_ns chain_interval{2'000'000'000};
  epoch_manager::machine_config epochs;  ///< without participants: nobody is waited for
  std::string venue = "bench";
  colorizer::color_scale scale;
};

/// A data frame as the bus would carry it.
struct plain_frame {
  std::string subject;
  std::shared_ptr<const std::string> bytes;
};

class plain_pipeline {
 public:
  explicit plain_pipeline(plain_options options);
  /// Until the market has ended.
  void run();

  /// Of windows, models, tiles, gradient and colours, in order per subject.
  const std::vector<plain_frame>& frames() const { return frames_; }
  std::uint64_t quotes() const { return hydrator_.counts().events; }
  /// When the first tile frame left, and how many events had been taken by then.
  std::chrono::steady_clock::time_point first_tiles() const { return first_tiles_; }
  std::uint64_t windows() const { return hydrator_.counts().windows; }

 private:
  void publish_chain();
  void take_chain_frame(const std::string& bytes);
  void perform(epoch_manager::effects todo);
  void take_epoch_frame(const std::string& bytes, timestamp watermark);
  void advance_chain_watermark(timestamp t);
  void take_window(const market::frozen_window& w);
  void decompose(const std::string& bytes);
  void build(const std::string& bytes);
  void colorize(const std::string& bytes);
  const std::string& keep(const std::string& subject, std::string bytes);

  plain_options options_;
  sim::option_market chain_market_, quote_market_;
  chain_ingest::ingest ingest_;
  epoch_manager::epoch_machine epochs_;
  ws_hydrator::hydrator hydrator_;
  ws_hydrator::window_history windows_;
  heatmap_builder::surface surface_;
  heatmap_builder::history history_;
  std::vector<heatmap_builder::gradient_plane> gradients_;
  const heatmap_builder::board* gradient_board_ = nullptr;

  wire::window_encoder window_encoder_;
  wire::window_decoder window_decoder_;
  market::frozen_window window_;
  market::heatmap_rows rows_;
  heatmap_builder::tile_encoder tile_encoder_;
  std::string scratch_;
  color::v1::ColorDelta colors_;
  std::uint64_t chain_sequence_ = 0, epoch_sequence_ = 0;

  std::vector<market::option_event> events_, discarded_;
  std::vector<ws_hydrator::feed_event> feed_;
  std::vector<plain_frame> frames_;
  std::string window_subject_, tiles_subject_, gradient_subject_, colors_subject_;
  std::vector<std::string> model_subjects_;
  std::chrono::steady_clock::time_point first_tiles_{};
};

}  // namespace isobar::bench
