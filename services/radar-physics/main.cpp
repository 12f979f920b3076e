#include "radar-physics/app.hpp"

int main(int argc, char** argv) {
  std::vector<std::unique_ptr<isobar::service::app>> apps;
  apps.push_back(isobar::radar_physics::make_app());
  return isobar::service::run(argc, argv, "radar-physics",
                              "Reads walls, vacuums and ease of movement from futures books", std::move(apps));
}
