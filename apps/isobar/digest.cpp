#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "bus/nats_bus.hpp"
#include "core/digest.hpp"
#include "isobar/commands.hpp"
#include "isobar/watch.hpp"
#include "service/frame_log.hpp"

namespace isobar::cli {
namespace {

void print(const char* of, const wire::stream_digest& digest) {
  if (digest.frames() > 0)
    std::printf("%s digest %s over %llu frames\n", of, to_hex(digest.value()).c_str(),
                static_cast<unsigned long long>(digest.frames()));
}

void print(const medium_totals& medium) {
  print("medium", medium.digest());
  print("gamma", medium.gamma_digest());
  print("surface", medium.surface_digest());
  if (medium.repeated() == 0) return;
  std::printf(
      "%llu frames were sent again, %llu of them different:", static_cast<unsigned long long>(medium.repeated()),
      static_cast<unsigned long long>(medium.contradicted()));
  for (const auto& [kind, count] : medium.repeats())
    std::printf(" %s %llu", kind.c_str(), static_cast<unsigned long long>(count));
  std::printf("\n");
}

void print(const watch& seen, bool verbose) {
  if (verbose) {
    for (const auto& [subject, total] : seen.digest().by_subject()) {
      std::printf("%s  %8llu frames  %s\n", to_hex(total.hash).c_str(), static_cast<unsigned long long>(total.frames),
                  subject.c_str());
    }
  }
  print(seen.medium_digest());
  std::printf("digest %s over %llu frames\n", to_hex(seen.digest().value()).c_str(),
              static_cast<unsigned long long>(seen.digest().frames()));
}

/// Every *.rec below a folder, or the one file given, in name order: sessions of a symbol follow each other.
std::vector<std::filesystem::path> recordings_in(const std::filesystem::path& place) {
  std::vector<std::filesystem::path> files;
  std::error_code ec;
  if (std::filesystem::is_regular_file(place, ec)) return {place};
  for (auto at = std::filesystem::recursive_directory_iterator(place, ec);
       !ec && at != std::filesystem::recursive_directory_iterator(); at.increment(ec))
    if (at->is_regular_file(ec) && at->path().extension() == ".rec") files.push_back(at->path());
  std::ranges::sort(files);
  return files;
}

/// The digest that the bus would have given. 0, or 1 when something is wrong with a file.
int of_recordings(const std::string& place, bool verbose) {
  const auto files = recordings_in(place);
  if (files.empty()) {
    std::fprintf(stderr, "isobar digest: no recordings (*.rec) in %s\n", place.c_str());
    return 1;
  }
  medium_totals totals;
  std::string frame;
  for (const auto& file : files) {
    auto log = service::frame_log_reader::open(file);
    std::string wrong = log ? "" : log.error().evidence;
    while (wrong.empty() && (*log)->next()) {
      const auto read = (*log)->read(frame);
      if (!read)
        wrong = read.error().evidence;
      else
        totals.take(kind_of((*log)->subject()), (*log)->subject(), frame);
    }
    if (wrong.empty()) wrong = (*log)->error();
    if (!wrong.empty()) {
      std::fprintf(stderr, "isobar digest: %s\n", wrong.c_str());
      return 1;
    }
  }
  if (verbose)
    for (const auto& [subject, total] : totals.digest().by_subject())
      std::printf("%s  %8llu frames  %s\n", to_hex(total.hash).c_str(), static_cast<unsigned long long>(total.frames),
                  subject.c_str());
  print(totals);
  return totals.contradicted() == 0 ? 0 : 1;
}

}  // namespace

int digest(int argc, char** argv) {
  CLI::App top{"Digest of everything a pipeline emits on a NATS bus, printed when its input has ended",
               "isobar digest"};
  std::string url = "nats://127.0.0.1:7422";
  std::vector<std::string> symbols{"SPX"};
  int limit_s = 600;
  bool verbose = false;
  top.add_option("--bus", url, "NATS server; default: that of ./dev cluster")->capture_default_str();
  top.add_option("--symbols", symbols, "wait for the end of these")->delimiter(',')->capture_default_str();
  top.add_option("--limit-s", limit_s, "give up after, seconds")->check(CLI::Range(1, 86'400))->capture_default_str();
  top.add_flag("--verbose", verbose, "one line per subject");
  std::string recording;
  bus::nats_options on_bus{.name = "isobar-digest"};
  top.add_option("--nats-nkey-seed", on_bus.nkey_seed_file, "file with the seed of the NATS user isobar or monitor");
  top.add_option("--nats-tls-ca", on_bus.tls_ca_file, "CA certificate file of the NATS server; turns TLS on");
  top.add_option("--nats-tls-cert", on_bus.tls_cert_file, "own certificate file, where the server asks for one");
  top.add_option("--nats-tls-key", on_bus.tls_key_file, "its key file");
  top.add_option("--recording", recording, "a folder of recordings, or one, instead of a bus");
  try {
    top.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return top.exit(e) == 0 ? 0 : 2;
  }

  if (!recording.empty()) return of_recordings(recording, verbose);
  on_bus.url = url;
  auto on = bus::make_nats_bus(on_bus);
  if (!on) {
    std::fprintf(stderr, "isobar digest: %s\n", on.error().evidence.c_str());
    return 3;
  }
  watch seen(**on, true);
  if (!seen.ok()) {
    std::fprintf(stderr, "isobar digest: cannot subscribe on %s\n", url.c_str());
    return 3;
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(limit_s);
  while (!seen.ended(symbols) && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const bool ended = seen.ended(symbols);
  seen.stop();
  print(seen, verbose);
  if (seen.dropped() > 0)
    std::fprintf(stderr, "isobar digest: %llu messages were dropped here\n",
                 static_cast<unsigned long long>(seen.dropped()));
  if (!ended) std::fprintf(stderr, "isobar digest: the input had not ended after %d s\n", limit_s);
  const bool contradicted = seen.medium_digest().contradicted() > 0;
  return ended && seen.dropped() == 0 && !contradicted ? 0 : 1;
}

}  // namespace isobar::cli
