#include "chain-ingest/domain/canonical.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "market/root.hpp"

namespace isobar::chain_ingest {
namespace {

using market::raw_contract;

constexpr std::size_t contracts_max = 1u << 20;  // wire's bound of a frame

struct root_facts {
  bool known = false;
  bool ours = false;
  market::settlement settles{};
  std::int64_t multiplier = 100;
  strike_width step;
};

class root_table {
 public:
  explicit root_table(const isobar::symbol& s) : symbol_(s.str()) {}
  const root_facts& of(const std::string& root) {
    const auto [at, fresh] = roots_.try_emplace(root);
    if (!fresh) return at->second;
    if (const auto spec = market::find_root(root)) {
      at->second = {true, spec->symbol == symbol_, spec->settles, spec->multiplier, spec->strike_step};
    }
    return at->second;
  }

 private:
  std::string symbol_;
  std::map<std::string, root_facts> roots_;
};

std::string place(const market::raw_chain& raw, const raw_contract& c) {
  return raw.origin + ":" + std::to_string(c.line);
}

bool key_less(const raw_contract& a, const raw_contract& b) {
  if (a.id.expiry != b.id.expiry) return a.id.expiry < b.id.expiry;
  if (a.id.root != b.id.root) return a.id.root < b.id.root;
  if (a.id.strike != b.id.strike) return a.id.strike < b.id.strike;
  if (a.id.right != b.id.right) return a.id.right < b.id.right;
  return a.line < b.line;
}

/// Removes what is not of this symbol or has settled.
void drop_foreign(market::raw_chain& raw, root_table& roots, canonical_counts& counts) {
  std::map<market::expiry_key, bool> settled;
  std::erase_if(raw.contracts, [&](const raw_contract& c) {
    const root_facts& root = roots.of(c.id.root);
    if (!root.known) return ++counts.unknown_root, true;
    if (!root.ours) return ++counts.other_symbol, true;
    const auto [at, fresh] = settled.try_emplace({c.id.expiry, c.id.root});
    if (fresh) at->second = market::settlement_time(c.id.expiry, root.settles) <= raw.ts_event;
    if (at->second) return ++counts.expired, true;
    return false;
  });
}

/// Removes repetitions of a sorted list; refuses two that differ.
outcome<void> drop_repeated(market::raw_chain& raw, canonical_counts& counts) {
  auto& list = raw.contracts;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (kept > 0 && list[kept - 1].id == list[i].id) {
      if (list[kept - 1].state != list[i].state) {
        return fail(refusal::conflicting_rows, place(raw, list[kept - 1]) + " and " + place(raw, list[i]) + " give " +
                                                   market::to_ticker(list[i].id) + " different values");
      }
      ++counts.repeated;
      continue;
    }
    if (kept != i) list[kept] = std::move(list[i]);
    ++kept;
  }
  list.resize(kept);
  return {};
}

market::expiry_chain start_expiry(const raw_contract& c, const root_facts& root) {
  market::expiry_chain e;
  e.key = {c.id.expiry, c.id.root};
  e.settles = root.settles;
  e.settles_at = market::settlement_time(c.id.expiry, root.settles);
  e.multiplier = root.multiplier;
  return e;
}

}  // namespace

outcome<canonical_chain> canonicalise(market::raw_chain raw, const canonical_rule& rule) {
  canonical_chain out;
  canonical_counts& counts = out.counts;
  counts.rows = raw.contracts.size();
  if (counts.rows > contracts_max) {
    return fail(refusal::too_large, raw.origin + ": " + std::to_string(counts.rows) + " contracts");
  }
  root_table roots(rule.symbol);
  drop_foreign(raw, roots, counts);
  std::sort(raw.contracts.begin(), raw.contracts.end(), key_less);
  if (auto ok = drop_repeated(raw, counts); !ok) return std::unexpected(ok.error());

  market::chain_snapshot& chain = out.chain;
  chain.symbol = rule.symbol;
  chain.source = raw.source;
  chain.ts_event = raw.ts_event;
  chain.spot = raw.spot;

  std::set<date> dates;
  std::optional<strike_window> window;
  bool wanted = false;
  for (const raw_contract& c : raw.contracts) {
    if (chain.expiries.empty() || chain.expiries.back().key != market::expiry_key{c.id.expiry, c.id.root}) {
      dates.insert(c.id.expiry);
      wanted = rule.expiries_max == 0 || dates.size() <= rule.expiries_max;
      if (!wanted) {
        ++counts.outside;
        continue;
      }
      const root_facts& root = roots.of(c.id.root);
      chain.expiries.push_back(start_expiry(c, root));
      window.reset();
      if (rule.window) {
        window = rule.window(c.id.expiry, market::days_to_expiry(c.id.expiry, raw.ts_event), root.step);
        chain.expiries.back().atm = window->atm;
        chain.expiries.back().half_range = window->half_range;
      }
    }
    if (window && !rule.window_given && (c.id.strike < window->low || c.id.strike > window->high)) {
      ++counts.outside;
      continue;
    }
    ++counts.kept;
    chain.expiries.back().contracts.push_back({c.id.strike, c.id.right, c.state});
  }
  std::erase_if(chain.expiries, [](const market::expiry_chain& e) { return e.contracts.empty(); });
  if (chain.expiries.empty()) return fail(refusal::empty, raw.origin + ": no live contract of " + rule.symbol.str());
  return out;
}

}  // namespace isobar::chain_ingest
