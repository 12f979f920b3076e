#include "colorizer/app.hpp"

int main(int argc, char** argv) {
  std::vector<std::unique_ptr<isobar::service::app>> apps;
  apps.push_back(isobar::colorizer::make_app());
  return isobar::service::run(argc, argv, "colorizer", "colours numeric surfaces", std::move(apps));
}
