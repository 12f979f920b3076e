#include <string>
#include <string_view>
#include <vector>

#include "isobar/commands.hpp"
#include "isobar/replay_report.hpp"
#include "isobar/suite.hpp"

namespace isobar::cli {
namespace {

/// The two short words of replay, spelt out as the services' own options: --quotes takes a minute archive or a
/// recording. Without it only chains hydrate rows.
std::vector<std::string> spelt_out(int argc, char** argv) {
  std::vector<std::string> words{argv[0]};
  bool chains = false, quotes = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--chains" && i + 1 < argc) {
      words.insert(words.end(), {"--chain-ingest.source=directory", "--chain-ingest.path=" + std::string(argv[++i])});
      chains = true;
    } else if (word == "--quotes" && i + 1 < argc) {
      const std::string file = argv[++i];
      words.push_back(file.ends_with(".zip") ? "--ws-hydrator.source=minute-quotes" : "--ws-hydrator.source=recording");
      words.push_back("--ws-hydrator.files=" + file);
      quotes = true;
    } else {
      words.emplace_back(word);
    }
  }
  if (chains && !quotes) words.emplace_back("--ws-hydrator.source=none");
  return words;
}

}  // namespace

int replay(int argc, char** argv) {
  std::vector<std::string> words = spelt_out(argc, argv);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  service::host_options defaults;
  defaults.symbols = {*symbol::parse("SPX")};
  defaults.mode = "replay";
  defaults.venue = "replay";
  defaults.grpc = "off";
  defaults.http = "off";
  defaults.log_level = "warn";
  auto apps = make_suite();
  apps.push_back(make_replay_report());
  return service::run(static_cast<int>(pointers.size()), pointers.data(), "isobar replay",
                      "Recorded input through every service, as fast as it goes: --chains DIR [--quotes FILE] ...",
                      std::move(apps), std::move(defaults));
}

}  // namespace isobar::cli
