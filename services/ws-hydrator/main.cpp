#include "ws-hydrator/app.hpp"

int main(int argc, char** argv) {
  std::vector<std::unique_ptr<isobar::service::app>> apps;
  apps.push_back(isobar::ws_hydrator::make_app());
  return isobar::service::run(argc, argv, "ws-hydrator", "Keeps option contract rows and freezes them into windows",
                              std::move(apps));
}
