#include "isobar/suite.hpp"

#include "chain-ingest/app.hpp"
#include "colorizer/app.hpp"
#include "decomposer/app.hpp"
#include "epoch-manager/app.hpp"
#include "feed-ingest/app.hpp"
#include "gamma-fuel/app.hpp"
#include "heatmap-builder/app.hpp"
#include "radar-physics/app.hpp"
#include "ws-hydrator/app.hpp"

namespace isobar::cli {

std::vector<std::unique_ptr<service::app>> make_suite(suite_parts parts) {
  std::vector<std::unique_ptr<service::app>> apps;
  if (parts.options) {
    apps.push_back(chain_ingest::make_app());
    apps.push_back(epoch_manager::make_app());
    apps.push_back(ws_hydrator::make_app());
    apps.push_back(decomposer::make_app());
    apps.push_back(heatmap_builder::make_app());
    apps.push_back(colorizer::make_app());
  }
  if (parts.futures) apps.push_back(feed_ingest::make_app(std::move(parts.on_broken)));
  apps.push_back(gamma_fuel::make_app());
  if (parts.futures) apps.push_back(radar_physics::make_app({.gex = true, .levels = true}));
  return apps;
}

}  // namespace isobar::cli
