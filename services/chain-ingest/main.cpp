#include "chain-ingest/app.hpp"

int main(int argc, char** argv) {
  std::vector<std::unique_ptr<isobar::service::app>> apps;
  apps.push_back(isobar::chain_ingest::make_app());
  return isobar::service::run(argc, argv, "chain-ingest",
                              "Complete option chains from files, a REST vendor or a simulator", std::move(apps));
}
