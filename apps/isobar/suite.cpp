#include "isobar/suite.hpp"

#include <iterator>

#include "chain-ingest/app.hpp"
#include "colorizer/app.hpp"
#include "decomposer/app.hpp"
#include "epoch-manager/app.hpp"
#include "feed-ingest/app.hpp"
#include "heatmap-builder/app.hpp"
#include "radar-physics/app.hpp"
#include "ws-hydrator/app.hpp"

namespace isobar::cli {

std::vector<std::unique_ptr<service::app>> make_options_suite() {
  std::vector<std::unique_ptr<service::app>> apps;
  apps.push_back(chain_ingest::make_app());
  apps.push_back(epoch_manager::make_app());
  apps.push_back(ws_hydrator::make_app());
  apps.push_back(decomposer::make_app());
  apps.push_back(heatmap_builder::make_app());
  apps.push_back(colorizer::make_app());
  return apps;
}

std::vector<std::unique_ptr<service::app>> make_futures_suite(std::function<void(const std::string&)> on_broken) {
  std::vector<std::unique_ptr<service::app>> apps;
  apps.push_back(feed_ingest::make_app(std::move(on_broken)));
  apps.push_back(radar_physics::make_app());
  return apps;
}

std::vector<std::unique_ptr<service::app>> make_suite() {
  auto apps = make_options_suite();
  auto futures = make_futures_suite();
  apps.insert(apps.end(), std::make_move_iterator(futures.begin()), std::make_move_iterator(futures.end()));
  return apps;
}

}  // namespace isobar::cli
