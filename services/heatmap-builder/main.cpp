#include "heatmap-builder/app.hpp"

int main(int argc, char** argv) {
  std::vector<std::unique_ptr<isobar::service::app>> apps;
  apps.push_back(isobar::heatmap_builder::make_app());
  return isobar::service::run(argc, argv, "heatmap-builder", "Builds the options strategy surface, tile by tile",
                              std::move(apps));
}
