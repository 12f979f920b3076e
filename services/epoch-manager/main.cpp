#include "epoch-manager/app.hpp"

int main(int argc, char** argv) {
  std::vector<std::unique_ptr<isobar::service::app>> apps;
  apps.push_back(isobar::epoch_manager::make_app());
  return isobar::service::run(argc, argv, "epoch-manager", "decides when a symbol's geometry changes", std::move(apps));
}
