#include "feed-ingest/app.hpp"

int main(int argc, char** argv) {
  std::vector<std::unique_ptr<isobar::service::app>> apps;
  apps.push_back(isobar::feed_ingest::make_app());
  return isobar::service::run(argc, argv, "feed-ingest",
                              "Order-by-order futures feeds from Databento files, CSV exports or a simulator",
                              std::move(apps));
}
