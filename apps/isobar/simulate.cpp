#include <chrono>
#include <cstdio>
#include <filesystem>
#include <span>

#include "chain-ingest/sources/simulator_source.hpp"
#include "config/config.hpp"
#include "isobar/commands.hpp"
#include "isobar/simulate_dbn.hpp"
#include "market/root.hpp"
#include "sim/options.hpp"
#include "wire/massive_ws.hpp"
#include "ws-hydrator/sources/frame_recorder.hpp"

extern char** environ;

namespace isobar::cli {
namespace {

namespace massive = wire::massive;

struct session_options {
  std::string out = "session";
  std::string symbol_text = "SPX";
  std::int64_t interval_ms = 10'000;
  std::string dbn;
  std::vector<symbol> symbols{*symbol::parse("ES")};
  double minutes = 0;
  sim::options sim;
};

/// Totals of what was written.
struct session_totals {
  std::uint64_t quotes = 0, trades = 0, frames = 0, chains = 0;
};

/// Every chain of the session, as chain-ingest would have recorded it from the vendor's REST interface.
bool write_chains(const session_options& o, const sim::config& market, session_totals& totals) {
  auto records =
      chain_ingest::recorder::open({.folder = std::filesystem::path(o.out) / "chains"}, market.symbol, market.start);
  if (!records) {
    std::fprintf(stderr, "isobar simulate: %s\n", records.error().evidence.c_str());
    return false;
  }
  const auto roots = market::roots_of(market.symbol.str());
  chain_ingest::simulator_options options;
  options.market = market;
  options.interval = milliseconds(o.interval_ms);
  options.vendor_underlying = std::string(roots.front().vendor_underlying);
  chain_ingest::simulator_source source(std::move(options), std::move(*records));
  while (std::holds_alternative<chain_ingest::chain_arrived>(source.next({}))) ++totals.chains;
  return true;
}

/// Every quote and trade, framed as the vendor's WebSocket sends them: what one step of 20 ms holds.
bool write_quotes(const session_options& o, const sim::config& config, session_totals& totals) {
  const auto file = std::filesystem::path(o.out) / ("quotes_" + config.symbol.str() + ".ndjson");
  ws_hydrator::frame_recorder records(file, UINT64_MAX);
  sim::option_market market(config);
  const std::string index = "I:" + config.symbol.str();
  std::vector<market::option_event> events;
  std::vector<massive::ws_event> frame;
  auto last_line = std::chrono::steady_clock::now();
  while (!market.finished()) {
    events.clear();
    frame.clear();
    market.advance(market.now() + milliseconds(20), events);
    for (auto& e : events) {
      ++(e.kind == market::option_event::kind::quote ? totals.quotes : totals.trades);
      frame.emplace_back(std::move(e));
    }
    frame.emplace_back(massive::index_value{index, market.spot(), market.now() - duration_ns{1}});
    if (!records.append(massive::encode_frame(frame))) {
      std::fprintf(stderr, "isobar simulate: cannot write %s\n", file.c_str());
      return false;
    }
    ++totals.frames;
    if (std::chrono::steady_clock::now() - last_line > std::chrono::seconds(1)) {
      last_line = std::chrono::steady_clock::now();
      std::fprintf(stderr, "event time %s  quotes %llu\n", to_iso(market.now()).c_str(),
                   static_cast<unsigned long long>(totals.quotes));
    }
  }
  return true;
}

}  // namespace

int simulate(int argc, char** argv) {
  session_options o;
  o.sim.duration_ms = 60'000;
  config::schema schema("isobar simulate", "Writes a simulated session in the vendor's formats, to replay later",
                        ISOBAR_VERSION);
  schema.option("out", o.out, "folder to write to; made when absent");
  schema.option("symbol", o.symbol_text, "registry symbol");
  schema.option("dbn", o.dbn,
                "write a futures session as one DBN file (ending in .zst: compressed) instead of a folder");
  schema.option("symbols", o.symbols, "futures in the DBN file: ES, NQ, ...");
  schema.option("minutes", o.minutes, "length of the session, minutes of event time; 0: sim.duration-ms", 0, 100'000);
  schema.option("interval-ms", o.interval_ms, "event time between chains, ms", 10, 3'600'000);
  sim::declare_options(schema, o.sim);
  if (const auto parsed = schema.parse(argc, argv, environ); !parsed) {
    const auto& [code, evidence] = parsed.error();
    const bool fine = code == config::errc::help || code == config::errc::printed;
    std::fprintf(fine ? stdout : stderr, fine ? "%s" : "isobar simulate: %s\n", evidence.c_str());
    return fine ? 0 : 2;
  }
  if (o.minutes > 0) o.sim.duration_ms = static_cast<std::int64_t>(60'000 * o.minutes);
  if (!o.dbn.empty()) return simulate_dbn(o.dbn, o.symbols, o.sim);
  const auto symbol = symbol::parse(o.symbol_text);
  const auto market = symbol ? sim::market_config(o.sim, *symbol) : fail(sim::errc::unknown_symbol, o.symbol_text);
  if (!market || market->duration.value == 0) {
    std::fprintf(stderr, "isobar simulate: %s\n",
                 market ? "sim.duration-ms is 0: a file must end" : market.error().evidence.c_str());
    return 2;
  }
  std::error_code ec;
  std::filesystem::create_directories(std::filesystem::path(o.out) / "chains", ec);
  if (ec) {
    std::fprintf(stderr, "isobar simulate: cannot make %s: %s\n", o.out.c_str(), ec.message().c_str());
    return 3;
  }
  session_totals totals;
  if (!write_chains(o, *market, totals) || !write_quotes(o, *market, totals)) return 3;
  std::printf(
      "%llu quotes and %llu trades in %llu frames, %llu chains in %s\nreplay: isobar replay --symbols %s --chains "
      "%s/chains "
      "--quotes %s/quotes_%s.ndjson\n",
      static_cast<unsigned long long>(totals.quotes), static_cast<unsigned long long>(totals.trades),
      static_cast<unsigned long long>(totals.frames), static_cast<unsigned long long>(totals.chains), o.out.c_str(),
      o.symbol_text.c_str(), o.out.c_str(), o.out.c_str(), o.symbol_text.c_str());
  return 0;
}

}  // namespace isobar::cli
