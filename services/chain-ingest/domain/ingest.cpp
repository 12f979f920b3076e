#include "chain-ingest/domain/ingest.hpp"

namespace isobar::chain_ingest {

std::string_view to_string(health h) {
  switch (h) {
    case health::empty:
      return "empty";
    case health::ok:
      return "ok";
    case health::partial:
      return "partial";
    case health::failed:
      return "failed";
    case health::slow:
      return "slow";
    case health::ended:
      return "ended";
  }
  return "unknown";
}

timestamp source_chain::ts_event() const {
  return std::visit([](const auto& c) { return c.ts_event; }, chain);
}

std::uint64_t ingest_counts::refused_total() const {
  std::uint64_t total = 0;
  for (const auto& [why, n] : refused) total += n;
  return total;
}

outcome<market::chain_snapshot> ingest::make(source_chain source) {
  if (auto* whole = std::get_if<market::chain_snapshot>(&source.chain)) {
    rows_ = {.rows = whole->contract_count()};
    raw_rows_ = {.rows = whole->contract_count()};
    std::erase_if(whole->expiries, [at = whole->ts_event](const auto& e) { return e.settles_at <= at; });
    rows_.kept = whole->contract_count();
    rows_.expired = rows_.rows - rows_.kept;
    if (rows_.kept == 0) return fail(refusal::empty, whole->source + ": no live contract");
    return std::move(*whole);
  }
  auto& raw = std::get<market::raw_chain>(source.chain);
  raw_rows_ = raw.counts;
  canonical_rule rule{.symbol = options_.symbol, .expiries_max = options_.expiries_max};
  if (!source.asked.empty()) {
    rule.window_given = true;
    rule.window = [&asked = source.asked](date expiry, std::int32_t, strike_width) {
      const auto found = asked.find(expiry);
      return found == asked.end() ? strike_window{} : found->second;
    };
  } else if (options_.window_em_mult && raw.spot != market::no_price) {
    rule.window = [spot = raw.spot, mult = *options_.window_em_mult](date, std::int32_t dte, strike_width step) {
      return make_window(spot, std::nullopt, mult, dte, step);
    };
  }
  auto made = canonicalise(std::move(raw), rule);
  if (!made) return std::unexpected(made.error());
  rows_ = made->counts;
  return std::move(made->chain);
}

outcome<std::shared_ptr<const market::chain_snapshot>> ingest::apply(source_chain source) {
  const timestamp at = source.ts_event();
  auto chain = make(std::move(source));
  if (chain && latest_ && at <= latest_->ts_event) {
    chain = fail(refusal::out_of_order, to_iso(at) + " is not after " + to_iso(latest_->ts_event));
  }
  if (!chain) {
    refused(chain.error().code, chain.error().evidence);
    return std::unexpected(chain.error());
  }
  latest_ = std::make_shared<const market::chain_snapshot>(std::move(*chain));
  ++counts_.published;
  health_ = health::ok;
  return latest_;
}

void ingest::refused(refusal why, std::string evidence) {
  ++counts_.refused[why];
  health_ = health::partial;
  last_refusal_ = std::string(to_string(why)) + ": " + std::move(evidence);
}

void ingest::failed(std::string evidence) {
  ++counts_.fetch_failures;
  health_ = health::failed;
  last_refusal_ = std::move(evidence);
}

}  // namespace isobar::chain_ingest
