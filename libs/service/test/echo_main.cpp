#include "service/test/echo_app.hpp"

int main(int argc, char** argv) {
  std::vector<std::unique_ptr<isobar::service::app>> apps;
  apps.push_back(isobar::service::test::make_echo_app());
  return isobar::service::run(argc, argv, "isobar-echo", "Answers what it is asked: for tests of the host",
                              std::move(apps));
}
