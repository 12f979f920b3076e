#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chain-ingest/sources/http_client.hpp"
#include "core/error.hpp"
#include "core/symbol.hpp"
#include "sim/options.hpp"

namespace isobar::config {
class schema;
}

namespace isobar::chain_ingest {

/// Options "chain-ingest.*" and "sim.*"; README.md has the table.
struct configuration {
  std::string source = "sim";
  std::vector<std::string> path;
  std::int64_t interval_ms = 10'000;
  std::int64_t expirations = 5;
  std::vector<std::string> em_mult{"SPX=2.25", "NDX=3.5"};
  bool window_files = false;
  std::int64_t minute_interval_ms = 0;
  std::string url = "https://api.massive.com";
  std::string api_key;
  std::string tls_ca;
  std::int64_t timeout_ms = 10'000;
  std::int64_t body_bytes_max = 16 << 20;
  std::int64_t page_size = 250;
  std::int64_t pages_max = 64;
  std::int64_t backoff_ms = 1'000;
  std::int64_t backoff_max_ms = 60'000;
  std::int64_t expirations_refresh_ms = 300'000;
  bool record = false;
  std::int64_t record_bytes_max = 256 << 20;
  std::int64_t record_files_max = 16;
  std::int64_t lateness_ms = 250;
  std::int64_t heartbeat_ms = 250;
  std::int64_t stale_after_ms = 60'000;
  std::int64_t replay_lead_ms = 5'000;
  std::int64_t start_wait_ms = 1'500;
  std::int64_t kept_mebibytes = 64;
  sim::options sim;

  void declare(isobar::config::schema& s);
  /// Words of what contradicts itself; empty: sound.
  std::string validate(const std::vector<symbol>& symbols) const;
  /// em_mult of the symbol, 2.25 when it names none.
  double em_mult_of(const symbol& s) const;
};

/// {"SPX=2.25"} as numbers; nothing when a word is not SYMBOL=NUMBER with a positive number.
std::optional<std::map<std::string, double>> parse_multipliers(const std::vector<std::string>& words);

}  // namespace isobar::chain_ingest
