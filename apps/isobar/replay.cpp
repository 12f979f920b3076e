#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feed-ingest/sources/input.hpp"
#include "isobar/commands.hpp"
#include "isobar/replay_report.hpp"
#include "isobar/suite.hpp"

namespace isobar::cli {
namespace {

/// The short words of replay, spelt out as the services' own options.
struct replay_words {
  std::vector<std::string> words;
  std::vector<std::string> files;  ///< of futures
  bool csv = false;
  bool chains = false, quotes = false, futures = false, hold = false;

  bool has(std::string_view option) const {
    return std::ranges::any_of(words, [&](const std::string& w) {
      return w.starts_with(option) && (w.size() == option.size() || w[option.size()] == '=');
    });
  }
};

/// The words up to the next option.
std::vector<std::string> files_from(int argc, char** argv, int& i) {
  std::vector<std::string> files;
  while (i + 1 < argc && !std::string_view(argv[i + 1]).starts_with("--")) files.emplace_back(argv[++i]);
  return files;
}

std::string joined(const std::vector<std::string>& files) {
  std::string text;
  for (const std::string& file : files) text += (text.empty() ? "" : ",") + file;
  return text;
}

replay_words spelt_out(int argc, char** argv) {
  replay_words out;
  auto& words = out.words;
  words.emplace_back(argv[0]);
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--chains" && i + 1 < argc) {
      words.insert(words.end(), {"--chain-ingest.source=directory", "--chain-ingest.path=" + std::string(argv[++i])});
      out.chains = true;
    } else if (word == "--quotes" && i + 1 < argc) {
      const std::string file = argv[++i];
      words.push_back(file.ends_with(".zip") ? "--ws-hydrator.source=minute-quotes" : "--ws-hydrator.source=recording");
      words.push_back("--ws-hydrator.files=" + file);
      out.quotes = true;
    } else if (word == "--dbn" || word == "--csv") {
      words.push_back("--feed-ingest.source=" + std::string(word.substr(2)));
      out.files = files_from(argc, argv, i);
      words.push_back("--feed-ingest.files=" + joined(out.files));
      out.csv = word == "--csv";
      out.futures = true;
    } else if (word == "--speed" && i + 1 < argc) {
      words.push_back("--feed-ingest.speed=" + std::string(argv[++i]));
    } else if (word == "--hold") {
      words.emplace_back("--replay.hold=true");
      out.hold = true;
    } else {
      words.emplace_back(word);
    }
  }
  if (out.chains && !out.quotes) words.emplace_back("--ws-hydrator.source=none");
  out.futures = out.futures || out.has("--feed-ingest.source");
  if (out.futures && !out.has("--feed-ingest.progress")) words.emplace_back("--feed-ingest.progress=true");
  return out;
}

/// Without --futures every outright future of the files is replayed. Nothing: the files cannot be read, and it was
/// said.
std::optional<std::vector<symbol>> futures_in(const replay_words& given) {
  std::vector<symbol> found;
  if (given.files.empty() || given.has("--futures") || given.has("--help") || given.has("-h")) return found;
  const auto in = feed_ingest::open_input({.csv = given.csv, .files = given.files, .read_ahead = false});
  if (!in) {
    std::fprintf(stderr, "isobar replay: %s\n", in.error().evidence.c_str());
    return std::nullopt;
  }
  for (const auto& binding : in->bindings) found.push_back(binding.symbol);
  return found;
}

}  // namespace

int replay(int argc, char** argv) {
  replay_words given = spelt_out(argc, argv);
  std::vector<char*> pointers;
  for (std::string& word : given.words) pointers.push_back(word.data());
  const replayed what{.options = given.chains || !given.futures, .futures = given.futures};
  service::host_options defaults;
  if (auto futures = futures_in(given))
    defaults.futures = std::move(*futures);
  else
    return 3;
  if (what.options) defaults.symbols = {*symbol::parse("SPX")};
  defaults.mode = "replay";
  defaults.venue = "replay";
  // Somebody who holds the end wants to ask; the others want no port taken.
  if (!given.hold) defaults.grpc = defaults.http = "off";
  defaults.log_level = "warn";
  std::vector<std::unique_ptr<service::app>> apps;
  if (what.options) apps = make_options_suite();
  if (what.futures)
    for (auto& app : make_futures_suite()) apps.push_back(std::move(app));
  apps.push_back(make_replay_report(what));
  return service::run(static_cast<int>(pointers.size()), pointers.data(), "isobar replay",
                      "Recorded input through every service, as fast as it goes: --chains DIR [--quotes FILE], "
                      "--dbn FILE... or --csv FILE... [--speed N], and --hold to be asked afterwards",
                      std::move(apps), std::move(defaults));
}

}  // namespace isobar::cli
