#include "decomposer/app.hpp"

int main(int argc, char** argv) {
  std::vector<std::unique_ptr<isobar::service::app>> apps;
  apps.push_back(isobar::decomposer::make_app());
  return isobar::service::run(argc, argv, "decomposer", "turns frozen windows into each model's input",
                              std::move(apps));
}
