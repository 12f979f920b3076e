#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/symbol.hpp"
#include "feed-ingest/actors/feeder.hpp"
#include "feed-ingest/sources/input.hpp"
#include "sim/options.hpp"

namespace isobar::config {
class schema;
}

namespace isobar::feed_ingest {

/// Options "feed-ingest.*" and "sim.*"; README.md has the table.
struct configuration {
  std::string source = "sim";
  std::vector<std::string> files;
  std::vector<std::string> contracts;
  std::int64_t symbols_max = 64;
  std::int64_t frame_records = 512;
  std::int64_t frame_ms = 100;
  double speed = 0;
  std::string from, until;
  std::string progress = "auto";
  std::int64_t lead_frames = 256;
  bool wait_for_consumers = true;
  std::int64_t start_wait_ms = 1'500;
  std::int64_t refill_mebibytes = 64, light_mebibytes = 64;
  std::int64_t heartbeat_ms = 1'000;
  bool resume = false;
  bool exit_at_end = false;
  bool read_ahead = true;
  bool quotes = true;
  std::int64_t options_base_ms = 60'000;
  sim::options sim;

  void declare(isobar::config::schema& s);
  /// Words of what contradicts itself; empty: sound.
  std::string validate(const std::vector<symbol>& futures) const;

  bool simulated() const { return source == "sim"; }
  input_options input(const std::vector<symbol>& futures) const;
  normaliser_options frames() const;
  lane_options flow() const;
  /// A line for everything that decides which frames a run makes, but the files.
  std::vector<std::string> identity() const;
};

/// {"ES=ESH4"} by symbol; nothing when a word has not that form or names a symbol twice.
std::optional<std::map<std::string, std::string>> parse_contracts(const std::vector<std::string>& words);

}  // namespace isobar::feed_ingest
