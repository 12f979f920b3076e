#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "feed-ingest/sources/input.hpp"
#include "isobar/commands.hpp"
#include "isobar/replay_report.hpp"
#include "isobar/replay_words.hpp"
#include "isobar/suite.hpp"
#include "service/exit_codes.hpp"

namespace isobar::cli {
namespace {

/// Without --futures every outright future of the files is replayed. Nothing: the files cannot be read, and it was
/// said.
std::optional<std::vector<symbol>> futures_in(const replay_words& given) {
  std::vector<symbol> found;
  if (given.files.empty() || given.has("--futures") || given.has("--help") || given.has("-h")) return found;
  const auto in = feed_ingest::open_input(
      {.csv = given.csv, .files = given.files, .futures = {}, .binding = {}, .read_ahead = false});
  if (!in) {
    std::fprintf(stderr, "isobar replay: %s\n", in.error().evidence.c_str());
    return std::nullopt;
  }
  for (const auto& binding : in->bindings) found.push_back(binding.symbol);
  return found;
}

}  // namespace

int replay(int argc, char** argv) {
  auto read = spelt_out({argv, argv + argc});
  if (!read) {
    std::fprintf(stderr, "isobar replay: %s\n", read.error().c_str());
    return service::exit_configuration;
  }
  replay_words& given = *read;
  if (given.has("--feed-ingest.from") && !given.has("--feed-ingest.speed"))
    std::fprintf(stderr, "isobar replay: --from says where pacing begins; without --speed there is no pace\n");
  std::vector<char*> pointers;
  for (std::string& word : given.words) pointers.push_back(word.data());
  const auto broken = std::make_shared<broken_input>();
  const replayed what{
      .options = given.chains || !given.futures || given.has("--symbols"), .futures = given.futures, .broken = broken};
  service::host_options defaults;
  if (auto futures = futures_in(given))
    defaults.futures = std::move(*futures);
  else
    return service::exit_cannot_start;
  if (what.options) defaults.symbols = {*symbol::parse("SPX")};
  defaults.mode = "replay";
  defaults.venue = "replay";
  // Somebody who holds the end wants to ask; the others want no port taken.
  if (!given.hold) defaults.grpc = defaults.http = "off";
  defaults.log_level = "warn";
  auto apps =
      make_suite({.options = what.options, .futures = what.futures, .on_broken = [broken](const std::string& why) {
                    broken->set(why);
                  }});
  apps.push_back(make_replay_report(what));
  const int code =
      service::run(static_cast<int>(pointers.size()), pointers.data(), "isobar replay",
                   "Recorded input through every service, as fast as it goes: --chains DIR [--quotes FILE], "
                   "--dbn FILE... or --csv FILE... [--speed N [--from TIME]] [--until TIME], and --hold to be asked "
                   "afterwards. With --speed the time before --from is said at once, so that the book is right there; "
                   "--until ends the input",
                   std::move(apps), std::move(defaults));
  return code == service::exit_ok && !broken->why().empty() ? exit_broken : code;
}

}  // namespace isobar::cli
