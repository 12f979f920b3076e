#include "gamma-fuel/app.hpp"

int main(int argc, char** argv) {
  std::vector<std::unique_ptr<isobar::service::app>> apps;
  apps.push_back(isobar::gamma_fuel::make_app());
  return isobar::service::run(argc, argv, "gamma-fuel",
                              "Reads dealer gamma, levels and break-or-bounce signals from options and futures",
                              std::move(apps));
}
