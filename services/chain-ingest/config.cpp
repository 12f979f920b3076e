#include "chain-ingest/config.hpp"

#include <charconv>
#include <cmath>

#include "config/config.hpp"
#include "market/root.hpp"

namespace isobar::chain_ingest {

void configuration::declare(isobar::config::schema& s) {
  const auto name = [](const char* word) { return "chain-ingest." + std::string(word); };
  constexpr std::int64_t day_ms = 86'400'000;
  s.choice(name("source"), source, {"sim", "directory", "massive"}, "where chains come from");
  s.option(name("path"), path, "files and folders that source=directory replays");
  s.option(name("interval-ms"), interval_ms, "between chains: of the clock (massive) or of event time (sim)", 10,
           day_ms);
  s.option(name("expirations"), expirations,
           "first so many expiry dates; 0: all (massive, and files when window-files)", 0, 1000);
  s.option(name("em-mult"), em_mult, "expected moves in half of the strike range, SYMBOL=NUMBER");
  s.option(name("window-files"), window_files, "cut recorded chains to expirations and em-mult too");
  s.option(name("minute-interval-ms"), minute_interval_ms,
           "event time between further chains of a minute archive; 0: one chain", 0, day_ms);
  s.option(name("url"), url, "of the vendor's REST interface");
  s.secret(name("api-key"), api_key, "the vendor's key");
  s.option(name("tls-ca"), tls_ca, "file of a certificate authority trusted in addition to the system's");
  s.option(name("timeout-ms"), timeout_ms, "for one whole request", 10, 600'000);
  s.option(name("body-bytes-max"), body_bytes_max, "largest answer", 1'024, std::int64_t{1} << 30);
  s.option(name("page-size"), page_size, "contracts asked for in a page", 1, 250);
  s.option(name("pages-max"), pages_max, "pages of one expiry", 1, 10'000);
  s.option(name("backoff-ms"), backoff_ms, "wait after a first failure; doubles", 1, 600'000);
  s.option(name("backoff-max-ms"), backoff_max_ms, "longest wait after failures", 1, day_ms);
  s.option(name("expirations-refresh-ms"), expirations_refresh_ms, "the list of expiries is asked for this often",
           1'000, day_ms);
  s.option(name("record"), record, "append what is received to data-dir/chain-ingest");
  s.option(name("record-bytes-max"), record_bytes_max, "a recording is continued in a new file beyond this", 1'024,
           INT64_MAX);
  s.option(name("record-files-max"), record_files_max, "recordings kept of a symbol; the oldest goes", 1, 1'000'000);
  s.option(name("lateness-ms"), lateness_ms, "live (massive): the watermark follows the clock this far behind", 0,
           60'000);
  s.option(name("heartbeat-ms"), heartbeat_ms, "between heartbeats", 10, 60'000);
  s.option(name("stale-after-ms"), stale_after_ms, "live: not ready without a chain for so long", 100, day_ms);
  s.option(name("replay-lead-ms"), replay_lead_ms, "replay: event time that chains may be ahead of the last consumer",
           1'000, day_ms);
  s.option(name("kept-mebibytes"), kept_mebibytes,
           "replay: chains kept of a symbol until gamma-fuel needs them no more; 0: none", 0, 4'096);
  s.option(name("start-wait-ms"), start_wait_ms, "longest wait for the first progress report of a consumer", 0,
           600'000);
  sim::declare_options(s, sim);
}

std::string configuration::validate(const std::vector<symbol>& symbols) const {
  if (!parse_multipliers(em_mult)) return "chain-ingest.em-mult: words are SYMBOL=NUMBER with a positive number";
  if (backoff_max_ms < backoff_ms) return "chain-ingest.backoff-max-ms is less than backoff-ms";
  for (const symbol& s : symbols) {
    if (market::roots_of(s.str()).empty()) return "symbols: no option root of " + s.str() + " is known";
  }
  if (source == "directory" && path.empty()) return "chain-ingest.path: source=directory needs files or folders";
  if (source == "massive") {
    if (!parse_base_url(url)) return "chain-ingest.url: not http(s)://host[:port]: " + url;
    if (api_key.empty()) return "chain-ingest.api-key: source=massive needs ISOBAR_CHAIN_INGEST_API_KEY or ..._FILE";
  }
  if (source == "sim") {
    for (const symbol& s : symbols) {
      if (const auto made = sim::market_config(sim, s); !made) return made.error().evidence;
    }
  }
  return {};
}

double configuration::em_mult_of(const symbol& s) const {
  const auto all = parse_multipliers(em_mult);
  const auto found = all->find(s.str());
  return found == all->end() ? 2.25 : found->second;
}

std::optional<std::map<std::string, double>> parse_multipliers(const std::vector<std::string>& words) {
  std::map<std::string, double> out;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == 0 || equals == std::string::npos) return std::nullopt;
    double value = 0;
    const char* end_of_word = word.data() + word.size();
    const auto [end, ec] = std::from_chars(word.data() + equals + 1, end_of_word, value);
    if (ec != std::errc{} || end != end_of_word || !std::isfinite(value) || value <= 0 || value > 100)
      return std::nullopt;
    out[word.substr(0, equals)] = value;
  }
  return out;
}

}  // namespace isobar::chain_ingest
