#include "chain-ingest/domain/completeness.hpp"

#include <algorithm>

namespace isobar::chain_ingest {

completeness::completeness(std::map<date, strike_window> asked, completeness_limits limits)
    : asked_(std::move(asked)), limits_(limits) {}

outcome<void> completeness::add_page(date expiry, std::span<const market::raw_contract> contracts, std::uint64_t rows,
                                     const std::string& next) {
  const auto window = asked_.find(expiry);
  const std::string where = to_iso(expiry);
  if (window == asked_.end()) return fail(refusal::unasked, where + ": nobody asked for this expiry");
  answer& a = answers_[expiry];
  const std::string page = where + " page " + std::to_string(++a.pages);
  if (a.ended) return fail(refusal::repeated_page, page + ": came after the last page");
  if (a.pages > limits_.pages_max) {
    return fail(refusal::too_large, page + ": more than " + std::to_string(limits_.pages_max) + " pages");
  }
  if (next.empty()) {
    a.ended = true;
  } else {
    if (!next_urls_.insert(next).second) return fail(refusal::repeated_page, page + ": next_url leads in a circle");
    if (rows != limits_.page_size) {
      return fail(refusal::short_page, page + ": " + std::to_string(rows) + " contracts where a full page has " +
                                           std::to_string(limits_.page_size));
    }
  }
  for (const market::raw_contract& c : contracts) {
    const auto say = [&](const char* what) { return page + ": " + market::to_ticker(c.id) + " " + what; };
    if (c.id.expiry != expiry) return fail(refusal::unasked, say("is of another expiry"));
    if (c.id.strike < window->second.low || c.id.strike > window->second.high) {
      return fail(refusal::unasked, say("is outside the strike window"));
    }
    if (!seen_.insert(c.id).second) return fail(refusal::repeated_page, say("came twice"));
    if (c.id.strike < a.last_strike) return fail(refusal::not_monotone, say("comes after a higher strike"));
    a.last_strike = c.id.strike;
    a.contracts.push_back(c);
  }
  if (seen_.size() > limits_.contracts_max) return fail(refusal::too_large, page + ": too many contracts");
  return {};
}

void completeness::expect(const std::vector<market::option_id>& known) { known_ = known; }

outcome<void> completeness::covers(date expiry, const answer& a) const {
  const strike_window& w = asked_.at(expiry);
  const isobar::strike low = a.contracts.front().id.strike, high = a.contracts.back().id.strike;
  strike_width gap;
  for (std::size_t i = 1; i < a.contracts.size(); ++i) {
    gap = std::max(gap, distance(a.contracts[i - 1].id.strike, a.contracts[i].id.strike));
  }
  if (low <= w.atm - w.half_range + gap && high >= w.atm + w.half_range - gap) return {};
  return fail(refusal::window_not_covered, to_iso(expiry) + ": strikes " + std::to_string(low.value / nanos_per_unit) +
                                               " to " + std::to_string(high.value / nanos_per_unit) + " do not cover " +
                                               std::to_string((w.atm - w.half_range).value / nanos_per_unit) + " to " +
                                               std::to_string((w.atm + w.half_range).value / nanos_per_unit));
}

outcome<std::vector<market::raw_contract>> completeness::finish() {
  std::vector<market::raw_contract> all;
  for (const auto& [expiry, window] : asked_) {
    const auto found = answers_.find(expiry);
    if (found == answers_.end() || !found->second.ended) {
      return fail(refusal::missing_page, to_iso(expiry) + ": the last page did not come");
    }
    if (found->second.contracts.empty()) return fail(refusal::unanswered, to_iso(expiry) + ": no contract");
    if (auto ok = covers(expiry, found->second); !ok) return std::unexpected(ok.error());
    all.insert(all.end(), found->second.contracts.begin(), found->second.contracts.end());
  }
  for (const market::option_id& id : known_) {
    const auto window = asked_.find(id.expiry);
    if (window == asked_.end() || id.strike < window->second.low || id.strike > window->second.high) continue;
    if (!seen_.contains(id)) return fail(refusal::vanished, market::to_ticker(id) + " was there before and is missing");
  }
  if (all.empty()) return fail(refusal::unanswered, "no expiry was asked for");
  return all;
}

double completeness::ratio() const {
  if (asked_.empty()) return 0;
  const auto ended = std::count_if(answers_.begin(), answers_.end(), [](const auto& a) { return a.second.ended; });
  return static_cast<double>(ended) / static_cast<double>(asked_.size());
}

}  // namespace isobar::chain_ingest
