#include "chain-ingest/sources/chain_files.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "market/root.hpp"
#include "wire/cboe_delayed.hpp"
#include "wire/cboe_eod.hpp"

namespace isobar::chain_ingest {
namespace {

constexpr duration_ns bar_width = seconds(60);

recorded_event refusal_of(const failure<wire::vendor_errc>& why) {
  return {start_of_time, chain_refused{refusal::malformed, why.evidence, 0}};
}

/// True when a chain concerns the symbol: a root of it, or no root that is known at all (then the refusal is reported).
bool concerns(const market::raw_chain& chain, const isobar::symbol& s) {
  std::map<std::string, std::string> symbols;
  bool any_known = false;
  for (const auto& c : chain.contracts) {
    const auto [at, fresh] = symbols.try_emplace(c.id.root);
    if (!fresh) continue;
    if (const auto spec = market::find_root(c.id.root)) {
      if (spec->symbol == s.str()) return true;
      any_known = true;
    }
  }
  return !any_known;
}

void add(market::raw_chain chain, const isobar::symbol& s, std::vector<recorded_event>& out) {
  if (!concerns(chain, s)) return;
  const timestamp at = chain.ts_event;
  out.push_back({at, chain_arrived{{std::move(chain), {}}, 0, 1, 0}});
}

/// Builds the chains of one minute archive at the wanted instants.
class minute_chains {
 public:
  minute_chains(wire::minute_archive archive, std::string origin, const side_facts& facts)
      : archive_(std::move(archive)), origin_(std::move(origin)), facts_(facts) {
    for (const auto& id : archive_.contracts) states_.emplace(id, market::contract_state{});
  }

  std::vector<recorded_event> make(duration_ns every, const isobar::symbol& s) {
    std::vector<recorded_event> out;
    timestamp at = archive_.events.front().ts_event - bar_width;
    const timestamp last = archive_.events.back().ts_event;
    for (; at <= last; at = at + every) {
      apply_until(at);
      add(chain(at), s, out);
      if (every.value <= 0) break;
    }
    return out;
  }

 private:
  void apply_until(timestamp at) {
    for (; next_ < archive_.events.size() && archive_.events[next_].ts_event <= at; ++next_) {
      const market::option_event& e = archive_.events[next_];
      market::contract_state& s = states_[e.id];
      if (e.kind == market::option_event::kind::trade) {
        s.last = e.last;
        s.last_size = e.size;
        s.ts_trade = e.ts_event;
        continue;
      }
      s.bid = e.bid;
      s.ask = e.ask;
      s.bid_size = e.bid_size;
      s.ask_size = e.ask_size;
      s.ts_quote = e.ts_event;
    }
    for (; next_fact_ < facts_.open_interest.size() && facts_.open_interest[next_fact_].ts_event <= at; ++next_fact_) {
      const auto& fact = facts_.open_interest[next_fact_];
      if (const auto found = states_.find(fact.id); found != states_.end())
        found->second.open_interest = fact.contracts;
    }
    for (; next_price_ < facts_.underlying.size() && facts_.underlying[next_price_].ts_event <= at; ++next_price_) {
      const auto& p = facts_.underlying[next_price_];
      if (p.contract.empty() || p.contract == month_) spot_ = p.price;
    }
  }

  market::raw_chain chain(timestamp at) const {
    market::raw_chain out;
    out.source = "minute-quotes";
    out.origin = origin_;
    out.ts_event = at;
    out.spot = spot_;
    std::uint32_t line = 0;
    for (const auto& [id, state] : states_) out.contracts.push_back({id, state, ++line});
    out.counts.rows = out.contracts.size();
    return out;
  }

  wire::minute_archive archive_;
  std::string origin_;
  const side_facts& facts_;
  std::map<market::option_id, market::contract_state> states_;
  std::size_t next_ = 0, next_fact_ = 0, next_price_ = 0;
  /// Options on futures are on the future of their own month.
  std::string month_ =
      archive_.contracts.empty() ? "" : std::to_string(to_yyyymmdd(archive_.contracts.front().expiry) / 100);
  price spot_ = market::no_price;
};

std::vector<recorded_event> read_minutes(const std::string& path, std::string_view bytes,
                                         const directory_options& options, const isobar::symbol& s,
                                         const side_facts& facts) {
  const std::string name = std::filesystem::path(path).filename().string();
  auto archive = wire::parse_minute_archive(bytes, name);
  if (!archive) return {refusal_of(archive.error())};
  const bool quotes = std::any_of(archive->events.begin(), archive->events.end(),
                                  [](const auto& e) { return e.kind == market::option_event::kind::quote; });
  if (archive->symbol != s.str() || !quotes) return {};
  return minute_chains(std::move(*archive), name, facts).make(options.minute_interval, s);
}

}  // namespace

file_format format_of(const std::string& path, std::string_view bytes) {
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".zip") return file_format::minute_archive;
  if (extension == ".ndjson" || extension == ".jsonl") return file_format::recording;
  if (extension != ".csv" || bytes.starts_with("#")) return file_format::none;  // "#expiry,...": a universe
  return wire::is_cboe_delayed(bytes) ? file_format::cboe_delayed : file_format::cboe_eod;
}

std::vector<recorded_event> read_chain_file(const std::string& path, const directory_options& options,
                                            const isobar::symbol& s, const side_facts& facts) {
  std::vector<recorded_event> out;
  const auto bytes = wire::read_file(path);
  if (!bytes) return {refusal_of(bytes.error())};
  const std::string name = std::filesystem::path(path).filename().string();
  switch (format_of(path, *bytes)) {
    case file_format::none:
      break;
    case file_format::recording:
      return read_recording(*bytes, name, s, options.limits);
    case file_format::minute_archive:
      return read_minutes(path, *bytes, options, s, facts);
    case file_format::cboe_delayed: {
      auto chain = wire::parse_cboe_delayed(*bytes, name);
      if (!chain) return {refusal_of(chain.error())};
      add(std::move(*chain), s, out);
      break;
    }
    case file_format::cboe_eod: {
      auto chains = wire::parse_cboe_eod(*bytes, name);
      if (!chains) return {refusal_of(chains.error())};
      for (auto& chain : *chains) add(std::move(chain), s, out);
      break;
    }
  }
  return out;
}

void gather_facts(const std::string& path, const isobar::symbol& s, side_facts& out) {
  if (!path.ends_with(".zip")) return;
  auto archive = wire::read_minute_archive(path);
  if (!archive || archive->symbol != s.str()) return;  // a bad archive is reported when its chain is read
  out.underlying.insert(out.underlying.end(), archive->underlying.begin(), archive->underlying.end());
  out.open_interest.insert(out.open_interest.end(), archive->open_interest.begin(), archive->open_interest.end());
}

}  // namespace isobar::chain_ingest
