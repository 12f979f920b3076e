#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>

#include "isobar/commands.hpp"
#include "radar-physics/transport/calibration_file.hpp"
#include "radar-physics/transport/recorded_fit.hpp"

namespace isobar::cli {
namespace {

using namespace radar_physics;

struct choice {
  std::string recordings = "run/radar-physics", symbol, out, before;
  std::size_t sessions = 5;
};

/// The session that the clock is in is not completed.
date session_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return session_rule{}.of({std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()});
}

void print(const fit_progress& p) {
  std::fprintf(stderr, "\r%s  %llu windows  %llu MiB", to_iso(p.session).c_str(),
               static_cast<unsigned long long>(p.windows), static_cast<unsigned long long>(p.bytes >> 20));
  std::fflush(stderr);
}

void print(const calibration_table& table, const std::vector<session_file>& used, const std::string& out) {
  std::printf("%-28s %14s %14s\n", "metric", "q05", "q95");
  for (std::size_t i = 0; i < metrics; ++i) {
    const auto m = static_cast<metric>(i);
    std::printf("%-28s %14.6g %14.6g%s\n", std::string(to_string(m)).c_str(), table.of(m).q05, table.of(m).q95,
                table.of(m) == bootstrap_calibration().of(m) ? "  (bootstrap)" : "");
  }
  std::printf("%zu session(s), %s to %s\nid %s\nwritten to %s\n", used.size(), to_iso(used.front().session).c_str(),
              to_iso(used.back().session).c_str(), table.id.c_str(), out.c_str());
}

int fit(const choice& c) {
  const auto name = symbol::parse(c.symbol);
  if (!name) {
    std::fprintf(stderr, "isobar calibrate: --symbol: \"%s\" is not a symbol\n", c.symbol.c_str());
    return 2;
  }
  const auto before = c.before.empty() ? std::optional(session_now()) : parse_iso_date(c.before);
  if (!before) {
    std::fprintf(stderr, "isobar calibrate: --before: \"%s\" is not a date like 2023-12-26\n", c.before.c_str());
    return 2;
  }
  const auto folder = symbol_folder(c.recordings, *name);
  const auto used = sessions_before(recorded_sessions(folder), *before, c.sessions);
  if (used.empty()) {
    std::fprintf(stderr, "isobar calibrate: no session before %s is recorded in %s\n", to_iso(*before).c_str(),
                 folder.c_str());
    return 1;
  }
  const auto table = fit_recordings(used, [](const fit_progress& p) { print(p); });
  std::fputc('\n', stderr);
  if (!table) {
    std::fprintf(stderr, "isobar calibrate: %s\n", table.error().evidence.c_str());
    return 1;
  }
  std::vector<std::string> names;
  for (const session_file& s : used) names.push_back(to_iso(s.session));
  std::ofstream file(c.out, std::ios::binary | std::ios::trunc);
  file << format_calibration(*table, names);
  file.close();
  if (!file) {
    std::fprintf(stderr, "isobar calibrate: %s cannot be written\n", c.out.c_str());
    return 1;
  }
  print(*table, used, c.out);
  return 0;
}

}  // namespace

int calibrate(int argc, char** argv) {
  CLI::App top{"Fits a calibration of the radar from recorded sessions (--radar-physics.record=true)",
               "isobar calibrate"};
  choice c;
  top.add_option("--recordings", c.recordings, "radar-physics' folder in the data folder")->capture_default_str();
  top.add_option("--symbol", c.symbol, "contract, e.g. ESH4")->required();
  top.add_option("--sessions", c.sessions, "the newest so many")->check(CLI::Range(1, 1'000))->capture_default_str();
  top.add_option("--before", c.before, "sessions before this day, e.g. 2023-12-26; default: the one under way");
  top.add_option("--out", c.out, "file to write, for --radar-physics.calibration")->required();
  try {
    top.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return top.exit(e) == 0 ? 0 : 2;
  }
  return fit(c);
}

}  // namespace isobar::cli
