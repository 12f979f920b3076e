#include "isobar/suite.hpp"

#include "chain-ingest/app.hpp"
#include "colorizer/app.hpp"
#include "decomposer/app.hpp"
#include "epoch-manager/app.hpp"
#include "heatmap-builder/app.hpp"
#include "ws-hydrator/app.hpp"

namespace isobar::cli {

std::vector<std::unique_ptr<service::app>> make_suite() {
  std::vector<std::unique_ptr<service::app>> apps;
  apps.push_back(chain_ingest::make_app());
  apps.push_back(epoch_manager::make_app());
  apps.push_back(ws_hydrator::make_app());
  apps.push_back(decomposer::make_app());
  apps.push_back(heatmap_builder::make_app());
  apps.push_back(colorizer::make_app());
  return apps;
}

}  // namespace isobar::cli
