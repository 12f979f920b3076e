#include "isobar/commands.hpp"
#include "isobar/status_screen.hpp"
#include "isobar/suite.hpp"

namespace isobar::cli {

int up(int argc, char** argv) {
  service::host_options defaults;
  defaults.symbols = {*symbol::parse("SPX")};
  defaults.futures = {*symbol::parse("ES")};
  defaults.log_level = "warn";  // the screen tells the rest
  auto apps = make_suite();
  apps.push_back(make_status_screen());
  return service::run(argc, argv, "isobar up", "Every service in one process, fed by the simulated market",
                      std::move(apps), std::move(defaults));
}

}  // namespace isobar::cli
